import type { Simulator } from '../../../src/simulator/simulator.ts'
import type { Random } from '../../../src/util/random.ts'
import type { Ledger, Terms } from '../ledger/history.ts'
import { asBytes } from './number.ts'

export interface LoadParts {
  readonly simulator: Simulator
  readonly ledger: Ledger
  readonly random: Random
  readonly eventsPerSecond: number
  readonly commandsPerSecond: number
  /** The devices that are commanded; all when absent. */
  readonly commanded?: readonly string[]
  /** Over 3.1.1 nobody can see that a live command is retained, so none is. */
  readonly retainsCommands: boolean
  readonly publish: (topic: string, payload: string, retain: boolean) => void
}

const tickMs = 10
/** After a moment in which this process was busy with something else, no more than that at once. */
const atOnce = 1_000
/** On a machine that cannot keep up nothing more happens until the bridge has caught up. */
const owedAtMost = 100_000

/** The life of the house: devices that count, buttons, automations, and somebody who sends commands. */
export class Load {
  /** Messages that the queue was given. */
  events = 0
  commands = 0
  readonly #parts: LoadParts
  readonly #ids: readonly string[]
  #timer: NodeJS.Timeout | undefined
  #number = 0
  #lastMs = 0
  #owedEvents = 0
  #owedCommands = 0

  constructor(parts: LoadParts) {
    this.#parts = parts
    this.#ids = [...parts.simulator.world.devices.keys()]
  }

  start(): void {
    this.#lastMs = performance.now()
    this.#timer = setInterval(() => this.#tick(), tickMs)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** Everything has a number of ours from the beginning. */
  countOnce(): void {
    for (const id of this.#ids)
      this.#report(id, { first: ++this.#number, second: this.#number, target: this.#number })
  }

  #tick(): void {
    const { eventsPerSecond, commandsPerSecond } = this.#parts
    const now = performance.now()
    const seconds = (now - this.#lastMs) / 1000
    this.#lastMs = now
    this.#owedEvents = Math.min(this.#owedEvents + seconds * eventsPerSecond, atOnce)
    this.#owedCommands += seconds * commandsPerSecond
    if (this.#parts.simulator.queue.backlog() > owedAtMost) return
    for (; this.#owedEvents >= 1; this.#owedEvents--) this.#happen()
    for (; this.#owedCommands >= 1; this.#owedCommands--) this.#ask()
  }

  #happen(): void {
    const id = this.#oneOf(this.#ids)
    const number = ++this.#number
    const chance = this.#parts.random()
    if (chance < 0.4) this.#report(id, { first: number })
    else if (chance < 0.8) this.#report(id, { second: number })
    else if (chance < 0.85) this.#report(id, { first: number, second: ++this.#number })
    else if (chance < 0.95) this.#report(id, { feed_report: number })
    else this.#act(number)
  }

  #oneOf(ids: readonly string[]): string {
    return ids[Math.floor(this.#parts.random() * ids.length)] as string
  }

  #report(id: string, values: Readonly<Record<string, number>>): void {
    this.events++
    this.#parts.simulator.world.report(id, values)
  }

  /** An automation runs its external action. */
  #act(number: number): void {
    this.events++
    const { simulator, random } = this.#parts
    const automationId = `automation${Math.floor(random() * 20)}`
    const bizCode = 'automationExternalAction'
    const body = { automationId, bizCode, bizData: { number }, ts: Date.now() }
    simulator.feed.append({ family: 'legacy', protocol: 22, bizCode, key: automationId, body })
  }

  /** Every fifth command is retained, and must not be obeyed; every third may reach the wire once only. */
  #ask(): void {
    const { ledger, publish, retainsCommands } = this.#parts
    const command = ++this.#number
    const terms: Terms = {
      live: ++this.commands % 5 !== 0 || !retainsCommands,
      allowed: true,
      once: this.commands % 3 === 0,
      expiresMs: null,
    }
    const dp = terms.once ? { signal: asBytes(command) } : { target: command }
    ledger.note({ did: 'asked', command, terms })
    const { commanded = this.#ids } = this.#parts
    publish(
      `tuya/cmd/device/${this.#oneOf(commanded)}`,
      JSON.stringify({ dp, id: `n${command}` }),
      !terms.live,
    )
  }
}
