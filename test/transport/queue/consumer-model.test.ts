import fc from 'fast-check'
import { expect, it } from 'vitest'
import { queueFrame, VirtualQueueBench } from '../../support/queue-bench.ts'
import type { ScriptedSocket } from '../../support/scripted-queue.ts'

interface Message {
  readonly id: string
  readonly payload: string
  acked: boolean
}

/** A subscription as the platform keeps it: whatever is not acknowledged comes again, in order. */
class Platform {
  readonly messages: Message[] = []
  readonly deliveries = new Map<ScriptedSocket, Map<string, number>>()
  readonly bench: VirtualQueueBench
  #seen = new Map<ScriptedSocket, number>()

  constructor(bench: VirtualQueueBench) {
    this.bench = bench
    bench.queue.onOpen = (socket) => {
      this.deliveries.set(socket, new Map())
      this.resend(socket)
    }
  }

  get socket(): ScriptedSocket | undefined {
    return this.bench.queue.sockets.find(({ over }) => over === undefined)
  }

  publish(payload: string): void {
    const message = { id: `m${this.messages.length}`, payload, acked: false }
    this.messages.push(message)
    if (this.socket) this.#deliver(this.socket, message)
  }

  /** One acknowledgement was late: everything without one comes again. */
  resend(socket = this.socket): void {
    this.collect()
    if (!socket) return
    for (const message of this.messages) if (!message.acked) this.#deliver(socket, message)
  }

  /** Takes the acknowledgements in, none of which may come before its time or more often than its frame. */
  collect(): void {
    for (const socket of this.bench.queue.sockets) {
      const acks = socket.acks
      for (const id of acks.slice(this.#seen.get(socket) ?? 0)) {
        const message = this.messages.find((one) => one.id === id) as Message
        expect(this.mayBeAcked(message), `${id} is settled or dead`).toBe(true)
        message.acked = true
      }
      this.#seen.set(socket, acks.length)
      for (const [id, times] of this.deliveries.get(socket) ?? [])
        expect(acks.filter((ack) => ack === id).length, `acknowledgements of ${id}`).toBeLessThanOrEqual(
          times,
        )
    }
  }

  readonly settled = new Set<string>()

  mayBeAcked({ id, payload }: Message): boolean {
    return payload === 'ok' ? this.settled.has(id) : true
  }

  #deliver(socket: ScriptedSocket, { id, payload }: Message): void {
    if (socket.over !== undefined) return
    const counts = this.deliveries.get(socket) as Map<string, number>
    counts.set(id, (counts.get(id) ?? 0) + 1)
    socket.hear(queueFrame(id, payload))
  }
}

type Deed =
  | { readonly kind: 'publish'; readonly payload: string }
  | { readonly kind: 'settle'; readonly which: number; readonly delivered: boolean }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'drop' | 'resend' | 'broker' }

const deeds: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .constantFrom('ok', 'ok', 'ok', 'ok', 'ok', 'decrypt', 'data_length')
      .map((payload) => ({ kind: 'publish' as const, payload })),
  },
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.nat(20), fc.integer({ min: 0, max: 9 }))
      .map(([which, dice]) => ({ kind: 'settle' as const, which, delivered: dice > 0 })),
  },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 12_000 }).map((ms) => ({ kind: 'pass' as const, ms })) },
  { weight: 2, arbitrary: fc.constantFrom('drop', 'resend', 'broker').map((kind) => ({ kind }) as Deed) },
)

async function run(history: readonly Deed[]): Promise<void> {
  const bench = new VirtualQueueBench()
  const platform = new Platform(bench)
  bench.prompt = false
  const open = () => bench.taken.filter(({ id }) => !platform.settled.has(id))
  const settle = (which: number, delivered: boolean) => {
    const waiting = open()
    const one = waiting[which % waiting.length]
    if (!one) return
    platform.settled.add(one.id)
    one.settle(delivered)
  }
  await bench.up()
  for (const deed of history) {
    if (deed.kind === 'publish') platform.publish(deed.payload)
    else if (deed.kind === 'settle') settle(deed.which, deed.delivered)
    else if (deed.kind === 'pass') await bench.clock.advance(deed.ms)
    else if (deed.kind === 'drop') platform.socket?.drop()
    else if (deed.kind === 'resend') platform.resend()
    else bench.brokerUp = !bench.brokerUp
    platform.collect()
    expect(bench.balance, 'the sum rule').toBe(0)
    expect(bench.consumer.counts.pending).toBeLessThan(300)
  }
  // Everybody is well again, and a good message proves the key.
  bench.brokerUp = true
  platform.publish('ok')
  for (let i = 0; i < 100 && platform.messages.some(({ acked }) => !acked); i++) {
    platform.publish('ok')
    for (let waiting = open().length; waiting > 0; waiting--) settle(0, true)
    await bench.clock.advance(10_000)
    platform.collect()
  }
  for (let waiting = open().length; waiting > 0; waiting--) settle(0, true)
  platform.collect()
  expect(
    platform.messages.filter(({ acked }) => !acked).map(({ id, payload }) => `${id} ${payload}`),
  ).toEqual([])
  expect(new Set(bench.ids).size, 'handed on once').toBe(bench.ids.length)
  expect(bench.ids.toSorted()).toEqual(
    platform.messages
      .filter(({ payload }) => payload === 'ok')
      .map(({ id }) => id)
      .toSorted(),
  )
  expect(bench.consumer.counts).toMatchObject({ pending: 0 })
  await bench[Symbol.asyncDispose]()
}

it('whatever happens, each good message is handed on once and acknowledged when it is settled', async () => {
  await fc.assert(fc.asyncProperty(fc.array(deeds, { minLength: 10, maxLength: 120, size: 'max' }), run), {
    numRuns: 60,
  })
})
