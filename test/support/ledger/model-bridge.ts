import type { Random } from '../../../src/util/random.ts'
import type { Fact } from './history.ts'
import type { ModelCommand, ModelMessage } from './model-world.ts'

/** What a bridge can reach. What it does not call is lost with it. */
export interface Surroundings {
  now(): number
  readonly random: Random
  /** What the broker keeps for it: one value for each key. */
  retained(): readonly Fact[]
  publish(fact: Fact): void
  acknowledge(message: string): void
  write(key: string, command: number | null): void
  answer(command: number, state: string): void
}

/** What is on its disk. */
export interface BridgeMemory {
  readonly saved: Map<string, Fact>
  readonly commands: ModelCommand[]
}

type Task = () => void

/**
 * The rules of a bridge in as few lines as they need: a message is acknowledged when the broker has it or something
 * newer, a key never goes back, a command is executed once and answered once. It works one step at a time, so that it
 * can be killed between any two.
 */
export class ModelBridge {
  protected readonly around: Surroundings
  protected readonly memory: BridgeMemory
  protected readonly newest = new Map<string, Fact>()
  protected readonly tasks: Task[] = []
  readonly #settled = new Set<string>()
  readonly #inFlight = new Set<string>()

  constructor(around: Surroundings, memory: BridgeMemory) {
    this.around = around
    this.memory = memory
    // R-S4: before anything comes from the queue.
    for (const fact of around.retained()) this.newest.set(fact.key, fact)
  }

  receive(message: ModelMessage): void {
    if (this.#settled.has(message.id)) this.around.acknowledge(message.id)
    if (this.#settled.has(message.id) || this.#inFlight.has(message.id)) return
    this.#inFlight.add(message.id)
    for (const fact of message.facts) this.takeFact(fact)
    this.tasks.push(() => {
      this.#settled.add(message.id)
      this.#inFlight.delete(message.id)
      this.around.acknowledge(message.id)
    })
  }

  protected takeFact(fact: Fact): void {
    if (fact.kind === 'state' && this.isOld(fact)) return
    if (fact.kind === 'state') this.newest.set(fact.key, fact)
    this.tasks.push(() => this.around.publish(fact))
  }

  protected isOld(fact: Fact): boolean {
    return (this.newest.get(fact.key)?.sourceMs ?? 0) > (fact.sourceMs ?? 0)
  }

  command(command: ModelCommand): void {
    if (!this.mayRun(command)) {
      this.tasks.push(() => this.answer(command, 'rejected'))
      return
    }
    this.tasks.push(() => {
      if (this.isExpired(command)) {
        this.answer(command, 'expired')
        return
      }
      this.around.write(command.key, command.number)
      this.tasks.push(() => this.answer(command, 'confirmed'))
    })
  }

  protected mayRun({ terms }: ModelCommand): boolean {
    return terms.live && terms.allowed
  }

  protected isExpired({ terms }: ModelCommand): boolean {
    return terms.expiresMs !== null && this.around.now() > terms.expiresMs
  }

  protected answer({ number }: ModelCommand, state: string): void {
    this.around.answer(number, state)
  }

  save(): void {
    for (const [key, fact] of this.newest) this.memory.saved.set(key, fact)
  }

  /** One step of what waits; false when nothing does. */
  work(): boolean {
    const task = this.tasks.shift()
    task?.()
    return task !== undefined
  }
}
