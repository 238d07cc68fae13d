import { createServer, type Server, Socket } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Random, seededRandom } from '../../src/util/random.ts'
import { FakeBroker } from '../support/fake-broker.ts'
import { QueueLoad } from '../support/queue-load.ts'
import { demo } from '../support/simulator-desk.ts'
import { smallWorld } from '../support/small-world.ts'
import { precision } from '../support/time.ts'
import { VirtualHouse } from '../support/virtual-house.ts'

// The whole bridge between the simulated queue and a broker that is there and no good; see also queue-broker.test.ts.

let broker: FakeBroker
let house: VirtualHouse
let load: QueueLoad

beforeEach(async () => {
  broker = await FakeBroker.open()
})
afterEach(async () => {
  await house[Symbol.asyncDispose]()
  await broker.stop()
})

async function open(config: object = {}, brokerUrl = broker.url): Promise<void> {
  house = await VirtualHouse.open({
    listens: true,
    world: smallWorld(),
    brokerUrl,
    // What waited in the queue is told as an event, however old it is.
    config: { events: { stale: 'both' }, ...config } as never,
  })
  house.time.progress = () => broker.published.length
  load = new QueueLoad(house.simulator, () => house.time.clock.now())
  house.simulator.journal.clear()
}

const tickMs = 100

/** Events go on at this rate for this long, with so many reports at each tick. */
async function talk(perSecond: number, ms: number, watch = () => {}, reports = 1): Promise<void> {
  for (let due = 0, left = ms; left > 0; left -= tickMs) {
    for (let i = 0; i < reports; i++) load.report()
    due += (perSecond * tickMs) / 1_000
    load.event(Math.floor(due))
    due -= Math.floor(due)
    await house.time.pass(tickMs)
    watch()
  }
}

const links = () => house.bridge.health.links
const isMain = ({ clientId }: { readonly clientId?: string | undefined }) => !clientId?.endsWith('-scan')

const shown = () =>
  Math.round(Number(broker.retained.get(`tuya/state/device/${demo.plug}/dp/cur_power`)?.payload) * 10)

/** Nothing is lost, everything is acknowledged as often as it came, the last state stands. */
async function expectWhole(withinMs = 120_000): Promise<void> {
  await house.time.until(() => house.simulator.queue.backlog() === 0, withinMs, 'an empty queue')
  await house.time.until(() => shown() === load.state, 20_000, 'the last state')
  expect(load.missing(broker.published)).toEqual([])
}

it('B5: a broker that stands still for 30 s is given up in 10 s; nothing is acknowledged, kept or lost', async () => {
  await open()
  await talk(50, 2_000)
  broker.freeze()
  // What it had read before it stood still is answered.
  await house.time.pass(100)
  const before = load.acks
  let recycledMs: number | undefined
  let most = 0
  let passed = 0
  await talk(50, 30_000, () => {
    passed += tickMs
    most = Math.max(
      most,
      house.bridge.health.queues['outboxBytes'] ?? house.bridge.health.queues['outbox'] ?? 0,
    )
    if (links().mqtt.state === 'down') recycledMs ??= passed
  })
  expect(recycledMs).toBeLessThanOrEqual(10_000 * precision)
  expect(load.acks).toBe(before)
  expect(most).toBeLessThanOrEqual(1_000)
  expect(links().queue).toMatchObject({ state: 'down', reason: 'broker-down' })
  broker.thaw()
  await expectWhole()
})

/** A line to the broker that lets so many bytes a second through, on the clock of the test. */
class SlowLine implements AsyncDisposable {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #waiting: Buffer[] = []
  #credit = Number.POSITIVE_INFINITY
  #out: Socket | undefined

