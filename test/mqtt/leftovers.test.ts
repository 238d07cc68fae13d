import { beforeEach, describe, expect, it } from 'vitest'
import { AbsenceTracker } from '../../src/inventory/absence.ts'
import { Leftovers } from '../../src/mqtt/leftovers.ts'
import { words } from '../../src/mqtt/payload.ts'
import { PublisherBench } from '../support/publisher-bench.ts'

let bench: PublisherBench
let leftovers: Leftovers

beforeEach(() => {
  bench = new PublisherBench()
  bench.publisher.resume()
  leftovers = new Leftovers({
    tree: bench.tree,
    publisher: bench.publisher,
    clock: bench.clock,
    deviceOfName: (slug) => (slug === 'desk_lamp' ? 'lamp' : undefined),
    judges: {
      device: new AbsenceTracker(),
      home: new AbsenceTracker(),
      room: new AbsenceTracker(),
      scene: new AbsenceTracker(),
      automation: new AbsenceTracker(),
    },
  })
})

function adopt(...topics: string[]): void {
  for (const topic of topics) bench.retained.set(`tuya/${topic}`, 'old')
  leftovers.adopt(topics.map((topic) => `tuya/${topic}`))
}

function say(group: string, code: string): void {
  bench.publisher.retain(group, 'stateDp', { device: group.slice('device/'.length), code }, words('new'))
}

/** A list of devices arrives; the next would be more than a minute later. */
async function list(...ids: string[]): Promise<void> {
  leftovers.listed('device', new Set(ids), bench.clock.monotonic())
  await bench.clock.advance(61_000)
  bench.flush()
}

const left = () => [...bench.retained.keys()].map((topic) => topic.slice(5)).sort()

it('where no list will come, what else there was is cleared at once, and what is there stays', async () => {
  adopt('state/device/lamp', 'meta/device/plug', 'state/device/plug/dp/on', 'meta/home/h1', 'meta/scene/s1')
  const [some, none] = [new Set(['lamp']), new Set<string>()]
  leftovers.keepOnly({ device: some, home: none, room: none, scene: none, automation: none })
  await bench.clock.advance(2_000)
  bench.flush()
  expect(left()).toEqual(['state/device/lamp'])
})

describe('of a thing that exists', () => {
  it('what it does not say any more is cleared, what it says stays', async () => {
    adopt('state/device/lamp', 'state/device/lamp/dp/old', 'state/device/lamp/dp/on')
    say('device/lamp', 'on')
    leftovers.published('device/lamp')
    await bench.clock.advance(1_000)
    bench.flush()
    expect(left()).toEqual(['state/device/lamp/dp/on'])
    expect(leftovers.size).toBe(0)
  })

  it('what is said a moment later is never cleared', async () => {
    adopt('state/device/lamp/dp/on')
    leftovers.published('device/lamp')
    await bench.clock.advance(900)
    say('device/lamp', 'on')
    await bench.clock.advance(1_000)
    bench.flush()
    expect(bench.left.map(({ payload }) => payload)).toEqual(['new'])
  })

  it('nothing is decided before it is published', async () => {
    adopt('state/device/lamp/dp/old')
    for (let i = 0; i < 5; i++) await list('lamp')
    expect(left()).toEqual(['state/device/lamp/dp/old'])
  })

  it('copies under a name that it has belong to it', async () => {
    adopt('state/named/device/desk_lamp/dp/old')
    leftovers.settleRest()
    await bench.clock.advance(1_000)
    expect(bench.flush()).toEqual([])
    leftovers.published('device/lamp')
    await bench.clock.advance(1_000)
    bench.flush()
    expect(left()).toEqual([])
  })
})

