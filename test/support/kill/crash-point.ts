/** Where a bridge may die: on both sides of each step of a message's way, and between the steps of saving. */
export const crashPoints = [
  'before-receive',
  'after-receive',
  'before-decode',
  'after-decode',
  'before-enqueue',
  'after-enqueue',
  'before-publish',
  'after-publish',
  'before-puback',
  'after-puback',
  'before-ack',
  'after-ack',
  'snapshot-tmp',
  'snapshot-fsync',
  'snapshot-rename',
] as const

export type CrashPoint = (typeof crashPoints)[number]

/** Dies at the `hit`-th passage of a point, at once, as if the power had gone. */
export class CrashPlan {
  readonly #point: CrashPoint
  #left: number

  constructor(point: CrashPoint, hit: number) {
    this.#point = point
    this.#left = hit
  }

  /** Undefined where the environment names no point. */
  static fromEnv(env: NodeJS.ProcessEnv): CrashPlan | undefined {
    const [name, hit] = (env['KILL_AT'] ?? '').split('@')
    const point = crashPoints.find((known) => known === name)
    return point && new CrashPlan(point, Number(hit))
  }

  pass(point: CrashPoint): void {
    if (point !== this.#point || --this.#left > 0) return
    process.kill(process.pid, 'SIGKILL')
  }

  /** Runs a step with its point before and its point after it. */
  around<T>(step: 'receive' | 'decode' | 'enqueue' | 'publish' | 'puback' | 'ack', run: () => T): T {
    this.pass(`before-${step}`)
    const result = run()
    this.pass(`after-${step}`)
    return result
  }
}
