import type {
  Body,
  Checked,
  DefinitionContext,
  DefinitionFault,
  References,
  ReferredDevice,
  WeatherKind,
} from '../../../domain/definition.ts'
import { BridgeError } from '../../../util/error.ts'
import { asNumber, isRecord } from '../../../util/json.ts'
import { type AnyArguments, rootBody } from '../operation.ts'
import { checkAutomation, checkScene } from './check.ts'
import { checkDevice, checkScene as checkSceneId } from './check-reference.ts'
import { checkTrigger } from './check-trigger.ts'
import { checkBinding } from './check-value.ts'
import type { Checking } from './report.ts'
import { entityTypes } from './write.ts'

export interface CallContext {
  readonly references: References
  readonly weather?: readonly WeatherKind[]
}

type Check = (operation: string, params: AnyArguments, context: CallContext) => AnyArguments

/** Operations whose parameters speak of more than an id, and what looks into them. */
const checks: Readonly<Record<string, Check>> = {
  'scene-create': definition(checkScene, ['home_id']),
  'scene-update': definition(checkScene, ['home_id', 'scene_id']),
  'automation-create': (operation, params, context) =>
    withoutConditionIds(definition(checkAutomation, ['home_id'])(operation, params, context)),
  'automation-update': definition(checkAutomation, ['home_id', 'automation_id']),
  'device-scene-bind': binding,
  'device-scene-unbind': binding,
  'automation-external-trigger': trigger,
}

/**
 * The parameters of an operation as they go out, when they define a scene or an automation, bind one to a key or
 * speak of stored conditions; all others as they came. Throws BridgeError with one entry in `details` for each fault.
 */
export function checkedCall(operation: string, params: AnyArguments, context: CallContext): AnyArguments {
  const check = Object.hasOwn(checks, operation) ? checks[operation] : undefined
  return check ? check(operation, params, context) : params
}

/** Whether the check of an operation asks what weather there is to wait for. */
export function waitsForWeather(operation: string, params: AnyArguments): boolean {
  const { conditions } = params
  return (
    (operation === 'automation-create' || operation === 'automation-update') &&
    Array.isArray(conditions) &&
    conditions.some((each) => isRecord(each) && asNumber(each['entity_type']) === entityTypes.weather)
  )
}

/** `beside` stand in the address and not in the definition. */
function definition<T>(
  check: (input: unknown, context: DefinitionContext) => Checked<T>,
  beside: readonly string[],
): Check {
  return (operation, params, context) => {
    const { references, weather } = context
    const home = params['home_id']
    const homeId = typeof home === 'string' || typeof home === 'number' ? String(home) : null
    const checked = check(
      part(params, (name) => !beside.includes(name)),
      {
        homeId,
        references,
        ...(weather === undefined ? {} : { weather }),
      },
    )
    if (!checked.ok) throw refusal(operation, checked.faults)
    return { ...part(params, (name) => beside.includes(name)), ...checked.body }
  }
}

/** The platform numbers external conditions itself; those of another automation must not come along. */
function withoutConditionIds(params: AnyArguments): AnyArguments {
  const conditions = params['conditions'] as readonly Body[]
  return {
    ...params,
    conditions: conditions.map((condition) => {
      const { entity_id: id, ...rest } = condition
      return condition['entity_type'] === 15 || id === undefined ? rest : condition
    }),
  }
}

/** The key must be one of the device, its value one that the key can have, the scene one of the same home. */
function binding(operation: string, params: AnyArguments, { references }: CallContext): AnyArguments {
  const faults: DefinitionFault[] = []
  const { device_id: deviceId, scene_id: sceneId } = params
  const checking: Checking = { homeId: null, references, report: (fault) => faults.push(fault) }
  let device: ReferredDevice | undefined
  if (typeof deviceId === 'string') device = checkDevice(checking, deviceId, '/device_id')
  if (typeof sceneId === 'string')
    checkSceneId({ ...checking, homeId: device?.homeId || null }, sceneId, '/scene_id')
  if (device) checkBinding(checking, device, params['code'], params['value'])
  if (faults.length > 0) throw refusal(operation, faults)
  return params
}

/** An automation that is not known here is left to the platform: it may be new. */
function trigger(operation: string, params: AnyArguments, { references }: CallContext): AnyArguments {
  const { automation_id: id, home_id: home } = params
  const automation = typeof id === 'string' ? references.automation(id) : undefined
  if (automation === undefined) return params
  const faults: DefinitionFault[] = []
  const report = (fault: DefinitionFault) => faults.push(fault)
  if (home !== undefined && automation.homeId !== '' && String(home) !== automation.homeId)
    report({
      path: '/home_id',
      message: `Automation ${automation.name} belongs to home ${automation.homeId}, not to ${String(home).slice(0, 64)}.`,
      nearest: automation.homeId,
    })
  checkTrigger({ homeId: null, references, report }, automation, params[rootBody], `/${rootBody}`)
  if (faults.length > 0) throw refusal(operation, faults)
  return params
}

function refusal(operation: string, faults: readonly DefinitionFault[]): BridgeError {
  const more = faults.length === 1 ? '' : ` And ${faults.length - 1} more.`
  return new BridgeError('command/bad-param', `${operation}: ${faults[0]?.message}${more}`, {
    details: faults,
  })
}

function part(params: AnyArguments, takes: (name: string) => boolean): Record<string, unknown> {
  return isRecord(params) ? Object.fromEntries(Object.entries(params).filter(([name]) => takes(name))) : {}
}
