import { readSpecification } from '../../src/codec/cloud/specification.ts'
import { hints } from '../../src/domain/ability/hint.ts'
import { abilitiesOf } from '../../src/domain/ability.ts'
import type { Category } from '../../src/domain/category/category.ts'
import { categories } from '../../src/domain/category/index.ts'
import type { Specification } from '../../src/domain/data-point.ts'
import { joinSpecification } from '../../src/domain/specification.ts'
import { builtinModels, type DpEntry, type ModelEntry } from '../../src/simulator/world-file.ts'

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
    '## What devices can do',
    '',
    'Consumers are told abilities: what the points of a device are good for, alone or together. These categories are known by what they',
    'have together; the devices of every other category have one control for each of their points. Corrections (`overrides` in the',
    '[configuration](configuration.md)) change scale, unit, name and direction of a point, hide it, or say what it is good for.',
    '',
    '| devices | categories | entity topics |',
    '| --- | --- | --- |',
    ...categories.map(
      ({ name, codes, rules = [] }) =>
        `| ${name} | ${codes.map(quoted).join(' ')} | ${entityKeys(rules).map(quoted).join(' ')} |`,
    ),
    '',
    `Beside the category, ${hints.length} patterns of codes say what a point measures or whether it is something to set up. Entity topics are`,
    '`state/device/<id>/entity/<key>` and `cmd/device/<id>/entity/<key>` ([topics](topics.md)).',
    '',
    '## The models of the simulator',
    '',
    'Made from `world/models.json`. ro = reported only, wo = accepted only; points in italics stand outside the standard set and are known by',
    'the thing model alone.',
    '',
  ]
  for (const [name, model] of Object.entries(builtinModels())) {
    lines.push(`### ${name}`, '', `${model.productName}, category \`${model.category}\`.`, '')
    const abilities = abilitiesOf(model.category, specification(model))
    lines.push(
      `Found as: ${abilities.map(({ key, kind }) => `${kind} \`${key}\``).join(', ') || 'nothing'}.`,
      '',
    )
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

function quoted(text: string): string {
  return `\`${text}\``
}

/** The keys that its rules give to a device that has every point they could wish for. */
function entityKeys(rules: NonNullable<Category['rules']>): readonly string[] {
  const types = ['boolean', 'enum', 'integer', 'json'] as const
  const found = rules.flatMap((rule) =>
    rule({
      find: (codes, fits = () => true) =>
        codes.flatMap((code) => types.map((type) => richPoint(code, type)).filter(fits))[0],
      matching: () => [],
    }),
  )
  return [...new Set(found.map(({ key }) => key))]
}

function richPoint(code: string, type: 'boolean' | 'enum' | 'integer' | 'json') {
  const { points } = joinSpecification(
    {
      standard: [{ code, type, access: 'rw', range: ['a'], colour: { h: 1, s: 1, v: 1 } }],
      thing: [],
      shadow: [],
    },
    {},
  )
  const point = points.get(code)
  if (!point) throw new Error(`no point ${code}`)
  return point
}

function specification({ dps }: ModelEntry): Specification {
  const row = ({ id, code, type, values }: DpEntry) => ({ code, type, values, dp_id: id })
  const functions = dps.filter(({ access }) => access !== 'ro').map(row)
  const status = dps.filter(({ access }) => access !== 'wo').map(row)
  return joinSpecification({ standard: readSpecification({ functions, status }), thing: [], shadow: [] }, {})
}
