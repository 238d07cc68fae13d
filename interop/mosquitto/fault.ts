import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Court } from '../court.ts'
import { Mosquitto } from './broker.ts'
import { converged, difference, expectedTree, stored } from './expected.ts'
import { BrokerProxy } from './proxy.ts'
import { named, Rig, type Version, versions } from './rig.ts'
import { busy, largeWorld } from './world.ts'

/** The rows of the fault matrix that need a broker which is not ours. */
export async function judgeFaults(court: Court): Promise<void> {
  const each = (row: string, what: string, show: (version: Version) => Promise<unknown>) =>
    versions.map((version) => court.check(`${row}, ${named(version)}: ${what}`, () => show(version)))
  // Most of these wait: a few at a time take no longer than the longest, and do not disturb each other.
  await Promise.all([
    cleanRestarts(court),
    ...each('B3', 'refused for a minute, it waits without growing, and all is true soon after', refused),
  ])
  await Promise.all([
    ...each('B4', 'a connection that swallows everything is replaced', halfOpen),
    ...each('B5', 'frozen for 30 s, the broker is left and found again', frozen),
  ])
  await Promise.all([
    ...each('B10', 'an access list that denies everything shuts the gate; new rights open it', deniesAll),
    ...each('B10', 'an access list that denies some topics leaves the others unhurt', deniesSome),
    court.check('a broker that refuses MQTT 5 is spoken to in 3.1.1', fallsBack),
  ])
  await Promise.all([
    ...each('B11', 'max_packet_size below ours costs the one message that is too large', packetSize),
    ...each('B11', 'message_size_limit below ours costs the one message that is too large', messageSize),
  ])
  await Promise.all(each('B2', 'killed with 250 devices retained, everything is there again', killed))
}

const restartsOfEach = 5
/** A connection that drops younger than this counts as a quarrel over the client id. */
const oldEnoughMs = 10_500

/** B1: four houses, so that twenty restarts do not take twenty times as long. */
async function cleanRestarts(court: Court): Promise<void> {
  const took: number[] = []
  const house = async (version: Version, persistent: boolean) => {
    const lines = persistent ? ['persistence true', 'persistence_location FOLDER/data/'] : []
    await using broker = await Mosquitto.start({ lines })
    await using rig = await Rig.open({ broker: broker.place, version })
    await rig.ready()
    using _load = busy(rig, 100)
    for (let i = 0; i < restartsOfEach; i++) {
      await sleep(oldEnoughMs)
      await broker.stop('SIGTERM')
      await sleep(1_000)
      await broker.startAgain()
      took.push(await rig.linkTurns('up', 20_000))
    }
    _load[Symbol.dispose]()
    await converged(rig, 15_000)
  }
  await court.check(
    `B1: ${4 * restartsOfEach} clean restarts of the broker under load, with and without persistence`,
    async () => {
      await Promise.all([house(5, true), house(5, false), house(4, true), house(4, false)])
      took.sort((a, b) => a - b)
      const p95 = took[Math.ceil(took.length * 0.95) - 1] ?? 0
      assert.equal(took.length, 4 * restartsOfEach)
      assert.ok(p95 <= 5_000, `publishing again p95 ${p95} ms`)
      return `publishing again p95 ${Math.round(p95)} ms, longest ${Math.round(took.at(-1) ?? 0)} ms`
    },
  )
}

async function killed(version: Version): Promise<string> {
  await using broker = await Mosquitto.start({ lines: ['max_queued_messages 10000'] })
  await using rig = await Rig.open({ broker: broker.place, version, world: largeWorld(250) })
  await rig.ready()
  await converged(rig, 30_000)
  await sleep(oldEnoughMs)
  await broker.stop('SIGKILL')
  await broker.startAgain()
  assert.equal((await stored(rig)).size, 0)
  const linkMs = await rig.linkTurns('up', 15_000)
  const sinceMs = performance.now()
  const wholeMs = await converged(rig, 20_000, sinceMs)
  assert.ok(wholeMs <= 10_000, `${wholeMs} ms`)
  const { size } = expectedTree(rig.simulator.world)
  return `${size} topics equal ${Math.round(wholeMs)} ms after the connection, which took ${Math.round(linkMs)} ms`
}

