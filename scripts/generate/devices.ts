import { builtinModels, type DpEntry } from '../../src/simulator/world-file.ts'

/** What the demo's devices are, as a page: the models of the simulator with their data points. */
export function devicesPage(): string {
  const lines = [
    '# Devices',
    '',
    'dp2mqtt knows no device by its model: each tells its own specification, and everything follows from that. A device that the platform',
    'describes works, whatever its category; a data point that nobody describes is passed on as it comes (`dp_<number>`).',
    '',
    '| type on the wire | on MQTT | written as |',
    '| --- | --- | --- |',
    '| Boolean | `true` `false` | `true false on off 1 0 toggle` |',
    '| Integer | number in shown units, 215 with scale 1 is `21.5` | the same; off the grid it is adjusted, out of range refused |',
    '| Enum | the bare text | one of the texts |',
    '| String, Raw | the bare text, base64 | the same |',
    '| Json | JSON, also where the platform hides it in text; colours as `{"h","s","v"}` and views `hsv`, `rgb` | JSON; missing members of a colour keep their value |',
    '| Bitmap | list of labels; views `mask`, `active` | list of labels, or the integer |',
    '',
    'Presses, rings and unlocks are events, never state. Devices that open doors take commands only with class `lock` in `operations.allow`.',
    '',
    '## The models of the simulator',
    '',
    'Made from `world/models.json`. ro = reported only, wo = accepted only; points in italics stand outside the standard set and are known by',
    'the thing model alone.',
    '',
  ]
  for (const [name, model] of Object.entries(builtinModels())) {
    lines.push(`### ${name}`, '', `${model.productName}, category \`${model.category}\`.`, '')
    lines.push('| data point | DP | type | |', '| --- | --- | --- | --- |', ...model.dps.map(row), '')
  }
  return `${lines.join('\n').trimEnd()}\n`
}

function row(dp: DpEntry): string {
  const code = dp.standard === false ? `*${dp.code}*` : `\`${dp.code}\``
  return `| ${code} | ${dp.id} | ${dp.type} | ${[dp.access === 'rw' ? '' : dp.access, rangeOf(dp)].filter(Boolean).join(', ')} |`
}

function rangeOf(dp: DpEntry): string {
  const { min, max, scale, unit, range, label } = dp.values as Record<string, number & string & string[]>
  if (range) return (range as unknown as string[]).join(' ')
  if (label) return (label as unknown as string[]).join(' ')
  if (min === undefined || max === undefined) return ''
  const shown = (raw: number) => Number(`${raw}e${-(scale ?? 0)}`)
  return `${shown(min)} to ${shown(max)}${unit ? ` ${unit}` : ''}`
}
