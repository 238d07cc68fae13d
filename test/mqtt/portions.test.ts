import { describe, expect, it } from 'vitest'
import { contains } from '../../src/mqtt/filter.ts'
import { namedIn, ownPortions, portionsAt } from '../../src/mqtt/portions.ts'
import { type Found, type ScanParts, scan } from '../../src/mqtt/scan.ts'
import { Branch, TopicTree, tuyaMqttTopics } from '../../src/mqtt/topic.ts'
import { ScriptedConnector, type ScriptedLink } from '../support/scripted-link.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const tree = new TopicTree('tuya')

/** What mosquitto queues, and the socket; what is more than that when nobody reads is dropped without a word, the marker too. */
const queue = 2_000

function stingy(link: ScriptedLink, stored: readonly string[]): void {
  let waiting = 0
  link.subscribes = async () => {
    const [filter = ''] = link.subscribed.at(-1) ?? []
    // What is without a wildcard tells most topics apart, faster than the whole filter does.
    const word = filter.split('/').findLast((level) => !/[+#]/.test(level)) ?? ''
    for (const topic of stored)
      if (topic.includes(word) && contains(filter, topic) && ++waiting <= queue)
        link.hear(topic, `text of ${topic}`, true)
  }
  const publish = link.publish.bind(link)
  link.publish = (message, done) => {
    link.deaf = waiting > queue
    publish(message, done)
    // By the time that the marker is back, or is said again, all of it was read.
    queueMicrotask(() => {
      waiting = 0
    })
  }
}

async function read(
  stored: readonly string[],
  more: Partial<ScanParts>,
  filters = [tree.everything],
  wanted: (topic: string) => boolean = () => false,
): Promise<{ found: Found; link: ScriptedLink; clock: VirtualClock }> {
  const connector = new ScriptedConnector()
  connector.prepare = (link) => stingy(link, stored)
  const clock = new VirtualClock()
  const { signal } = new AbortController()
  const parts = { connector, tree, clock, token: 'token', signal, ...more }
  const found = await clock.during(scan(parts, filters, wanted))
  return { found, link: connector.last, clock }
}

const times = <T>(count: number, make: (i: number) => T) => Array.from({ length: count }, (_, i) => make(i))

/** An installation of our own, as a broker keeps it. */
function house(devices: number): string[] {
  return [
    'tuya/bridge/info',
    'tuya/meta/home/h1',
    ...times(devices, (i) => [
      `tuya/meta/device/d${i}`,
      `tuya/state/device/d${i}/availability`,
      `tuya/state/named/device/name${i}`,
      `tuya/state/named/device/name${i}/availability`,
      ...times(9, (dp) => `tuya/state/device/d${i}/dp/p${dp}`),
    ]).flat(),
  ]
}

describe('a tree that is more than a broker hands out at once', () => {
  it('is found whole, in small parts', async () => {
    const stored = house(600)
    const { found, clock } = await read(stored, { portions: ownPortions(tree) })
    expect(found.topics.size).toBe(stored.length)
    expect(clock.waiting).toBe(0)
  })

  it('of another program is found whole by what stands on one of its levels', async () => {
    const sought = new Branch('x/tuya', tuyaMqttTopics)
    const stored = times(600, (i) => times(12, (dp) => `x/tuya/d${i}/dps/${dp + 1}/state`)).flat()
    const filters = ['x/tuya/+/dps/+/state']
    const { found } = await read(stored, { sought, portions: portionsAt(2) }, filters)
    // Of devices of which nothing came at first nobody knows.
    expect(found.topics.size).toBeGreaterThanOrEqual(2_000)
    expect(found.topics.size % 12).toBe(0)
  })

  it('of Homie is found whole where our own tree names the devices', async () => {
    const ids = times(600, (i) => `d${i}`)
    const stored = ids.flatMap((id) => times(15, (at) => `homie/tuya-main-${id}/light/$attribute${at}`))
    const portions = { names: [], of: () => ids.map((id) => `homie/tuya-main-${id}/#`) }
    const { found, link } = await read(stored, { portions }, ['homie/+/#'], (topic) =>
      topic.startsWith('homie/'),
    )
    expect(found.others.size).toBe(stored.length)
    expect(link.subscribed).toHaveLength(2 + ids.length)
  })

  it('is kept with what is wanted of its payloads, each read once', async () => {
    const stored = times(6_000, (i) => `homie/a${i}/$state`)
    const kept: string[] = []
    const keep = (topic: string) => {
      kept.push(topic)
      return 'short'
    }
    const portions = { names: ['homie/+/$state'], of: () => times(6_000, (i) => `homie/a${i}/#`) }
    const { found } = await read(stored, { portions, keep }, ['homie/+/#'], (topic) =>
      topic.startsWith('homie/'),
    )
    expect(found.others.get('homie/a5999/$state')).toBe('short')
    expect(new Set(kept).size).toBe(kept.length)
  })
})

it('a tree that a broker hands out at once is read once', async () => {
  const { found, link } = await read(house(50), { portions: ownPortions(tree) })
  expect(found.topics.size).toBe(652)
  expect(link.subscribed.map(([filter]) => filter)).toEqual(['tuya/#'])
})

it('I-7: the payloads that are kept have a limit together, beyond which the topics are still found', async () => {
  const connector = new ScriptedConnector()
  const long = 'x'.repeat(100 * 1024)
  connector.prepare = (link) => {
    link.subscribes = async () => {
      for (let i = 0; i < 1_000; i++) link.hear(`tuya/state/device/d${i}`, long, true)
    }
  }
  const clock = new VirtualClock()
  const { signal } = new AbortController()
  const parts = { connector, tree, clock, token: 'token', signal }
  const { topics, payloads } = await clock.during(scan(parts, [tree.everything], () => true))
  expect(topics.size).toBe(1_000)
  expect(payloads.size).toBe(655)
})

it('devices and homes of an earlier run are those that our own tree names', () => {
  const topics = new Set([
    'tuya/meta/device/a',
    'tuya/state/device/b/dp/x',
    'tuya/meta/home/h',
    'tuya/bridge/info',
  ])
  expect(namedIn(tree, { topics }, 'device')).toEqual(['a', 'b'])
  expect(namedIn(tree, { topics }, 'home')).toEqual(['h'])
})