  constructor(to: string) {
    this.#server = createServer((near) => {
      const far = new Socket().connect(Number(new URL(to).port), '127.0.0.1')
      for (const socket of [near, far]) {
        this.#sockets.add(socket)
        socket.setNoDelay(true).on('error', () => {})
      }
      this.#waiting.length = 0
      this.#out = far
      near.on('data', (bytes) => {
        if (this.#out !== far) return
        this.#waiting.push(bytes)
        near.pause()
        this.#resume = () => near.resume()
        this.#flow()
      })
      far.pipe(near)
      near.on('close', () => far.destroy())
      far.on('close', () => near.destroy())
    })
  }

  #resume = () => {}

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `mqtt://127.0.0.1:${(this.#server.address() as { port: number }).port}`
  }

  /** So much may go through until the next time; what was not used is no credit. */
  pass(bytes: number): void {
    this.#credit = bytes
    this.#flow()
  }

  #flow(): void {
    while (this.#credit > 0 && this.#waiting.length > 0) {
      const [first = Buffer.alloc(0)] = this.#waiting
      const part = first.subarray(0, Math.min(this.#credit, first.length))
      this.#out?.write(part)
      this.#credit -= part.length
      if (part.length === first.length) this.#waiting.shift()
      else this.#waiting[0] = first.subarray(part.length)
    }
    if (this.#waiting.length === 0) this.#resume()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

it('B6: over 50 KB/s no event is lost, states are merged, and nothing waits 10 s for its acknowledgement', async () => {
  await using line = new SlowLine(broker.url)
  const url = await line.open()
  await open({ publish: { reports: false } }, url)
  const slow = house.time.clock
  let isSlow = true
  const feed = () => {
    line.pass(50 * 20)
    if (isSlow) slow.after(20, feed)
  }
  feed()
  const reportedAt = new Map<number, number>()
  let lagMs = 0
  const watch = () => {
    const now = house.time.clock.monotonic()
    reportedAt.set(load.state, now)
    const waits = [...reportedAt].find(([n]) => n > shown())
    if (waits) lagMs = Math.max(lagMs, now - waits[1])
  }
  // More than goes through, and then less, while ten reports come at every tick.
  await talk(100, 5_000, watch, 10)
  await talk(5, 40_000, watch, 10)
  expect(lagMs).toBeLessThanOrEqual(15_000)
  await expectWhole(600_000)
  isSlow = false
  line.pass(Number.POSITIVE_INFINITY)
  const waits = unacked()
  expect(Math.max(...waits)).toBeLessThanOrEqual(10_500)
  const documents = broker.on(`tuya/state/device/${demo.plug}`).length
  expect(documents).toBeLessThan(load.state / 4)
})

/** How long each frame waited for its acknowledgement or for the end of its connection, in ms. */
function unacked(): number[] {
  const waits: number[] = []
  const since = new Map<string, number>()
  for (const { subject, detail, at } of house.simulator.journal.entries('queue')) {
    const id = String(detail['messageId'])
    if (subject === 'deliver') since.set(id, Math.min(at, since.get(id) ?? at))
    if (subject === 'close') {
      for (const from of since.values()) waits.push(at - from)
      since.clear()
    }
    const from = since.get(id)
    if (subject !== 'ack' || from === undefined) continue
    waits.push(at - from)
    since.delete(id)
  }
  return waits
}

/** What a broker may answer that is none. */
function nonsense(random: Random): Uint8Array {
  const sound = [0x20, 2, 0, 0, 0x40, 2, 0, 1, 0x30, 5, 0, 3, 0x61, 0x2f, 0x62]
  const bytes = sound.map((byte) => (random() < 0.2 ? Math.floor(random() * 256) : byte))
  return Uint8Array.from(bytes.slice(0, 1 + Math.floor(random() * bytes.length)))
}

it('B9: a broker that answers nothing, or nonsense: nothing is acknowledged, and nothing lost when it is sound', async () => {
  await open()
  await talk(20, 1_000)
  const random = seededRandom(9)
  broker.script.connack = () => (random() < 0.2 ? 'silence' : random() < 0.2 ? 'hang-up' : nonsense(random))
  broker.cut()
  await house.time.pass(200)
  const before = load.acks
  const connects = broker.connects.length
  await talk(5, 300_000)
  expect(broker.connects.length - connects).toBeGreaterThan(8)
  expect(load.acks).toBe(before)
  broker.script.connack = () => 0
  await expectWhole()
})

it('B13: another client with our id: at most two takeovers a minute after the first, told, and no event lost', async () => {
  await open()
  const ours = broker.connects.findLast(isMain)?.clientId ?? ''
  let upForMs = 0
  const takeovers: number[] = []
  let said = 0
  await talk(20, 240_000, () => {
    upForMs = links().mqtt.state === 'up' ? upForMs + tickMs : 0
    if (links().mqtt.reason === 'client-id-in-use') said++
    if (upForMs < 1_000) return
    broker.takeOver(ours)
    takeovers.push(house.time.clock.monotonic())
    upForMs = 0
  })
  const [first = 0] = takeovers
  const later = takeovers.filter((at) => at > first + 60_000)
  expect(takeovers.length).toBeGreaterThan(2)
  for (const at of later)
    expect(later.filter((other) => other > at && other <= at + 60_000).length).toBeLessThanOrEqual(2)
  expect(said).toBeGreaterThan(0)
  await expectWhole()
})
