import mqtt from 'mqtt'
import type { Awaited, Speaker } from './speaker.ts'
import { CompressedTime } from './time.ts'

/**
 * What happens to a broker, told to any broker that can be disturbed so: a scripted one, aedes in a process of its own,
 * or a real one. Each scenario gives figures; what they have to be is the business of the test.
 */
export interface Disturbable {
  readonly url: string
  start(): Promise<void>
  /** Ends in good order. */
  stop(): Promise<void>
}

export interface Killable extends Disturbable {
  /** Ends at once; what was retained in memory is lost. */
  kill(): Promise<void>
}

export interface Freezable extends Disturbable {
  freeze(): void
  thaw(): void
}

/**
 * What a newcomer sees on a broker: every retained message below the base. As nothing says that there are no more, he
 * waits for what should be there, and then or in the end for a moment without a new one.
 */
export async function retainedOn(
  url: string,
  truth: ReadonlyMap<string, string>,
): Promise<Map<string, string>> {
  const client = await mqtt.connectAsync(url, { protocolVersion: 4, reconnectPeriod: 0 })
  const seen = new Map<string, string>()
  client.on('message', (topic, payload, { retain }) => {
    if (retain) seen.set(topic, payload.toString())
  })
  await client.subscribeAsync('tuya/#', { qos: 0 })
  for (let before = -1, quietMs = 0; quietMs < (differences(seen, truth).length === 0 ? 100 : 3_000); ) {
    quietMs = before === seen.size ? quietMs + 50 : 0
    before = seen.size
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  client.end(true)
  return seen
}

/** Topics that say something else than they should, or nothing, or should not be there. */
export function differences(seen: ReadonlyMap<string, string>, truth: ReadonlyMap<string, string>): string[] {
  const topics = new Set([...seen.keys(), ...truth.keys()])
  return [...topics].filter((topic) => seen.get(topic) !== truth.get(topic))
}

const tickMs = 100
const slowTickMs = 200

/** Events go on at this rate for this long; gives those that found room. */
export async function talk(speaker: Speaker, perSecond: number, ms: number): Promise<Awaited[]> {
  const said: Awaited[] = []
  const perTick = (perSecond * tickMs) / 1_000
  for (let due = 0, left = ms; left > 0; left -= tickMs) {
    for (due += perTick; due >= 1; due--) {
      const event = speaker.event()
      if (event) said.push(event)
    }
    await speaker.time.pass(tickMs)
  }
  return said
}

export interface Restarts {
  /** From the return of the broker to the first event that it took, restart by restart. */
  readonly againMs: readonly number[]
  readonly offered: number
  readonly delivered: number
}

/** B1: clean restarts, each with a second without broker, while events go on. */
export async function restarts(
  speaker: Speaker,
  broker: Disturbable,
  { times, perSecond }: { readonly times: number; readonly perSecond: number },
): Promise<Restarts> {
  const againMs: number[] = []
  for (let i = 0; i < times; i++) {
    // Long enough for the last restart to be forgotten.
    await speaker.time.pass(30_000)
    await talk(speaker, perSecond, 1_000)
    await broker.stop()
    await talk(speaker, perSecond, 1_000)
    await broker.start()
    const next = speaker.event()
    againMs.push(await speaker.time.until(() => next?.delivered, 30_000, 'publishing again'))
    await talk(speaker, perSecond, 1_000)
  }
  await speaker.quiet()
  return { againMs, offered: speaker.awaited.length, delivered: speaker.delivered }
}

export interface Rebuilt {
  /** From the return of the broker until everything was said. */
  readonly ms: number
  readonly topics: number
  readonly wrong: readonly string[]
}

/** B2: the broker is killed and comes back without what it had retained. */
export async function loseEverything(speaker: Speaker, broker: Killable): Promise<Rebuilt> {
  await broker.kill()
  await speaker.time.until(() => !speaker.isUp, 30_000, 'noticing')
  await speaker.time.pass(1_000)
  await broker.start()
  const ms = await speaker.quiet(30_000)
  const { truth } = speaker
  return { ms, topics: truth.size, wrong: differences(await retainedOn(broker.url, truth), truth) }
}

export interface Outage {
  readonly acksDuring: number
  /** The most that waited for the broker meanwhile, in messages and bytes, and what the process grew by at most. */
  readonly most: { readonly messages: number; readonly bytes: number; readonly rssBytes: number }
  readonly offered: number
  readonly upMs: number
  readonly convergedMs: number
  readonly wrong: readonly string[]
}

/**
 * B3: no broker for a while, events and reports go on. Whoever brings the events does what the queue link does: it
 * closes after 10 s without broker, or when there is no room, and brings the rest when the outbox is empty again.
 */
export async function outage(
  speaker: Speaker,
  broker: Disturbable,
  { ms, perSecond }: { readonly ms: number; readonly perSecond: number },
): Promise<Outage> {
  const { outbox } = speaker.voice
  const before = speaker.delivered
  await broker.stop()
  await speaker.time.until(() => !speaker.isUp, 30_000, 'noticing')
  let held = 0
  const most = { messages: 0, bytes: 0, rssBytes: 0 }
  const rssBefore = process.memoryUsage.rss()
  for (let passed = 0; passed < ms; passed += tickMs) {
    const due = (perSecond * tickMs) / 1_000
    for (let i = 0; i < due; i++) if (passed >= 10_000 || !speaker.event()) held++
    speaker.report('device0', { point_0: passed })
    await speaker.time.pass(tickMs)
    most.messages = Math.max(most.messages, outbox.size)
    most.bytes = Math.max(most.bytes, outbox.bytes)
    most.rssBytes = Math.max(most.rssBytes, process.memoryUsage.rss() - rssBefore)
  }
  const acksDuring = speaker.delivered - before
  await broker.start()
  const upMs = await speaker.up(60_000)
  const convergedMs = await speaker.quiet(60_000)
  const wrong = differences(await retainedOn(broker.url, speaker.truth), speaker.truth)
  while (held > 0) {
    if (speaker.event()) held--
    else await speaker.quiet(60_000)
  }
  await speaker.quiet(60_000)
  return { acksDuring, most, offered: speaker.awaited.length, upMs, convergedMs, wrong }
}

export interface Frozen {
  /** From the freeze to the end of the connection. */
  readonly recycledMs: number
  readonly mostUnsent: number
  readonly convergedMs: number
  readonly wrong: readonly string[]
}

/** B5: the broker stands still for a while, with messages of 50 KB under way. */
export async function freeze(speaker: Speaker, broker: Freezable, ms: number): Promise<Frozen> {
  const { time } = speaker
  const isElsewhere = time instanceof CompressedTime && time.elsewhere
  const big = 'x'.repeat(50_000)
  let mostUnsent = 0
  let recycledMs: number | undefined
  broker.freeze()
  if (isElsewhere) time.elsewhere = false
  for (let passed = 0; passed < ms; passed += slowTickMs) {
    speaker.report(`device${(passed / slowTickMs) % 40}`, { text: big + passed })
    await time.pass(slowTickMs)
    mostUnsent = Math.max(mostUnsent, speaker.unsentBytes)
    if (!speaker.isUp) recycledMs ??= passed + slowTickMs
  }
  broker.thaw()
  if (isElsewhere) time.elsewhere = true
  await speaker.up(30_000)
  const convergedMs = await speaker.quiet(60_000)
  const wrong = differences(await retainedOn(broker.url, speaker.truth), speaker.truth)
  return { recycledMs: recycledMs ?? Number.POSITIVE_INFINITY, mostUnsent, convergedMs, wrong }
}
