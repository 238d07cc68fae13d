import type { Fact } from './history.ts'
import { type BridgeMemory, ModelBridge, type Surroundings } from './model-bridge.ts'
import type { ModelCommand, ModelMessage } from './model-world.ts'
import type { Rule, Violation } from './verdict.ts'

/** Acknowledges what it has read; what it had not published yet dies with it. */
class AcknowledgesEarly extends ModelBridge {
  override receive(message: ModelMessage): void {
    this.around.acknowledge(message.id)
    super.receive(message)
  }
}

/** Drops one event in twenty, silently. */
class DropsOne extends ModelBridge {
  protected override takeFact(fact: Fact): void {
    if (fact.kind === 'event' && this.around.random() < 0.05) return
    super.takeFact(fact)
  }
}

/** Believes whatever came last. */
class Reorders extends ModelBridge {
  protected override isOld(): boolean {
    return false
  }
}

/** Answers now and then once more. */
class AnswersTwice extends ModelBridge {
  protected override answer(command: ModelCommand, state: string): void {
    super.answer(command, state)
    if (this.around.random() < 0.05) this.tasks.push(() => super.answer(command, 'timeout'))
  }
}

/** Takes a retained command for a live one. */
class WritesGhosts extends ModelBridge {
  protected override mayRun({ terms }: ModelCommand): boolean {
    return terms.allowed
  }
}

/** Says what was on its disk when it starts, whatever the broker has by then. */
class RepublishesStale extends ModelBridge {
  constructor(around: Surroundings, memory: BridgeMemory) {
    super(around, memory)
    for (const fact of memory.saved.values()) this.tasks.push(() => this.around.publish(fact))
  }
}

/** Keeps commands on its disk and sends those without a result again after a death. */
class ReplaysOnce extends ModelBridge {
  constructor(around: Surroundings, memory: BridgeMemory) {
    super(around, memory)
    for (const command of memory.commands.splice(0)) super.command(command)
  }

  override command(command: ModelCommand): void {
    this.memory.commands.push(command)
    super.command(command)
  }

  protected override answer(command: ModelCommand, state: string): void {
    const at = this.memory.commands.indexOf(command)
    if (at >= 0) this.memory.commands.splice(at, 1)
    super.answer(command, state)
  }
}

type Broken = readonly [
  name: string,
  bridge: new (around: Surroundings, memory: BridgeMemory) => ModelBridge,
  rule: Rule,
  fault: Violation['fault'],
  /** Entries that are enough to show it. */
  witness: number,
]

/** Each breaks one promise, and the ledgers must show which. */
export const brokenBridges: readonly Broken[] = [
  ['acknowledges early', AcknowledgesEarly, 'I-1', 'lost', 2],
  ['drops one', DropsOne, 'I-1', 'lost', 2],
  ['reorders', Reorders, 'I-2', 'step-back', 2],
  ['answers twice', AnswersTwice, 'I-4', 'two-results', 3],
  ['writes ghosts', WritesGhosts, 'I-5', 'not-live', 2],
  ['republishes what is stale', RepublishesStale, 'I-2', 'step-back', 2],
  ['replays what was for once', ReplaysOnce, 'I-6', 'repeated', 3],
]