describe('of a thing that is gone', () => {
  it('two lists a minute apart decide, and then it goes like any removed device', async () => {
    adopt('meta/device/gone', 'state/device/gone', 'state/device/gone/availability', 'state/device/lamp')
    await list('lamp')
    expect(bench.left).toEqual([])
    await list('lamp')
    expect(bench.left.map(({ topic, payload }) => `${topic.slice(5)} ${payload}`.trim())).toEqual([
      'state/device/gone/availability offline',
      'state/device/gone',
      'state/device/gone/availability',
      'meta/device/gone',
    ])
    expect(left()).toEqual(['state/device/lamp'])
  })

  it('two lists within a minute count as one', async () => {
    adopt('state/device/gone')
    const at = bench.clock.monotonic()
    leftovers.listed('device', new Set(['lamp']), at)
    leftovers.listed('device', new Set(['lamp']), at + 59_000)
    expect(bench.flush()).toEqual([])
  })

  it('empty lists decide nothing', async () => {
    adopt('state/device/gone')
    for (let i = 0; i < 4; i++) await list()
    expect(left()).toEqual(['state/device/gone'])
  })

  it('what comes back meanwhile begins anew', async () => {
    adopt('state/device/gone')
    await list('lamp')
    await list('lamp', 'gone')
    await list('lamp')
    expect(left()).toEqual(['state/device/gone'])
    await list('lamp')
    expect(left()).toEqual([])
  })

  it('homes and rooms go by their own lists', async () => {
    adopt('meta/home/1', 'meta/room/7')
    for (let i = 0; i < 2; i++) {
      leftovers.listed('home', new Set(['2']), bench.clock.monotonic())
      await bench.clock.advance(61_000)
    }
    bench.flush()
    expect(left()).toEqual(['meta/room/7'])
  })

  it('a topic that another thing says by now stays', async () => {
    adopt('state/device/gone/dp/on')
    bench.publisher.retain('device/other', 'stateDp', { device: 'gone', code: 'on' }, words('new'))
    await list('lamp')
    await list('lamp')
    expect(left()).toEqual(['state/device/gone/dp/on'])
  })
})

it('lists, names that nobody has and the bridge’s own topics are settled when everything was read once', async () => {
  adopt(
    'meta/index/devices',
    'meta/index/devices/2',
    'state/named/device/nobody',
    'bridge/catalog',
    'bridge/info',
  )
  bench.publisher.retain('index', 'metaIndex', { kind: 'devices' }, words('new'))
  bench.publisher.retain('bridge', 'bridgeInfo', {}, words('new'))
  leftovers.settleRest()
  await bench.clock.advance(1_000)
  bench.flush()
  expect(left()).toEqual(['bridge/info', 'meta/index/devices'])
})

it('what is decided while the broker is away is cleared when it is back', async () => {
  adopt('state/device/lamp/dp/old')
  bench.publisher.pause()
  leftovers.published('device/lamp')
  await bench.clock.advance(5_000)
  bench.publisher.resume()
  bench.flush()
  expect(left()).toEqual([])
})

it('leaves no timer behind', () => {
  adopt('state/device/lamp')
  leftovers.published('device/lamp')
  leftovers.stop()
  expect(bench.clock.waiting).toBe(0)
})

describe('copies of last events', () => {
  /** A copy that the first look found: it is ours, and it is a leftover. */
  function adoptCopy(group: string, topic: string): void {
    adopt(topic)
    bench.publisher.owned.put(group, { topic: `tuya/${topic}`, payload: 'old', qos: 1, retain: true })
  }

  it('of a device that exists stay', async () => {
    adoptCopy('device/lamp', 'last/device/lamp/online')
    leftovers.published('device/lamp')
    leftovers.settleRest()
    await bench.clock.advance(1_000)
    expect(bench.flush()).toEqual([])
  })

  it('of an action and of the queue, which belong to nothing, stay too', async () => {
    adoptCopy('last', 'last/queue/simStop')
    adoptCopy('automation/a', 'last/action/goodnight')
    leftovers.settleRest()
    await bench.clock.advance(1_000)
    expect(bench.flush()).toEqual([])
  })

  it('of a device that is gone go with it, before what it is', async () => {
    adopt('meta/device/old', 'state/device/old')
    adoptCopy('device/old', 'last/device/old/online')
    await list('lamp')
    expect(left()).toHaveLength(3)
    await list('lamp')
    expect(left()).toEqual([])
    expect(bench.left.map(({ topic }) => topic)).toEqual([
      'tuya/state/device/old',
      'tuya/last/device/old/online',
      'tuya/meta/device/old',
    ])
    expect(bench.publisher.owned.size).toBe(0)
  })

  it('of an automation that is gone go, its action too', async () => {
    adoptCopy('automation/a', 'last/automation/a/external_action')
    adoptCopy('automation/a', 'last/action/goodnight')
    for (const at of [0, 61_000]) leftovers.listed('automation', new Set(['b']), at)
    bench.flush()
    expect(left()).toEqual([])
  })
})
