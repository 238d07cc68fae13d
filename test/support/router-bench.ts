import type { Outcome, Path, Write } from '../../src/domain/command.ts'
import type { Json, Specification } from '../../src/domain/data-point.ts'
import { type LinkHealth, type Reader, SendError, type Sender, type Sent } from '../../src/domain/link.ts'
import { joinSpecification } from '../../src/domain/specification.ts'
import type { Route } from '../../src/router/delivery.ts'
import { Router } from '../../src/router/router.ts'
import { seededRandom } from '../../src/util/random.ts'
import { VirtualClock } from './virtual-clock.ts'
import { writeOf } from './write.ts'

const specification: Specification = joinSpecification(
  {
    standard: [
      { code: 'switch', dpId: 1, type: 'boolean', access: 'rw' },
      { code: 'level', dpId: 2, type: 'integer', access: 'rw' },
      { code: 'ir_send', dpId: 3, type: 'string', access: 'wo' },
      { code: 'scene_1', dpId: 4, type: 'enum', access: 'rw' },
    ],
    thing: [],
    shadow: [],
  },
  {},
)

export type Sending = (write: Write, signal: AbortSignal) => Promise<Sent>

export const never = () => new Promise<never>(() => {})
export const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

/** One way to the devices, whose other side the test plays. */
export class FakeWay {
  readonly path: Path
  readonly sent: Write[] = []
  reads = 0
  /** Whether the other side promises to report by itself. */
  pushes = false
  /** What the devices hold and a read would find. */
  readonly truth = new Map<string, Json>()
  health: LinkHealth = { state: 'up', sinceMs: 0, reason: null, lastMs: null }
  /** Takes every write, and the device does it. */
  send: Sending = async (write) => this.act(write)
  /** Called after a read with what it found. */
  found: (deviceId: string, beganMs: number) => void = () => {}
  read: (deviceId: string, signal: AbortSignal) => Promise<void> = async () => {}
  readonly #clock: VirtualClock
  readonly #confirmMs: number

  constructor(path: Path, clock: VirtualClock, confirmMs: number) {
    this.path = path
    this.#clock = clock
    this.#confirmMs = confirmMs
  }

  act(write: Write): Sent {
    for (const { code, shown } of write.points) this.truth.set(`${write.deviceId}/${code}`, shown)
    return { by: this.path === 'lan' ? 'device' : 'cloud' }
  }

  get route(): Route {
    const sender: Sender = {
      path: this.path,
      send: (write, { signal }) => {
        this.sent.push(write)
        return this.send(write, signal)
      },
    }
    const reader: Reader = {
      path: this.path,
      read: async (deviceId, { signal }) => {
        this.reads++
        const beganMs = this.#clock.now()
        await this.read(deviceId, signal)
        this.found(deviceId, beganMs)
      },
    }
    const { path } = this
    return {
      sender,
      ...(path === 'cloud' ? { reader, pushes: () => this.pushes } : {}),
      paceMs: path === 'lan' ? 50 : 300,
      confirmMs: this.#confirmMs,
      pushLateMs: path === 'lan' ? 500 : 2_500,
      ...(path === 'lan' ? { answerMs: 2_000 } : {}),
      health: () => this.health,
    }
  }
}

/** A router between two ways whose other side the test plays. */
export function routerBench(prefer: Path = 'cloud', paths: readonly Path[] = ['cloud', 'lan']) {
  const clock = new VirtualClock()
  const cloud = new FakeWay('cloud', clock, 8_000)
  const lan = new FakeWay('lan', clock, 3_000)
  const ways = { cloud, lan }
  /** What the inventory knows for sure. */
  const known = new Map<string, Json>()
  const router = new Router({
    routes: paths.map((path) => ways[path].route),
    prefer: () => prefer,
    specification: () => specification,
    current: (deviceId, code) => known.get(`${deviceId}/${code}`),
    clock,
    random: seededRandom(1),
    now: () => clock.now(),
  })
  /** The device reports what it holds. */
  const report = (deviceId: string, codes: readonly string[], read = false, timeMs = clock.now()) => {
    const observed = codes.flatMap((code) => {
      const value = cloud.truth.get(`${deviceId}/${code}`) ?? lan.truth.get(`${deviceId}/${code}`)
      return value === undefined ? [] : [{ code, value, timeMs }]
    })
    router.observe(deviceId, observed, read)
  }
  cloud.found = (deviceId, beganMs) => report(deviceId, ['switch', 'level', 'ir_send'], true, beganMs)
  const progress: string[] = []
  /** A submitted write and, once it has ended, its outcome. */
  const submit = (values: Readonly<Record<string, Json>>, changes: Partial<Write> = {}) => {
    const run: { outcome: Outcome | undefined; at: number | undefined } = {
      outcome: undefined,
      at: undefined,
    }
    void router
      .submit(writeOf(values, changes), (state) => progress.push(state))
      .then((outcome) => {
        run.outcome = outcome
        run.at = clock.monotonic()
      })
    return run
  }
  return { clock, cloud, lan, router, known, report, submit, progress }
}

export const refusedBy = (code: string, outcome: 'refused' | 'not-sent' | 'unknown') =>
  new SendError(outcome, code, 'The test says no.', { retry: 'later' })
