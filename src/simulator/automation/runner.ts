import type { Clock, Timer } from '../../util/clock.ts'
import { asNumber } from '../../util/json.ts'
import { type Random, randomText } from '../../util/random.ts'
import { Refusal } from '../cloud/refusal.ts'
import { type Delivery, standardValues } from '../delivery.ts'
import type { RanAction } from '../world/event.ts'
import type { SimHome } from '../world/home.ts'
import { isDeviceAction, type SimAction, type SimAutomation, type SimScene } from '../world/rule.ts'
import { sceneIsValid } from '../world/validity.ts'
import type { World } from '../world.ts'

/** How many runs may follow from each other. */
export const longestChain = 10

export interface RunnerParts {
  readonly world: World
  readonly delivery: Delivery
  readonly clock: Clock
  readonly random: Random
  /** Marks everything that a run causes with the number of runs that led to it. */
  within(depth: number, run: () => void): void
}

interface Run {
  readonly home: SimHome
  readonly automation: SimAutomation | undefined
  readonly depth: number
  readonly ran: RanAction[]
  done(ran: readonly RanAction[]): void
}

/** Carries out actions, one after the other. */
export class Runner {
  readonly #parts: RunnerParts
  readonly #delays = new Set<Timer>()

  constructor(parts: RunnerParts) {
    this.#parts = parts
  }

  /** A disabled or invalid scene does nothing. */
  runScene(home: SimHome, scene: SimScene, depth: number): boolean {
    const { world } = this.#parts
    if (depth > longestChain || !scene.enabled || !sceneIsValid(world, home, scene)) return false
    const done = (actions: readonly RanAction[]) => world.events.emit('sceneRan', { home, scene, actions })
    this.#run([...scene.actions], { home, automation: undefined, depth, ran: [], done })
    return true
  }

  runAutomation(home: SimHome, automation: SimAutomation, depth: number): void {
    if (depth > longestChain) return
    this.#run([...automation.actions], { home, automation, depth, ran: [], done: () => {} })
  }

  stop(): void {
    for (const timer of this.#delays) timer.cancel()
    this.#delays.clear()
  }

  /** A failed action is written down and the rest goes on. */
  #run(actions: readonly SimAction[], run: Run): void {
    const { clock, random } = this.#parts
    for (const [i, action] of actions.entries()) {
      if (action.action_executor === 'delay') {
        this.#delay(delayMsOf(action), () => this.#run(actions.slice(i + 1), run))
        return
      }
      const ok = this.#act(action, run)
      const id = randomText(random, 12)
      run.ran.push({ id, entityId: action.entity_id ?? '', ok, timeMs: clock.now() })
    }
    run.done(run.ran)
  }

  #act(action: SimAction, { home, automation, depth }: Run): boolean {
    const { world } = this.#parts
    const target = action.entity_id ?? ''
    if (isDeviceAction(action)) return this.#issue(home, target, action, depth)
    switch (action.action_executor) {
      case 'ruleEnable':
      case 'ruleDisable': {
        const other = home.automations.get(target)
        if (other) other.enabled = action.action_executor === 'ruleEnable'
        return other !== undefined
      }
      case 'ruleTrigger': {
        const scene = home.scenes.get(target)
        return scene !== undefined && this.runScene(home, scene, depth + 1)
      }
      case 'externalAction': {
        const payload = action.executor_property ?? {}
        if (automation) world.events.emit('externalAction', { home, automation, payload })
        return automation !== undefined
      }
      default:
        return false
    }
  }

  #issue(home: SimHome, deviceId: string, action: SimAction, depth: number): boolean {
    const { world, delivery, within } = this.#parts
    const device = world.devices.get(deviceId)
    if (!device?.online || device.homeId !== home.id) return false
    try {
      const rows = Object.entries(action.executor_property ?? {}).map(([code, value]) => ({ code, value }))
      delivery.send(device, standardValues(device, rows), 'cloud', (arrive) => within(depth, arrive))
      return true
    } catch (thrown) {
      if (thrown instanceof Refusal) return false
      throw thrown
    }
  }

  #delay(ms: number, run: () => void): void {
    const timer = this.#parts.clock.after(ms, () => {
      this.#delays.delete(timer)
      run()
    })
    this.#delays.add(timer)
  }
}

/** Numbers stand as text. */
export function delayMsOf(action: SimAction): number {
  const { hours = 0, minutes = 0, seconds = 0 } = action.executor_property ?? {}
  const [h, m, s] = [hours, minutes, seconds].map(asNumber) as [number, number, number]
  return ((h * 60 + m) * 60 + s) * 1000
}
