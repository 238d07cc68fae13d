import type { Ability, AbilityKind, AbilityOf } from '../../domain/ability.ts'
import { type Component, categoryOf, compact, type DeviceContext } from './component.ts'
import {
  alarmComponent,
  climateComponent,
  coverComponent,
  fanComponent,
  humidifierComponent,
  lightComponent,
  lockComponent,
  sirenComponent,
  vacuumComponent,
} from './composite.ts'
import {
  binaryComponent,
  buttonComponent,
  eventComponent,
  numberComponent,
  selectComponent,
  sensorComponent,
  switchComponent,
  textComponent,
  valveComponent,
} from './simple.ts'

/** What each ability is in Home Assistant. */
const components: {
  readonly [K in AbilityKind]: (ability: AbilityOf<K>, context: DeviceContext) => Component
} = {
  light: lightComponent,
  cover: coverComponent,
  climate: climateComponent,
  fan: fanComponent,
  humidifier: humidifierComponent,
  vacuum: vacuumComponent,
  lock: lockComponent,
  siren: sirenComponent,
  alarm: alarmComponent,
  switch: switchComponent,
  valve: valveComponent,
  number: numberComponent,
  select: selectComponent,
  text: textComponent,
  button: buttonComponent,
  sensor: sensorComponent,
  binary: binaryComponent,
  event: eventComponent,
}

/** Named after the id and the key, which stay when the device is renamed. */
function uniqueId(deviceId: string, key: string): string {
  return `tuya_${deviceId}_${key}`
}

function component(ability: Ability, context: DeviceContext): Component {
  const translate = components[ability.kind] as (ability: Ability, context: DeviceContext) => Component
  const { platform, ...rest } = translate(ability, context)
  return {
    platform,
    unique_id: uniqueId(context.deviceId, ability.key),
    name: ability.name,
    ...categoryOf(ability.role),
    ...(ability.quiet ? { enabled_by_default: false } : {}),
    ...compact(rest),
  }
}

/** The entities of a device by their keys; a siren is also a switch, for consumers that know no sirens. */
export function deviceComponents(
  abilities: readonly Ability[],
  context: DeviceContext,
): Readonly<Record<string, Component>> {
  const found: Record<string, Component> = {}
  for (const ability of abilities) {
    found[ability.key] = component(ability, context)
    if (ability.kind !== 'siren') continue
    const { power, role, points } = ability
    const key = `${ability.key}_switch`
    const name = `${ability.name} switch`
    found[key] = component({ kind: 'switch', key, name, role, points, point: power, outlet: false }, context)
  }
  return found
}
