import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { LivingDevice, LivingPoint } from '../../../src/integration/living-device.ts'
import { houseFlows } from '../../../src/integration/node-red/device-flow.ts'
import type { FlowNode } from '../../../src/integration/node-red/node.ts'
import { isFilter } from '../../../src/mqtt/filter.ts'
import { TopicTree, topics } from '../../../src/mqtt/topic.ts'

const examples = new URL('../../../examples/node-red/', import.meta.url)

const point = (code: string, more: Partial<LivingPoint> = {}): LivingPoint => ({
  code,
  type: 'boolean',
  access: 'rw',
  name: null,
  unit: null,
  min: null,
  max: null,
  range: [],
  momentary: false,
  ...more,
})

const lamp: LivingDevice = {
  id: 'bf3c9a7d41e0b2f6aaw1vn',
  name: 'Desk lamp',
  home: 'Home',
  room: 'Living room',
  points: [
    point('switch_led'),
    point('work_mode', { type: 'enum', range: ['white', 'colour'] }),
    point('bright_value_v2', { type: 'integer', min: 10, max: 1000 }),
    point('battery', { type: 'integer', access: 'ro', unit: '%' }),
    point('control_data', { type: 'json', access: 'wo' }),
    point('switch_mode1', { type: 'enum', access: 'ro', momentary: true }),
  ],
}

const broker = { host: 'broker.example', port: 8883, tls: true, protocolVersion: 5 } as const
const exported = (devices: readonly LivingDevice[]) =>
  houseFlows({ base: 'house/tuya', instance: 'main', broker, devices }) as readonly FlowNode[]

const files = readdirSync(examples).filter((name) => name.endsWith('.json'))
const flows = [
  ...files.map(
    (name) =>
      [name, 'tuya', JSON.parse(readFileSync(new URL(name, examples), 'utf8')) as FlowNode[]] as const,
  ),
  ['exported', 'house/tuya', exported([lamp])] as const,
]

describe.each(flows)('the flow %s', (_name, base, nodes) => {
  const known = new Map(nodes.map((node) => [node.id, node]))
  const tree = new TopicTree(base)

  it('has ids of its own, and every wire and reference leads to one of them', () => {
    expect(known.size).toBe(nodes.length)
    for (const { id, z, wires = [], broker: connection, tls, links = [] } of nodes) {
      const ends = [z, tls, connection, ...(links as string[]), ...(wires as string[][]).flat()]
      const named = ends.filter((end) => typeof end === 'string' && end.length === 16)
      for (const end of named) expect(known.has(end as string), `${id} -> ${end}`).toBe(true)
    }
  })

  it('listens to topics of the table alone', () => {
    const listening = nodes.filter(({ type }) => type === 'mqtt in')
    expect(listening.length).toBeGreaterThan(0)
    for (const { topic } of listening) {
      expect(isFilter(topic as string), topic as string).toBe(true)
      const parsed = tree.parse((topic as string).replaceAll('+', 'x'))
      expect(parsed && topics[parsed.name].direction, topic as string).toBe('publish')
    }
  })

  it('publishes commands alone, and never retained', () => {
    for (const { type, topic, retain } of nodes) {
      if (type !== 'mqtt out') continue
      const parsed = tree.parse(topic as string)
      expect(parsed && topics[parsed.name].direction, topic as string).toBe('obey')
      expect(retain).toBe('false')
    }
  })

  it('needs core nodes alone, and holds no secret', () => {
    const core =
      /^(tab|mqtt (in|out)|mqtt-broker|tls-config|inject|debug|change|switch|function|comment|http (in|response))$/
    for (const { type, ...rest } of nodes) {
      expect(type).toMatch(core)
      expect(Object.keys(rest)).not.toContain('credentials')
    }
  })

  it('lies on the grid of one screen’s width, no node upon another', () => {
    const places = nodes.filter(({ x }) => x !== undefined).map(({ z, x, y }) => `${z} ${x} ${y}`)
    expect(new Set(places).size).toBe(places.length)
  })
})

it('files imported together share their connection and nothing else', () => {
  const owners = new Map<string, Set<string>>()
  for (const [name, , nodes] of flows)
    for (const { id, type } of nodes)
      owners.set(id, (owners.get(id) ?? new Set()).add(type === 'mqtt-broker' ? 'broker' : name))
  for (const [id, of] of owners) expect([...of], id).toHaveLength(1)
})

describe('an exported house', () => {
  const of = (type: string) => exported([lamp]).filter((node) => node.type === type)

  it('connects where the configuration does, with its protocol', () => {
    expect(of('mqtt-broker')).toMatchObject([
      { broker: 'broker.example', port: '8883', usetls: true, protocolVersion: '5' },
    ])
    expect(of('tls-config')).toMatchObject([{ verifyservercert: true }])
  })

  it('has a tab for each room, in their order', () => {
    const shed = { ...lamp, id: 'bf00', name: 'Fan', room: '', home: '' }
    const tabs = exported([shed, lamp, { ...lamp, id: 'bf01' }]).filter(({ type }) => type === 'tab')
    expect(tabs.map(({ label }) => label)).toEqual(['Home, Living room', 'No room'])
  })

  it('shows what is reported and offers what can be written', () => {
    const shown = of('mqtt in').map(({ name }) => name)
    expect(shown).toEqual([
      'reachable',
      'answers',
      'switch_led',
      'work_mode',
      'bright_value_v2',
      'battery (%)',
    ])
    expect(of('inject').map(({ name }) => name)).toEqual([
      'switch_led toggle',
      'switch_led true',
      'switch_led false',
      'work_mode white',
      'work_mode colour',
      'bright_value_v2 10',
      'bright_value_v2 1000',
    ])
    expect(of('mqtt out').map(({ topic }) => topic)).toContain(
      'house/tuya/cmd/device/bf3c9a7d41e0b2f6aaw1vn/dp/work_mode',
    )
  })

  it('has the same ids every time, whatever a device is called', () => {
    const ids = (name: string) => exported([{ ...lamp, name }]).map(({ id }) => id)
    expect(ids('Desk lamp')).toEqual(ids('Another name'))
  })
})
