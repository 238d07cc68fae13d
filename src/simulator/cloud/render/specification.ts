import { isStandard, type SimDevice, standardPoints } from '../../world/device.ts'
import type { DpEntry, ModelEntry } from '../../world-file.ts'

export function pointNameOf(device: SimDevice, dp: DpEntry): string {
  return device.pointNames.get(dp.code) ?? dp.name ?? dp.code
}

/** `values` is JSON text; functions are what is accepted, status what is reported. */
export function renderSpecification(device: SimDevice, withDpIds: boolean): object {
  const row = (dp: DpEntry) => ({
    code: dp.code,
    type: dp.type,
    values: JSON.stringify(dp.values),
    ...(withDpIds ? { dp_id: dp.id, name: pointNameOf(device, dp), lang_config: {} } : {}),
  })
  const dps = standardPoints(device.model)
  return {
    category: device.model.category,
    functions: dps.filter((dp) => dp.access !== 'ro').map(row),
    status: dps.filter((dp) => dp.access !== 'wo').map(row),
  }
}

function renderFunction(dp: DpEntry, name: string): object {
  return { code: dp.code, type: dp.type, values: JSON.stringify(dp.values), name, desc: name }
}

export function renderFunctions(device: SimDevice): object {
  const functions = standardPoints(device.model)
    .filter((dp) => dp.access !== 'ro')
    .map((dp) => renderFunction(dp, pointNameOf(device, dp)))
  return { category: device.model.category, functions }
}

/** All that any product of a category accepts. */
export function renderCategory(category: string, models: readonly ModelEntry[]): object {
  const byCode = new Map<string, DpEntry>()
  for (const dp of models.flatMap(standardPoints))
    if (dp.access !== 'ro' && !byCode.has(dp.code)) byCode.set(dp.code, dp)
  return { category, functions: [...byCode.values()].map((dp) => renderFunction(dp, dp.name ?? dp.code)) }
}

const thingTypes = {
  Boolean: 'bool',
  Integer: 'value',
  Enum: 'enum',
  String: 'string',
  Json: 'string',
  Raw: 'raw',
  Bitmap: 'bitmap',
} as const

const thingModes = { ro: 'ro', rw: 'rw', wo: 'wr' } as const

/** The thing model stands as JSON text inside JSON. */
export function renderThingModel(device: SimDevice): object {
  const properties = device.model.dps.map((dp) => ({
    abilityId: dp.id,
    accessMode: thingModes[dp.access],
    code: dp.thingCode ?? dp.code,
    description: '',
    name: dp.name ?? dp.code,
    typeSpec: { type: thingTypes[dp.type], ...dp.values, typeDefaultValue: dp.initial },
  }))
  const services = [{ actions: [], code: '', description: '', events: [], name: 'Default', properties }]
  return { model: JSON.stringify({ modelId: device.model.productId, services }) }
}

export function renderShadow(device: SimDevice, codes: readonly string[] | undefined): object {
  const rows = device.model.dps
    .filter((dp) => dp.access !== 'wo')
    .map((dp) => ({
      code: dp.thingCode ?? dp.code,
      custom_name: device.pointNames.get(dp.code) ?? '',
      dp_id: dp.id,
      time: device.updatedMs,
      value: device.status.get(dp.code),
    }))
  return { properties: codes ? rows.filter(({ code }) => codes.includes(code)) : rows }
}

const linkageTypes = new Set(['Boolean', 'Integer', 'Enum'])

/** What a scene or automation can use of a device. */
export function linkagePoints(device: SimDevice): {
  readonly functions: readonly DpEntry[]
  readonly status: readonly DpEntry[]
} {
  const dps = device.model.dps.filter((dp) => isStandard(dp) && linkageTypes.has(dp.type))
  return {
    functions: dps.filter((dp) => dp.access !== 'ro'),
    status: dps.filter((dp) => dp.access !== 'wo'),
  }
}

/**
 * Values are objects here, not text. For a home numbers are of type "value" and switches have none at all; for one
 * device all of them repeat their type.
 */
export function renderLinkage(device: SimDevice, of: 'home' | 'device'): object {
  const row = (dp: DpEntry) => {
    const { code, type } = dp
    const valuesType = of === 'home' && type === 'Integer' ? 'value' : type
    const values = of === 'home' && type === 'Boolean' ? {} : { values: { ...dp.values, type: valuesType } }
    return { code, name: pointNameOf(device, dp), type, ...values }
  }
  const { functions, status } = linkagePoints(device)
  return { device_id: device.id, functions: functions.map(row), status: status.map(row) }
}
