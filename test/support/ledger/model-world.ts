import { type Random, seededRandom } from '../../../src/util/random.ts'
import { type Fact, Ledger, type Terms } from './history.ts'
import type { BridgeMemory, ModelBridge, Surroundings } from './model-bridge.ts'

export interface ModelMessage {
  readonly id: string
  readonly facts: readonly Fact[]
}

export interface ModelCommand {
  readonly number: number
  readonly key: string
  readonly terms: Terms
}

export type MakeBridge = (surroundings: Surroundings, memory: BridgeMemory) => ModelBridge

const devices = ['lamp', 'plug', 'valve']
const stepMs = 10
const window = 8

/**
 * A queue, a broker, devices and a client around a little bridge that is killed now and then. Everything is chance,
 * everything is noted; the same seed makes the same history.
 */
export class ModelWorld {
  readonly ledger = new Ledger(() => this.#nowMs)
  readonly #random: Random
  readonly #makeBridge: MakeBridge
  readonly #queue: ModelMessage[] = []
  #next = 0
  readonly #unacknowledged = new Map<string, ModelMessage>()
  readonly #late: { readonly message: ModelMessage; readonly atMs: number }[] = []
  readonly #retained = new Map<string, Fact>()
  readonly #held = new Map<string, Fact>()
  /** What survives a death: the bridge's own disk. */
  readonly #memory: BridgeMemory = { saved: new Map(), commands: [] }
  #bridge: ModelBridge | undefined
  #nowMs = 1_000_000
  #number = 0

  constructor(seed: number, makeBridge: MakeBridge) {
    this.#random = seededRandom(seed)
    this.#makeBridge = makeBridge
  }

  run(steps: number): Ledger {
    this.#start()
    for (let i = 0; i < steps; i++) this.#step()
    if (!this.#bridge) this.#start()
    do {
      for (const { message } of this.#late.splice(0)) this.#queue.push(message)
      this.#nowMs += stepMs
    } while (this.#deliver() || this.#bridge?.work() || this.#late.length > 0)
    for (const [key, { number }] of this.#held) this.ledger.note({ did: 'held', key, number })
    for (const [key, { number }] of this.#retained)
      this.ledger.note({ did: 'found', key, number, stale: false })
    return this.ledger
  }

  #step(): void {
    this.#nowMs += stepMs
    const due = this.#late.findIndex(({ atMs }) => atMs <= this.#nowMs)
    if (due >= 0) this.#queue.push(...this.#late.splice(due, 1).map(({ message }) => message))
    const chance = this.#random()
    if (chance < 0.12) this.#change()
    else if (chance < 0.18) this.#happen()
    else if (chance < 0.24) this.#ask()
    else if (chance < 0.245) this.#kill()
    else if (chance < 0.35) this.#start()
    else if (chance < 0.37) this.#bridge?.save()
    else if (chance < 0.6) this.#deliver()
    else this.#bridge?.work()
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#random() * from.length)] as T
  }

  /** A device reports a new value; now and then the report is late and others overtake it. */
  #change(key = `${this.#pick(devices)}/power`): void {
    const fact: Fact = { kind: 'state', key, number: ++this.#number, sourceMs: this.#nowMs }
    this.#held.set(key, fact)
    const message = { id: `m${fact.number}`, facts: [fact] }
    if (this.#random() < 0.8) this.#queue.push(message)
    else this.#late.push({ message, atMs: this.#nowMs + this.#random() * 500 })
  }

  #happen(): void {
    const number = ++this.#number
    const key = `${this.#pick(devices)}/button`
    this.#queue.push({ id: `m${number}`, facts: [{ kind: 'event', key, number, sourceMs: this.#nowMs }] })
  }

  #ask(): void {
    const command: ModelCommand = {
      number: ++this.#number,
      key: `${this.#pick(devices)}/power`,
      terms: {
        live: this.#random() < 0.8,
        allowed: this.#random() < 0.8,
        once: this.#random() < 0.5,
        expiresMs: this.#random() < 0.3 ? this.#nowMs + this.#random() * 200 - 50 : null,
      },
    }
    this.ledger.note({ did: 'asked', command: command.number, terms: command.terms })
    this.#bridge?.command(command)
  }

  #deliver(): boolean {
    const message = this.#queue[this.#next]
    if (!this.#bridge || !message || this.#unacknowledged.size >= window) return false
    this.#next++
    this.#hand(message)
    return true
  }

  #hand(message: ModelMessage): void {
    this.#unacknowledged.set(message.id, message)
    this.ledger.note({ did: 'delivered', message: message.id, facts: message.facts })
    this.#bridge?.receive(message)
  }

  #kill(): void {
    if (!this.#bridge) return
    this.#bridge = undefined
    this.ledger.note({ did: 'died' })
  }

  #start(): void {
    if (this.#bridge) return
    this.ledger.note({ did: 'started' })
    this.#bridge = this.#makeBridge(
      {
        now: () => this.#nowMs,
        random: this.#random,
        retained: () => [...this.#retained.values()],
        acknowledge: (id) => {
          if (!this.#unacknowledged.delete(id)) return
          this.ledger.note({ did: 'acknowledged', message: id })
        },
        publish: (fact) => {
          if (fact.kind === 'state') this.#retained.set(fact.key, fact)
          this.ledger.note({ did: 'saw', observer: 'observer', topic: fact.kind, facts: [fact] })
        },
        write: (key, command) => {
          this.ledger.note({ did: 'wrote', device: key, command })
          this.#change(key)
        },
        answer: (command, state) => this.ledger.note({ did: 'heard', command, state, final: true }),
      },
      this.#memory,
    )
    for (const message of [...this.#unacknowledged.values()]) this.#hand(message)
  }
}
