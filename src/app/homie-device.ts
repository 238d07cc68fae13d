import { valueCodec } from '../codec/data-point/codec.ts'
import { abilitiesOf } from '../domain/ability.ts'
import { isLock } from '../domain/device.ts'
import { readOnly } from '../domain/specification.ts'
import type { DescribedDevice } from '../integration/homie/tree-parts.ts'
import type { DeviceRecord } from '../inventory/events.ts'
import type { Config } from './config-types.ts'
import type { HeldDevice } from './held-values.ts'

/** A device as the Homie tree needs it; undefined until its whole specification is known, and its document is held. */
export function describe(
  { operations }: Config,
  record: DeviceRecord | undefined,
  held: HeldDevice | undefined,
): DescribedDevice | undefined {
  const specification = record?.specification
  if (!record || !held || !specification || specification.partial) return undefined
  const { lanUp } = record
  const { facts, totals } = held
  const device = { ...record.device, online: record.device.online || lanUp }
  const mayWrite = !isLock(device) || operations.allow.includes('lock')
  const abilities = abilitiesOf(device.category, mayWrite ? specification : readOnly(specification))
  return {
    device,
    abilities,
    value: (code, view) => {
      const point = specification.points.get(code)
      const fact = facts.get(code)
      if (!point || !fact) return undefined
      if (view === null) return fact.value
      if (view === 'total') return totals.get(code)
      return valueCodec.views(point, fact.value).find(({ name }) => name === view)?.value
    },
    faults: [...specification.points.values()].flatMap(({ code, type, hidden }) => {
      const labels = type === 'bitmap' && !hidden ? facts.get(code)?.value : undefined
      return Array.isArray(labels) ? labels.map((label) => `${code} ${label}`) : []
    }),
  }
}