const outageMs = 60_000
const growthMiB = 32

async function refused(version: Version): Promise<string> {
  await using broker = await Mosquitto.start()
  await using rig = await Rig.open({ broker: broker.place, version })
  await rig.ready()
  using _load = busy(rig, 100)
  await sleep(5_000)
  const before = rig.bridge.residentMiB
  await broker.stop()
  await rig.linkTurns('down', 10_000)
  for (const end = performance.now() + outageMs; performance.now() < end; await sleep(1_000))
    assert.equal((await rig.link()).state, 'down')
  const grown = rig.bridge.residentMiB - before
  _load[Symbol.dispose]()
  await broker.startAgain()
  // The longest pause is 5 s; the rest is connecting and proving.
  const linkMs = await rig.linkTurns('up', 8_000)
  const wholeMs = await converged(rig, 12_000)
  assert.ok(wholeMs <= 10_000, `${wholeMs} ms`)
  assert.ok(grown <= growthMiB, `${grown} MiB`)
  return `${grown.toFixed(1)} MiB more, link ${Math.round(linkMs)} ms, equal ${Math.round(wholeMs)} ms after it`
}

async function halfOpen(version: Version): Promise<string> {
  await using broker = await Mosquitto.start()
  const detect = async (load: number, mostMs: number) => {
    await using proxy = await BrokerProxy.start(broker.port)
    await using rig = await Rig.open({ broker: broker.place, bridgeUrl: proxy.url, version })
    await rig.ready()
    using _load = busy(rig, load)
    await sleep(3_000)
    proxy.blackhole()
    const ms = await rig.linkTurns('down', mostMs)
    await rig.linkTurns('up', 10_000)
    await rig.stopBridge()
    return Math.round(ms)
  }
  const idle = await detect(0, 25_000)
  // A publish has 10 s for its answer, and the first one after the silence began comes a moment later.
  const traffic = await detect(100, 12_000)
  return `found after ${idle} ms idle, ${traffic} ms with traffic`
}

const frozenMs = 30_000

async function frozen(version: Version): Promise<string> {
  await using broker = await Mosquitto.start()
  await using rig = await Rig.open({ broker: broker.place, version })
  await rig.ready()
  using _load = busy(rig, 100)
  await sleep(3_000)
  const before = rig.bridge.residentMiB
  const startMs = performance.now()
  broker.freeze()
  try {
    const foundMs = await rig.linkTurns('down', 12_000)
    await sleep(Math.max(0, frozenMs - (performance.now() - startMs)))
    const grown = rig.bridge.residentMiB - before
    broker.thaw()
    const linkMs = await rig.linkTurns('up', 20_000)
    _load[Symbol.dispose]()
    await converged(rig, 15_000)
    assert.ok(grown <= growthMiB, `${grown} MiB`)
    return `left after ${Math.round(foundMs)} ms, ${grown.toFixed(1)} MiB more, back ${Math.round(linkMs)} ms after the thaw`
  } finally {
    broker.thaw()
  }
}

const fullAcl = readFileSync(new URL('../../mosquitto.acl', import.meta.url), 'utf8')

/** The bridge's block of the access list, replaced. */
function aclWith(...lines: readonly string[]): string {
  return fullAcl.replace(/user bridge\n(topic .*\n)*/, ['user bridge', ...lines, ''].join('\n'))
}

