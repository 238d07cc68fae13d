import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Entry } from '../../src/mqtt/outbox.ts'
import { MirrorBench } from '../support/mirror-bench.ts'

/** A report that somebody waits for. */
interface Waited {
  readonly device: string
  readonly code: string
  readonly timeMs: number
  /** Which life of the device it was, which may be removed and come back. */
  readonly life: number
  told: boolean | undefined
}

const devices = ['a', 'b', 'c']
const codes = ['x', 'y']

/**
 * The mirror over a small outbox, a connection that the test makes and breaks, and a broker that is asked what it holds
 * whenever somebody is told that it does.
 */
class Bench {
  readonly mirror = new MirrorBench({ scalars: false, views: false, caps: { states: 9 } })
  readonly broker = new Map<string, string>()
  readonly waited: Waited[] = []
  readonly flying: Entry[] = []
  readonly faults: string[] = []
  readonly lives = new Map<string, number>()
  isUp = true
  dies = false

  add(id: string): void {
    if (this.mirror.devices.has(id)) return
    this.lives.set(id, (this.lives.get(id) ?? 0) + 1)
    this.mirror.put(id)
    this.mirror.describe(id, ...codes)
  }

  /** The devices are known and nothing is on its way. */
  async begin(): Promise<this> {
    for (const id of devices) this.add(id)
    for (let i = 0; i < 4; i++) {
      await this.mirror.clock.advance(1_000)
      this.drain()
    }
    expect(this.mirror.outbox.size).toBe(0)
    return this
  }

  drain(): void {
    for (this.take(); this.flying.length > 0; this.take()) this.answer()
  }

  report(device: string, code: string, value: number, ageMs: number, waits: boolean): void {
    if (!this.mirror.devices.has(device)) return
    const timeMs = this.mirror.clock.now() - ageMs
    const one: Waited = { device, code, timeMs, life: this.lives.get(device) ?? 0, told: undefined }
    if (!waits) {
      this.mirror.report(device, { [code]: value }, 'queue', undefined, timeMs)
      return
    }
    this.waited.push(one)
    this.mirror.report(device, { [code]: value }, 'queue', (delivered) => this.#tell(one, delivered), timeMs)
  }

  #tell(one: Waited, delivered: boolean): void {
    if (one.told !== undefined) this.faults.push('told twice')
    one.told = delivered
    if (!delivered) {
      if (!this.dies) this.faults.push('told that it was refused, and nobody refused it')
      return
    }
    // A device that went took its document along.
    if (!this.mirror.devices.has(one.device) || one.life !== this.lives.get(one.device)) return
    const text = this.broker.get(`tuya/state/device/${one.device}`)
    const { meta } = JSON.parse(text ?? '{"meta":{}}')
    if (!((meta[one.code]?.timeMs ?? 0) >= one.timeMs))
      this.faults.push(`told, and the broker knows ${text} of ${JSON.stringify(one)}`)
  }

  take(): void {
    if (!this.isUp) return
    const entry = this.mirror.outbox.take(4)
    if (entry) this.flying.push(entry)
  }

  /** The broker takes the message, then says so. */
  answer(): void {
    const entry = this.flying.shift()
    if (!entry) return
    const { topic, payload } = entry.message
    if (payload === '') this.broker.delete(topic)
    else this.broker.set(topic, payload)
    this.mirror.outbox.settled(entry)
  }

  die(): void {
    const entry = this.flying.shift()
    if (!entry) return
    this.dies = true
    this.mirror.outbox.dead(entry)
    this.dies = false
  }

  /** Some of what was under way has arrived, and nobody will ever say so. */
  drop(arrived: number): void {
    for (const { message } of this.flying.slice(0, arrived)) {
      if (message.payload === '') this.broker.delete(message.topic)
      else this.broker.set(message.topic, message.payload)
    }
    this.flying.length = 0
    this.isUp = false
    this.mirror.outbox.disconnected(false)
    this.mirror.publisher.pause()
  }

  up(): void {
    if (this.isUp) return
    this.isUp = true
    this.mirror.publisher.resume()
  }

  /** Others say something, until there is no room. */
  crowd(): void {
    for (let i = 0; i < 9; i++)
      this.mirror.publisher.retain(
        'x',
        'stateDp',
        { device: 'x', code: `${i}` },
        { text: `${this.waited.length}/${this.broker.size}`, contentType: 'text/plain' },
      )
  }

  async end(): Promise<void> {
    this.up()
    for (let i = 0; i < 60 && this.waited.some(({ told }) => told === undefined); i++) {
      await this.mirror.clock.advance(500)
      this.drain()
    }
  }
}

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.tuple(fc.nat(2), fc.nat(1), fc.nat(3), fc.constantFrom(0, 0, 1, 5_000), fc.boolean()),
  },
  { weight: 6, arbitrary: fc.constantFrom('take', 'take', 'answer', 'answer', 'drain') },
  { weight: 4, arbitrary: fc.constantFrom(1, 60, 120, 1_100) },
  { weight: 3, arbitrary: fc.constantFrom('drop', 'drop-arrived', 'up', 'up', 'crowd', 'die') },
  { weight: 1, arbitrary: fc.constantFrom('remove', 'add') },
)

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

async function run(bench: Bench, one: Step): Promise<void> {
  if (typeof one === 'number') await bench.mirror.clock.advance(one)
  else if (typeof one === 'object') {
    const [device, code, value, ageMs, waits] = one
    bench.report(devices[device] ?? '', codes[code] ?? '', value, ageMs, waits)
  } else if (one === 'take') bench.take()
  else if (one === 'answer') bench.answer()
  else if (one === 'drain') bench.drain()
  else if (one === 'die') bench.die()
  else if (one === 'drop' || one === 'drop-arrived') bench.drop(one === 'drop' ? 0 : 2)
  else if (one === 'up') bench.up()
  else if (one === 'crowd') bench.crowd()
  else if (one === 'remove' && bench.mirror.devices.has('c')) bench.mirror.remove('c')
  else if (one === 'add') bench.add('c')
}

it('I-1: whatever happens, everyone who waits is told once, and never before the broker has it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
      const bench = await new Bench().begin()
      for (const one of steps) await run(bench, one)
      await bench.end()
      expect(bench.faults).toEqual([])
      expect(bench.waited.filter(({ told }) => told === undefined)).toEqual([])
    }),
    { numRuns: 300 },
  )
})
