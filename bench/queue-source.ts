import { encodePulsar, pulsarKeys } from '../src/codec/queue/decode.ts'
import { encodeFrame } from '../src/codec/queue/frame.ts'
import { Simulator, type SimulatorAddress } from '../src/simulator/simulator.ts'
import { LightQueue } from './light-queue.ts'
import { worldOf } from './world.ts'

/**
 * A simulated cloud in a process of its own, with a queue of which the messages were made before: what they cost is not
 * taken from who is measured.
 */

const tickMs = 10
/** So much more time than the first messages took is given to all of them. */
const caution = 1.5
const sample = 1_000

/** So many reports a second, by all devices but the last. */
export type Order =
  | { readonly kind: 'prepare'; readonly perSecond: number; readonly seconds: number }
  | { readonly kind: 'run' }

/** When the first report is due, by the wall clock. */
export interface Prepared {
  readonly startMs: number
}

export interface Done {
  readonly told: number
  /** By device, the last value. */
  readonly last: readonly (readonly [id: string, value: number])[]
}

export interface Source {
  readonly address: SimulatorAddress
  readonly queueUrl: string
}

const devices = Number(process.argv[2])
const simulator = new Simulator({ world: worldOf(devices, 'plug'), alive: false })
const address = await simulator.start()
const keys = pulsarKeys(address.cloud.accessSecret)
const queue = new LightQueue()
const ids = [...simulator.world.devices.keys()]
let value = 0
let sealed = 0
let prepared: { startMs: number; perSecond: number; frames: string[]; last: Map<string, number> } | undefined

// What follows from commands.
simulator.world.events.on('status', ({ device, points }) => {
  for (const { dp, value: now, timeMs } of points) queue.put(frameOf(device.id, dp.code, now, timeMs))
})

function frameOf(devId: string, code: string, now: unknown, t: number): string {
  const messageId = `CK${++sealed}`
  const body = {
    dataId: `AAZ${sealed}`,
    devId,
    productKey: '9f4rk3ku9rnwtne7',
    status: [{ code, t, value: now }],
  }
  return encodeFrame(encodePulsar({ messageId, body, protocol: 4, t, publishTimeMs: t, key: devId }, keys))
}

function prepare(perSecond: number, seconds: number): Prepared {
  const many = perSecond * seconds
  const last = new Map<string, number>()
  const make = (count: number, startMs: number) =>
    Array.from({ length: count }, (_, i) => {
      const id = ids[i % (devices - 1)] as string
      last.set(id, ++value)
      // What the cloud would answer if it were asked.
      simulator.world.device(id).status.set('countdown_1', value)
      return frameOf(id, 'countdown_1', value, Math.round(startMs + (i * 1_000) / perSecond))
    })
  const before = performance.now()
  make(Math.min(sample, many), Date.now())
  const eachMs = (performance.now() - before) / sample
  const startMs = Date.now() + 1_000 + many * eachMs * caution
  prepared = { startMs, perSecond, frames: make(many, startMs), last }
  if (Date.now() > startMs) throw new Error('it took too long to make the messages')
  return { startMs }
}

async function run(): Promise<Done> {
  if (!prepared) throw new Error('nothing was prepared')
  const { startMs, perSecond, frames, last } = prepared
  for (let told = 0; told < frames.length; ) {
    const due = Math.min(frames.length, ((Date.now() - startMs) / 1_000) * perSecond)
    for (; told < due; told++) queue.put(frames[told] as string)
    await new Promise((resolve) => setTimeout(resolve, tickMs))
  }
  return { told: frames.length, last: [...last] }
}

process.on('message', async (order: Order) => {
  process.send?.(order.kind === 'prepare' ? prepare(order.perSecond, order.seconds) : await run())
})
process.on('disconnect', () => process.exit())
process.send?.({ address, queueUrl: await queue.start() } satisfies Source)
