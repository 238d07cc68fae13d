import type { PagePoint } from '../src/app/page/protocol.ts'

/** With what a point is changed, or that it is only read. */
export type ControlKind =
  | 'switch'
  | 'slider'
  | 'colour'
  | 'cover'
  | 'thermostat'
  | 'select'
  | 'number'
  | 'text'
  | 'press'
  | 'reading'

export interface Control {
  readonly kind: ControlKind
  readonly point: PagePoint
  /** Where it stands on the card of its device, from 1 on; 0 = among the details alone. */
  readonly rank: number
}

interface Row {
  readonly code: RegExp
  readonly type: PagePoint['type']
  readonly kind: ControlKind
  readonly rank: number
}

/**
 * Codes whose control or place is another than their type alone would tell. The one place that knows codes; what it
 * does not know is chosen by type.
 */
const table: readonly Row[] = [
  {
    code: /^(switch_led(_\d)?|switch|switch_\d|power|start|fan_switch)$/,
    type: 'boolean',
    kind: 'switch',
    rank: 1,
  },
  { code: /^muffling$/, type: 'boolean', kind: 'switch', rank: 4 },
  { code: /^(control|mach_operate)(_\d)?$/, type: 'enum', kind: 'cover', rank: 1 },
  { code: /^(percent_control|position)(_\d)?$/, type: 'integer', kind: 'slider', rank: 2 },
  {
    code: /^(temp_set(_f)?|target_temp|upper_temp_f?|set_temp)$/,
    type: 'integer',
    kind: 'thermostat',
    rank: 2,
  },
  { code: /^bright_value(_v2|_\d)?$/, type: 'integer', kind: 'slider', rank: 2 },
  { code: /^temp_value(_v2|_\d)?$/, type: 'integer', kind: 'slider', rank: 3 },
  { code: /^(colour_data(_v2|_hsv)?|colour)$/, type: 'json', kind: 'colour', rank: 4 },
  { code: /^(mode|fan_speed_enum|level|suction)$/, type: 'enum', kind: 'select', rank: 5 },
  { code: /^fan_speed(_percent)?$/, type: 'integer', kind: 'slider', rank: 3 },
]

/** What is read on the card, most telling first. */
const readings: readonly RegExp[] = [
  /^(temp_current|va_temperature|temperature)$/,
  /^(va_humidity|humidity_value|humidity)$/,
  /^(cur_power|total_power|active_power)$/,
  /^(doorcontact_state|closed_opened)$/,
  /^(pir|presence_state)$/,
  /^(watersensor_state|smoke_sensor_status|smoke_sensor_state|gas_sensor_status|gas_sensor_state)$/,
  /^(percent_state|work_state|valve_state|status)$/,
  /^(total_forward_energy|add_ele)$/,
  /^(battery_percentage|residual_electricity|battery_state|va_battery)$/,
  /^(temper_alarm|bright_value|co2_value|pm25_value)$/,
]

/** So many steps are a slider; more are a number. */
const stepsAtMost = 10_000

export function controlOf(point: PagePoint, barred = false): Control {
  if (barred || point.access === 'ro') return { kind: 'reading', point, rank: 0 }
  if (point.access === 'wo' || point.once) {
    const hasChoices = point.type === 'boolean' || (point.type === 'enum' && point.range !== null)
    return { kind: hasChoices ? 'press' : 'text', point, rank: 0 }
  }
  const row = table.find(({ code, type }) => type === point.type && code.test(point.code))
  if (row && fits(row.kind, point)) return { kind: row.kind, point, rank: row.rank }
  return { kind: byType(point), point, rank: 0 }
}

/** What stands on the card of a device: what one would reach for first, and what one would look at. */
export function cardOf(
  points: readonly PagePoint[],
  barred = false,
): { readonly controls: readonly Control[]; readonly readings: readonly PagePoint[] } {
  const controls = points
    .map((point) => controlOf(point, barred))
    .filter(({ rank }) => rank > 0)
    .sort((a, b) => a.rank - b.rank)
    .slice(0, 4)
  const shown = readings
    .flatMap((pattern) => points.find(({ code, access }) => access === 'ro' && pattern.test(code)) ?? [])
    .slice(0, 3)
  return { controls, readings: shown }
}

/** Whether a control can do with what the specification says. */
function fits(kind: ControlKind, { min, max, range, colour }: PagePoint): boolean {
  switch (kind) {
    case 'cover':
      return ['open', 'close'].every((word) => range?.includes(word))
    case 'slider':
    case 'thermostat':
      return min !== null && max !== null && max > min
    case 'select':
      return range !== null
    case 'colour':
      return colour !== null
    default:
      return true
  }
}

function byType({ type, min, max, step, range, colour }: PagePoint): ControlKind {
  switch (type) {
    case 'boolean':
      return 'switch'
    case 'integer':
      return min !== null && max !== null && max > min && (max - min) / (step || 1) <= stepsAtMost
        ? 'slider'
        : 'number'
    case 'enum':
      return range === null ? 'text' : 'select'
    case 'json':
      return colour === null ? 'text' : 'colour'
    case 'string':
    case 'raw':
    case 'bitmap':
    case 'unknown':
      return 'text'
  }
}
