import { describe, expect, it } from 'vitest'
import { tuyaMqttRemains, tuyaMqttSide } from '../../src/app/tuya-mqtt-side.ts'
import type { DataPoint } from '../../src/domain/data-point.ts'
import type { Device } from '../../src/domain/device.ts'
import { testConfig } from '../support/config.ts'
import { deviceOf, reportOf } from '../support/device.ts'
import { newInventory } from '../support/inventory.ts'
import { specification } from '../support/mirrored.ts'
import { point } from '../support/point.ts'
import { PublisherBench } from '../support/publisher-bench.ts'
import { SaidDocuments } from '../support/said-documents.ts'

const points: readonly DataPoint[] = [
  point('boolean', { code: 'switch_1', dpId: 1 }),
  point('integer', { code: 'level', dpId: 2 }),
  point('enum', { code: 'switch_mode1', dpId: 3, access: 'ro', momentary: true, range: ['click'] }),
]

class Bench {
  readonly #bench = new PublisherBench()
  readonly clock = this.#bench.clock
  readonly inventory = newInventory(this.clock)
  readonly documents = new SaidDocuments(this.inventory)
  readonly side

  constructor(devices: 'id' | 'name' = 'id') {
    const config = testConfig({ tuyaMqtt: { enabled: true, base: 'legacy', devices } } as never)
    this.side = tuyaMqttSide(config, this.inventory)
    this.#bench.publisher.resume()
    this.side?.follow(this.#bench.publisher, this.clock, this.documents)
  }

  add(id: string, changes: Partial<Device> = {}, of: readonly DataPoint[] | undefined = points): this {
    this.inventory.setDevices([deviceOf(id, changes)])
    if (of) this.inventory.setSpecification(id, specification(of))
    return this
  }

  report(
    id: string,
    values: Readonly<Record<string, unknown>>,
    source: 'queue' | 'poll' = 'queue',
    agoMs = 0,
  ) {
    this.inventory.apply(reportOf(id, values, this.clock.now() - agoMs, { source }))
  }

  /** Everything that left since it was asked last, in its order, by topic. */
  get left(): string[] {
    return this.#bench.flush().map(({ topic }) => topic)
  }

  /** The document of a device, as the bridge says it beside this tree. */
  document(device: string, seq: number): void {
    const payload = { text: `{"seq":${seq}}`, contentType: 'application/json' } as const
    this.#bench.publisher.retain(`device/${device}`, 'stateDevice', { device }, payload)
  }

  /** What left below the base since it was asked last, in its order. */
  said(): string[] {
    return this.#bench
      .flush()
      .filter(({ topic }) => topic.startsWith('legacy/'))
      .map(({ topic, payload, retain }) =>
        `${topic.slice('legacy/'.length)} ${payload}${retain ? '' : ' (once)'}`.trimEnd(),
      )
  }

  /** What a broker holds there. */
  get held(): Record<string, string> {
    this.#bench.flush()
    const all = [...this.#bench.retained].filter(([topic]) => topic.startsWith('legacy/'))
    return Object.fromEntries(all.map(([topic, payload]) => [topic.slice('legacy/'.length), payload]))
  }
}

describe('the tree of tuya-mqtt, of devices that change', () => {
  it('I-2: says values when their document is said, and behind it', () => {
    const bench = new Bench().add('a')
    bench.report('a', { switch_1: true })
    expect(bench.left).toHaveLength(4)
    bench.report('a', { switch_1: false })
    bench.document('a', 2)
    bench.report('a', { switch_1: true })
    expect(bench.left).toEqual([
      'tuya/state/device/a',
      'legacy/a/dps/1/state',
      'legacy/a/state',
      'legacy/a/dps/state',
    ])
    bench.add('a', { online: false })
    expect(bench.documents.hurried.at(-1)).toBe('a')
  })

  it('is there for who wants it alone', () => {
    expect(tuyaMqttSide(testConfig(), newInventory({ now: () => 0 }))).toBeUndefined()
  })

  it('says presence first, values when they are known, and each value that changes once', () => {
    const bench = new Bench().add('a')
    expect(bench.said()).toEqual(['a/status online'])
    bench.report('a', { switch_1: true, level: 5 })
    expect(bench.said()).toEqual([
      'a/dps/1/state true',
      'a/state ON',
      'a/dps/2/state 5',
      'a/dps/state {"1":true,"2":5}',
    ])
    bench.report('a', { switch_1: true, level: 5 })
    expect(bench.said()).toEqual([])
    bench.add('a', { online: false })
    expect(bench.said()).toEqual(['a/status offline'])
  })

  it('4.5: is online as soon as one of the ways says so, as everywhere else', () => {
    const bench = new Bench().add('a', { online: false })
    expect(bench.said()).toEqual(['a/status offline'])
    bench.inventory.setLan('a', true)
    expect(bench.said()).toEqual(['a/status online'])
    bench.add('a', { online: true })
    bench.inventory.setLan('a', false)
    expect(bench.said()).toEqual([])
    bench.add('a', { online: false })
    expect(bench.said()).toEqual(['a/status offline'])
  })

  it('moves with a name, and leaves nothing where it was', () => {
    const bench = new Bench('name').add('a', { name: 'Desk lamp' })
    bench.report('a', { switch_1: true })
    expect(Object.keys(bench.held)).toContain('desk_lamp/dps/1/state')
    bench.add('a', { name: 'Floor lamp' })
    expect(Object.keys(bench.held).sort()).toEqual([
      'floor_lamp/dps/1/state',
      'floor_lamp/dps/state',
      'floor_lamp/state',
      'floor_lamp/status',
    ])
  })

  it('takes over a name that another device loses by that, with nothing taken back of what it says there', () => {
    const bench = new Bench('name')
      .add('old', { name: 'Desk', createdMs: 1 })
      .add('young', { name: 'Lamp', createdMs: 2 })
    bench.report('old', { switch_1: true })
    bench.report('young', { switch_1: false })
    bench.said()
    bench.add('old', { name: 'Lamp', createdMs: 1 })
    expect(bench.held).toMatchObject({
      'lamp/status': 'online',
      'lamp/dps/1/state': 'true',
      'young/status': 'online',
      'young/dps/1/state': 'false',
    })
    expect(Object.keys(bench.held).filter((topic) => topic.startsWith('desk/'))).toEqual([])
  })

  it('goes with its device', () => {
    const bench = new Bench().add('a').add('b')
    bench.report('a', { switch_1: true })
    bench.inventory.removeDevice('a')
    expect(bench.held).toEqual({ 'b/status': 'online' })
  })

  it('loses the values of points that a device does not have any more', () => {
    const bench = new Bench().add('a')
    bench.report('a', { switch_1: true, level: 5 })
    bench.inventory.setSpecification('a', specification(points.filter(({ code }) => code !== 'level')))
    expect(Object.keys(bench.held).sort()).toEqual(['a/dps/1/state', 'a/dps/state', 'a/state', 'a/status'])
  })

  it('tells a press once, and one that is history not at all', () => {
    const bench = new Bench().add('a')
    bench.said()
    bench.report('a', { switch_mode1: 'click' })
    expect(bench.said()).toEqual(['a/dps/3/state click (once)'])
    bench.report('a', { switch_mode1: 'click' }, 'queue', 61_000)
    bench.report('a', { switch_mode1: 'click' }, 'poll')
    expect(bench.said()).toEqual([])
  })
})

describe('what an earlier run left in the tree of tuya-mqtt', () => {
  const left = new Set([
    'legacy/a/status',
    'legacy/a/dps/9/state',
    'legacy/gone/status',
    'legacy/slow/dps/1/state',
  ])

  it('goes when everything was read, but for what is said anew and for devices still to be described', () => {
    const bench = new Bench().add('a')
    bench.inventory.setDevices([deviceOf('slow')])
    bench.side?.neighbour.adopt(left)
    bench.said()
    bench.side?.settle()
    expect(bench.said()).toEqual(['a/dps/9/state', 'gone/status'])
    bench.inventory.removeDevice('slow')
    expect(bench.said()).toContain('slow/dps/1/state')
  })

  it('goes at once where it is found after that', () => {
    const bench = new Bench()
    bench.side?.settle()
    bench.side?.neighbour.adopt(new Set(['legacy/gone/status']))
    expect(bench.said()).toEqual(['gone/status'])
  })

  it('goes where the tree is off by now, all of it, and is looked for by the name that it had', () => {
    const cleared: string[] = []
    const remains = tuyaMqttRemains(testConfig({ tuyaMqtt: { base: 'legacy' } }), (topic) =>
      cleared.push(topic),
    )
    remains?.adopt(left)
    expect(cleared).toEqual([...left])
    expect(remains?.onceWas).toBe('tuya-mqtt')
    expect(remains?.filters).toContain('legacy/+/status')
  })

  it.each(['tuya', 'tuya/legacy'])('is left alone below %s, which could be our own tree', (base) => {
    const config = testConfig({ mqtt: { base: 'tuya' }, tuyaMqtt: { base } })
    expect(tuyaMqttRemains(config, () => {})).toBeUndefined()
  })
})
