import { Counter, Gauge, Histogram, Registry } from 'prom-client'

export interface GaugeSource {
  readonly name: string
  readonly help: string
  /** A number, or one per label value. */
  readonly read: () => number | Readonly<Record<string, number>>
  readonly label?: string
}

/** Prometheus metrics of one bridge; gauges are read when somebody asks. */
export class Metrics {
  readonly registry = new Registry()
  readonly #cloudCalls: Counter
  readonly #cloudSeconds: Histogram
  readonly #commands: Counter
  readonly #commandSeconds: Histogram
  readonly #deadLetters: Counter
  readonly #troubles: Counter

  constructor() {
    const registers = [this.registry]
    this.#cloudCalls = new Counter({
      name: 'dp2mqtt_cloud_calls_total',
      help: 'Calls to the cloud by operation and outcome',
      labelNames: ['operation', 'outcome'],
      registers,
    })
    this.#cloudSeconds = new Histogram({
      name: 'dp2mqtt_cloud_call_seconds',
      help: 'How long calls to the cloud took',
      buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 15],
      registers,
    })
    this.#commands = new Counter({
      name: 'dp2mqtt_commands_total',
      help: 'Commands by their final state and reason',
      labelNames: ['state', 'reason'],
      registers,
    })
    this.#commandSeconds = new Histogram({
      name: 'dp2mqtt_command_seconds',
      help: 'From the arrival of a command to its final answer',
      buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 15],
      registers,
    })
    this.#deadLetters = new Counter({
      name: 'dp2mqtt_dead_letters_total',
      help: 'Messages that could not be delivered, by reason',
      labelNames: ['link', 'reason'],
      registers,
    })
    this.#troubles = new Counter({
      name: 'dp2mqtt_troubles_total',
      help: 'Troubles without a requester, by reason',
      labelNames: ['reason'],
      registers,
    })
  }

  gauge({ name, help, read, label }: GaugeSource): void {
    const gauge: Gauge = new Gauge({
      name: `dp2mqtt_${name}`,
      help,
      labelNames: label ? [label] : [],
      registers: [this.registry],
      collect: () => {
        const value = read()
        if (typeof value === 'number') gauge.set(value)
        else for (const [key, number] of Object.entries(value)) gauge.set({ [label ?? 'kind']: key }, number)
      },
    })
  }

  cloudCall(operation: string, outcome: string, ms: number): void {
    this.#cloudCalls.inc({ operation, outcome })
    this.#cloudSeconds.observe(ms / 1_000)
  }

  command(state: string, reason: string, ms: number): void {
    this.#commands.inc({ state, reason })
    this.#commandSeconds.observe(ms / 1_000)
  }

  deadLetter(link: string, reason: string): void {
    this.#deadLetters.inc({ link, reason })
  }

  trouble(reason: string): void {
    this.#troubles.inc({ reason })
  }
}
