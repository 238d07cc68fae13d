import type { Simulator } from '../../src/simulator/simulator.ts'
import { queueLedger } from './queue-ledger.ts'
import { demo } from './simulator-desk.ts'

/** Where the numbered events arrive. */
export const numberedTopic = 'tuya/event/queue/numbered'

/** Whatever a broker or an observer saw. */
type Sighting = { readonly topic: string; readonly payload: string }

/** Numbered messages through the simulated queue: events that nobody merges, and states of one device. */
export class QueueLoad {
  readonly #simulator: Simulator
  readonly #now: () => number
  #events = 0
  #states = 0

  constructor(simulator: Simulator, now: () => number = Date.now) {
    this.#simulator = simulator
    this.#now = now
  }

  /** Events so far; their numbers are 0 to one less. */
  get events(): number {
    return this.#events
  }

  /** The last value that the device told. */
  get state(): number {
    return this.#states
  }

  /** All of one key, so all of one partition, and in order. */
  event(times = 1): void {
    for (let i = 0; i < times; i++) {
      const bizData = { n: this.#events++ }
      this.#simulator.queue.publish({
        protocol: 43,
        bizCode: 'numbered',
        key: demo.lamp,
        body: { devId: demo.lamp, bizCode: 'numbered', bizData, ts: this.#now() },
      })
    }
  }

  report(): void {
    this.#simulator.world.report(demo.plug, { cur_power: ++this.#states })
  }

  /** The numbers of the events that were seen, in that order, repetitions included. */
  seen(sightings: readonly Sighting[]): number[] {
    return sightings
      .filter(({ topic }) => topic === numberedTopic)
      .map(({ payload }) => (JSON.parse(payload) as { data: { bizData: { n: number } } }).data.bizData.n)
  }

  /** Which events nobody saw. */
  missing(sightings: readonly Sighting[]): number[] {
    const seen = new Set(this.seen(sightings))
    return Array.from({ length: this.#events }, (_, n) => n).filter((n) => !seen.has(n))
  }

  /** How many acknowledgements the queue has got so far. */
  get acks(): number {
    return this.#simulator.journal.entries('queue', 'ack').length
  }

  /** Messages whose frames were not acknowledged exactly as often as they came. */
  get unequal(): string[] {
    return [...queueLedger(this.#simulator.journal)]
      .filter(([, { deliveries, acks }]) => deliveries !== acks)
      .map(([id, { deliveries, acks }]) => `${id}: ${deliveries} deliveries, ${acks} acks`)
  }
}
