import { localTime } from '../../domain/schedule.ts'
import type { Clock, Timer } from '../../util/clock.ts'
import { own } from '../../util/json.ts'
import type { Random } from '../../util/random.ts'
import type { Delivery } from '../delivery.ts'
import type { Journal } from '../journal.ts'
import type { WorldEvents } from '../world/event.ts'
import type { SimHome } from '../world/home.ts'
import { entityType, type SimAutomation, type SimCondition, type SimScene } from '../world/rule.ts'
import { automationIsValid } from '../world/validity.ts'
import type { World } from '../world.ts'
import { codeOf, comesUp, formulaHolds, isFulfilled, preconditionHolds, timerFires } from './condition.ts'
import { longestChain, Runner } from './runner.ts'

export interface EngineParts {
  readonly world: World
  readonly delivery: Delivery
  readonly journal: Journal
  readonly clock: Clock
  readonly random: Random
}

/** A value that somebody from outside says a condition has. */
export interface ExternalValue {
  readonly entityId: string
  readonly code: string
  readonly value: unknown
}

const minuteMs = 60_000

/** Runs scenes and automations when what they wait for comes. */
export class Engine {
  readonly #parts: EngineParts
  readonly #runner: Runner
  #tick: Timer | undefined
  #lastMinute = Number.NaN
  /** How many runs led to what happens at this moment; 0 for what happens by itself. */
  #depth = 0

  constructor(parts: EngineParts) {
    this.#parts = parts
    const within = (depth: number, run: () => void) => this.#within(depth, run)
    this.#runner = new Runner({ ...parts, within })
    parts.world.events.on('status', (event) => {
      this.#onStatus(event)
      this.#onButton(event)
    })
    parts.world.events.on('weather', (event) => this.#onWeather(event))
  }

  /** From now on timers count. */
  start(): void {
    this.#lastMinute = Math.floor(this.#parts.clock.now() / minuteMs)
    this.#schedule()
  }

  stop(): void {
    this.#tick?.cancel()
    this.#tick = undefined
    this.#runner.stop()
  }

  /** Somebody wants a scene to run. */
  trigger(home: SimHome, scene: SimScene): void {
    const ran = this.#runner.runScene(home, scene, this.#depth + 1)
    this.#parts.journal.note('scene', scene.id, { ran })
  }

  /** Somebody says what the external conditions of an automation are at this moment; the stored operator decides. */
  external(home: SimHome, automation: SimAutomation, values: readonly ExternalValue[]): void {
    const arrived = automation.conditions.filter(
      (condition) =>
        condition.entity_type === entityType.external &&
        values.some(
          ({ entityId, code, value }) =>
            entityId === condition.entity_id && code === codeOf(condition) && isFulfilled(condition, value),
        ),
    )
    this.#arrive(home, automation, arrived)
  }

  #onStatus({ device, points }: WorldEvents['status']): void {
    const home = this.#parts.world.homes.get(device.homeId)
    if (!home) return
    const up = (condition: SimCondition) =>
      condition.entity_type === entityType.device &&
      condition.entity_id === device.id &&
      points.some(
        ({ dp, value, before }) => dp.code === codeOf(condition) && comesUp(condition, value, before),
      )
    this.#inHome(home, up)
  }

  #onButton({ device, points }: WorldEvents['status']): void {
    const home = this.#parts.world.homes.get(device.homeId)
    for (const { dp, value } of points) {
      const binding = device.bindings.get(dp.code)
      const scene = home?.scenes.get(binding?.sceneId ?? '')
      if (home && scene && binding?.value === String(value)) this.trigger(home, scene)
    }
  }

  #onWeather({ city, before, now }: WorldEvents['weather']): void {
    const up = (condition: SimCondition) => {
      const code = codeOf(condition)
      return (
        condition.entity_type === entityType.weather &&
        condition.entity_id === city &&
        isFulfilled(condition, own(now, code)) &&
        !isFulfilled(condition, own(before, code))
      )
    }
    for (const home of this.#parts.world.homes.values()) this.#inHome(home, up)
  }

  #inHome(home: SimHome, up: (condition: SimCondition) => boolean): void {
    for (const automation of [...home.automations.values()])
      this.#arrive(home, automation, automation.conditions.filter(up))
  }

  #arrive(home: SimHome, automation: SimAutomation, arrived: readonly SimCondition[]): void {
    const { world, clock, journal } = this.#parts
    if (arrived.length === 0 || !automation.enabled || !automationIsValid(world, home, automation)) return
    const now = clock.now()
    if (!(automation.preconditions ?? []).every((each) => preconditionHolds(each, now))) return
    if (!formulaHolds(world, automation, new Set(arrived))) return
    const depth = this.#depth + 1
    journal.note('automation', automation.id, { depth, ran: depth <= longestChain })
    this.#runner.runAutomation(home, automation, depth)
  }

  #within(depth: number, run: () => void): void {
    const before = this.#depth
    this.#depth = depth
    try {
      run()
    } finally {
      this.#depth = before
    }
  }

  #schedule(): void {
    const { clock } = this.#parts
    const untilNext = minuteMs - (clock.now() % minuteMs)
    this.#tick = clock.after(untilNext, () => {
      this.#onMinute(Math.floor(clock.now() / minuteMs))
      this.#schedule()
    })
  }

  /** A timer that runs early does not let a minute happen twice; minutes that the clock skips are lost. */
  #onMinute(minute: number): void {
    if (minute === this.#lastMinute) return
    this.#lastMinute = minute
    const instantMs = minute * minuteMs
    const minutes = new Map<string, number | undefined>()
    const minuteOf = (zone: string) => {
      if (!minutes.has(zone)) minutes.set(zone, localTime(instantMs, zone)?.minute)
      return minutes.get(zone)
    }
    const fires = (condition: SimCondition) =>
      condition.entity_type === entityType.timer && timerFires(condition, instantMs, minuteOf)
    for (const home of [...this.#parts.world.homes.values()]) this.#inHome(home, fires)
  }
}