async function deniesAll(version: Version): Promise<string> {
  await using broker = await Mosquitto.start({ ours: { acl: aclWith() } })
  await using rig = await Rig.open({ broker: broker.place, version })
  await rig.until(() => rig.bridge.err.includes('the bridge runs'), 60_000, 'the start')
  // Ten seconds by the clocks of the bridge, and what a busy machine adds.
  const ms = await rig.linkTurns('rights', 12_000)
  assert.equal((await rig.link()).state, 'down')
  assert.match(rig.bridge.err, /access list/)
  assert.equal((await stored(rig)).size, 0)
  broker.replaceAcl(fullAcl)
  await rig.ready()
  await converged(rig, 15_000)
  return `said after ${Math.round(ms)} ms`
}

async function deniesSome(version: Version): Promise<string> {
  const acl = aclWith(
    'topic readwrite tuya/state/#',
    'topic readwrite tuya/bridge/#',
    'topic readwrite tuya/cmd/#',
    'topic readwrite tuya/result/#',
  )
  await using broker = await Mosquitto.start({ ours: { acl } })
  await using rig = await Rig.open({ broker: broker.place, version })
  await rig.ready()
  const expected = [...expectedTree(rig.simulator.world).keys()]
  const denied = expected.filter((topic) => topic.startsWith('tuya/meta/'))
  const lost = async () => {
    const tree = await stored(rig, { qos: 0 })
    return expected.filter((topic) => !tree.has(topic))
  }
  for (let i = 0; i < 20 && (await lost()).length !== denied.length; i++) await sleep(250)
  assert.deepEqual(await lost(), denied)
  assert.equal((await rig.link()).state, 'up')
  const dead = (await rig.metric('dead_letters_total', 'not-authorized')) ?? 0
  // Over 3.1.1 the broker acknowledges what it drops: nobody can know.
  if (version === 5) assert.ok(dead >= denied.length, `${dead} dead letters for ${denied.length} topics`)
  return `${denied.length} topics denied, ${dead} dead letters`
}

/** Below the catalogue of operations, above every other message of the demo's house. */
const smallLimit = 3_200
const tooLarge = 'tuya/bridge/catalog'

async function packetSize(version: Version): Promise<string> {
  return oneIsTooLarge(version, `max_packet_size ${smallLimit}`, true)
}

/** Over 3.1.1 the broker acknowledges what it drops; over MQTT 5 its answer breaks the connection. */
async function messageSize(version: Version): Promise<string> {
  return oneIsTooLarge(version, `message_size_limit ${smallLimit}`, version === 5)
}

async function oneIsTooLarge(version: Version, line: string, isTold: boolean): Promise<string> {
  await using broker = await Mosquitto.start({ lines: [line] })
  await using rig = await Rig.open({ broker: broker.place, version })
  const startMs = performance.now()
  await rig.ready(90_000)
  await rig.linkTurns('up', 1_000)
  for (;;) {
    const tree = await stored(rig, { qos: 0 })
    assert.ok(!tree.has(tooLarge), 'the large message is there after all')
    tree.set(tooLarge, { topic: tooLarge, payload: '{}', retain: true, qos: 1, properties: undefined })
    const wrong = difference(tree, rig.simulator.world)
    if (wrong === undefined) break
    assert.ok(performance.now() - startMs < 90_000, wrong)
  }
  const dead = (await rig.metric('dead_letters_total')) ?? 0
  if (isTold) assert.ok(dead >= 1, 'no dead letter')
  return `${dead} dead letters, all else there after ${Math.round(performance.now() - startMs)} ms`
}

async function fallsBack(): Promise<void> {
  await using broker = await Mosquitto.start()
  await using proxy = await BrokerProxy.start(broker.port)
  proxy.refusesVersion5 = true
  await using rig = await Rig.open({ broker: broker.place, bridgeUrl: proxy.url, version: null })
  await rig.ready()
  await converged(rig, 10_000)
  const observer = await rig.observe({ filter: 'tuya/bridge/info' })
  await observer.quiet()
  assert.equal(observer.json('bridge/info')?.['mqtt'].version, 4)
}
