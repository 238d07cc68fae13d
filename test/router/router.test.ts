import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Outcome, Path, Write } from '../../src/domain/command.ts'
import type { Json, Specification } from '../../src/domain/data-point.ts'
import { type LinkHealth, type Reader, SendError, type Sender, type Sent } from '../../src/domain/link.ts'
import { joinSpecification } from '../../src/domain/specification.ts'
import type { Route } from '../../src/router/delivery.ts'
import { Router } from '../../src/router/router.ts'
import { BridgeError } from '../../src/util/error.ts'
import { seededRandom } from '../../src/util/random.ts'
import { settle, VirtualClock } from '../support/virtual-clock.ts'
import { writeOf } from '../support/write.ts'

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

type Sending = (write: Write, signal: AbortSignal) => Promise<Sent>

const never = () => new Promise<never>(() => {})
const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

/** One way to the devices, whose other side the test plays. */
class FakeWay {
  readonly path: Path
  readonly sent: Write[] = []
  reads = 0
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
      ...(path === 'cloud' ? { reader } : {}),
      paceMs: path === 'lan' ? 50 : 300,
      confirmMs: this.#confirmMs,
      health: () => this.health,
    }
  }
}

function bench(prefer: Path = 'cloud', paths: readonly Path[] = ['cloud', 'lan']) {
  const clock = new VirtualClock()
  const cloud = new FakeWay('cloud', clock, 8_000)
  const lan = new FakeWay('lan', clock, 3_000)
  const ways = { cloud, lan }
  const router = new Router({
    routes: paths.map((path) => ways[path].route),
    prefer: () => prefer,
    specification: () => specification,
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
  return { clock, cloud, lan, router, report, submit, progress }
}

const refusedBy = (code: string, outcome: 'refused' | 'not-sent' | 'unknown') =>
  new SendError(outcome, code, 'The test says no.', { retry: 'later' })

describe('a write that goes well', () => {
  it('is confirmed by the device’s report, which the router asks for where none comes by itself', async () => {
    const { clock, cloud, submit, progress } = bench()
    const run = submit({ switch: true, level: 5 })
    await clock.advance(500)
    expect(run.outcome).toEqual({
      state: 'confirmed',
      by: 'report',
      path: 'cloud',
      sent: { switch: true, level: 5 },
    })
    expect(progress).toEqual(['accepted', 'sent'])
    expect(cloud.sent).toHaveLength(1)
    expect(cloud.reads).toBe(1)
  })

  it('needs no read when the device reports by itself', async () => {
    const { cloud, submit, report } = bench()
    const run = submit({ switch: true })
    await settle()
    report('bf1', ['switch'])
    await settle()
    expect(run.outcome).toMatchObject({ state: 'confirmed', by: 'report' })
    expect(cloud.reads).toBe(0)
  })

  it('a report of another device or of an older state proves nothing', async () => {
    const { clock, cloud, router, report, submit } = bench('cloud', ['cloud'])
    cloud.read = untilAborted.bind(undefined, new AbortController().signal)
    cloud.truth.set('bf2/switch', true)
    const run = submit({ switch: true })
    await settle()
    report('bf2', ['switch'])
    router.observe('bf1', [{ code: 'switch', value: false, timeMs: clock.now() }], false)
    router.observe('bf1', [{ code: 'switch', value: true, timeMs: clock.now() - 1 }], true)
    await clock.advance(7_999)
    expect(run.outcome).toBeUndefined()
  })

  it('reads again with growing pauses until the device has it', async () => {
    const { clock, cloud, submit } = bench()
    cloud.send = async (write) => {
      clock.after(5_000, () => cloud.act(write))
      return { by: 'cloud' }
    }
    const run = submit({ switch: true })
    await clock.advance(8_000)
    expect(run.outcome).toMatchObject({ state: 'confirmed', by: 'report' })
    expect(cloud.reads).toBeGreaterThan(2)
    expect(cloud.reads).toBeLessThan(12)
    expect(cloud.sent).toHaveLength(1)
  })

  it('reads that fail are not the command’s failures', async () => {
    const { clock, cloud, submit } = bench()
    cloud.read = async () => {
      if (cloud.reads < 4) throw new BridgeError('cloud/unavailable', 'trouble')
    }
    const run = submit({ switch: true })
    await clock.advance(8_000)
    expect(run.outcome).toMatchObject({ state: 'confirmed' })
  })

  it.each([
    ['cloud', 'cloud'],
    ['lan', 'ack'],
  ] as const)('a write-only point over the %s is confirmed by its acceptance', async (path, by) => {
    const { cloud, submit } = bench(path)
    const run = submit({ ir_send: 'code' }, { once: true })
    await settle()
    expect(run.outcome).toEqual({ state: 'confirmed', by, path, sent: { ir_send: 'code' } })
    expect(cloud.reads).toBe(0)
  })

  it('so is a momentary one, which never enters the state', async () => {
    const { submit } = bench()
    const run = submit({ scene_1: 'go' }, { once: true })
    await settle()
    expect(run.outcome).toMatchObject({ state: 'confirmed', by: 'cloud' })
  })

  it('a write-only point beside a reported one waits for the report', async () => {
    const { clock, submit } = bench()
    const run = submit({ ir_send: 'code', switch: true })
    await settle()
    expect(run.outcome).toBeUndefined()
    await clock.advance(500)
    expect(run.outcome).toMatchObject({ state: 'confirmed', by: 'report' })
  })
})

describe('an unknown outcome (R-C5)', () => {
  it('is read back and never sent again', async () => {
    const { clock, cloud, lan, submit } = bench()
    cloud.send = async (write) => {
      cloud.act(write)
      throw refusedBy('cloud/unavailable', 'unknown')
    }
    const run = submit({ switch: true })
    await clock.advance(8_000)
    expect(run.outcome).toMatchObject({ state: 'confirmed', by: 'report', path: 'cloud' })
    expect([cloud.sent.length, lan.sent.length]).toEqual([1, 0])
  })

  it('is told when nothing could be read', async () => {
    const { clock, cloud, lan, submit } = bench()
    cloud.send = async () => {
      throw refusedBy('cloud/unavailable', 'unknown')
    }
    const run = submit({ switch: true })
    await clock.advance(8_000)
    expect(run.outcome).toMatchObject({
      state: 'timeout',
      path: 'cloud',
      reason: 'command/unconfirmed',
      retry: 'later',
      sent: { switch: true },
    })
    expect(run.outcome).not.toHaveProperty('details')
    expect([cloud.sent.length, lan.sent.length]).toEqual([1, 0])
  })

  it('an answer that does not come in time does not keep the state from being read', async () => {
    const { clock, cloud, submit } = bench()
    cloud.send = (write, signal) => {
      cloud.act(write)
      return untilAborted(signal)
    }
    const run = submit({ switch: true })
    await clock.advance(8_000)
    expect(run.outcome).toMatchObject({ state: 'confirmed', by: 'report' })
    expect(cloud.sent).toHaveLength(1)
  })

  it('the sending is given up as soon as the device has reported: nothing is written after the end', async () => {
    const { clock, cloud, report, submit } = bench()
    let gaveUp = false
    cloud.send = (write, signal) => {
      cloud.act(write)
      signal.addEventListener('abort', () => {
        gaveUp = true
      })
      return never()
    }
    const run = submit({ switch: true })
    await clock.advance(100)
    report('bf1', ['switch'])
    await settle()
    expect(run.outcome).toMatchObject({ state: 'confirmed', by: 'report' })
    expect(gaveUp).toBe(true)
  })

  it('of a write-only point ends at once: nobody can tell', async () => {
    const { cloud, submit } = bench()
    cloud.send = async () => {
      throw refusedBy('cloud/unavailable', 'unknown')
    }
    const run = submit({ ir_send: 'code' }, { once: true })
    await settle()
    expect(run.outcome).toMatchObject({ state: 'timeout', reason: 'command/unconfirmed' })
    expect(cloud.reads).toBe(0)
  })

  it('of a part is told point by point', async () => {
    const { clock, cloud, submit } = bench()
    cloud.send = async ({ deviceId }) => {
      cloud.truth.set(`${deviceId}/switch`, true)
      return { by: 'cloud' }
    }
    const run = submit({ switch: true, level: 5 })
    await clock.advance(8_000)
    expect(run.outcome).toMatchObject({
      state: 'timeout',
      reason: 'command/partly-unconfirmed',
      message: expect.stringContaining('level'),
      details: [
        { dp: 'switch', confirmed: true },
        { dp: 'level', confirmed: false },
      ],
    })
  })
})

describe('the other way', () => {
  it('is tried when nothing was sent, inside the same command, and told', async () => {
    const { clock, cloud, lan, submit, report } = bench()
    cloud.send = async () => {
      throw refusedBy('cloud/unavailable', 'not-sent')
    }
    const run = submit({ switch: true })
    await clock.advance(10)
    report('bf1', ['switch'])
    await settle()
    expect(run.outcome).toEqual({
      state: 'confirmed',
      by: 'report',
      path: 'lan',
      sent: { switch: true },
      attempts: [{ path: 'cloud', reason: 'cloud/unavailable', ms: 0 }],
    })
    expect(lan.sent).toHaveLength(1)
  })

  it('is tried after a refusal of an absolute write', async () => {
    const { lan, cloud, submit } = bench()
    cloud.send = async () => {
      throw refusedBy('cloud/unsupported', 'refused')
    }
    submit({ switch: true })
    await settle()
    expect(lan.sent).toHaveLength(1)
  })

  it('R-K4: never for a once write when a byte may have left', async () => {
    const { lan, cloud, submit } = bench()
    cloud.send = async () => {
      throw refusedBy('cloud/unsupported', 'refused')
    }
    const run = submit({ ir_send: 'code' }, { once: true })
    await settle()
    expect(run.outcome).toMatchObject({ state: 'failed', reason: 'cloud/unsupported', path: 'cloud' })
    expect(lan.sent).toEqual([])
  })

  it('R-K4: for a once write when none did', async () => {
    const { lan, cloud, submit } = bench()
    cloud.send = async () => {
      throw refusedBy('cloud/unavailable', 'not-sent')
    }
    const run = submit({ ir_send: 'code' }, { once: true })
    await settle()
    expect(run.outcome).toMatchObject({ state: 'confirmed', path: 'lan' })
    expect(lan.sent).toHaveLength(1)
  })

  it('is not tried when one was asked for', async () => {
    const { lan, cloud, submit } = bench()
    cloud.send = async () => {
      throw refusedBy('cloud/unavailable', 'not-sent')
    }
    const run = submit({ switch: true }, { path: 'cloud' })
    await settle()
    expect(run.outcome).toMatchObject({ state: 'failed', reason: 'cloud/unavailable', path: 'cloud' })
    expect(run.outcome).not.toHaveProperty('attempts')
    expect(lan.sent).toEqual([])
  })

  it('that fails too: the last reason, and both attempts', async () => {
    const { lan, cloud, submit } = bench()
    cloud.send = async () => {
      throw refusedBy('cloud/unavailable', 'not-sent')
    }
    lan.send = async () => {
      throw refusedBy('lan/refused', 'not-sent')
    }
    const run = submit({ switch: true })
    await settle()
    expect(run.outcome).toMatchObject({
      state: 'failed',
      reason: 'lan/refused',
      path: 'lan',
      retry: 'later',
      attempts: [
        { path: 'cloud', reason: 'cloud/unavailable' },
        { path: 'lan', reason: 'lan/refused' },
      ],
    })
  })

  it('no way at all is told with the reason of each', async () => {
    const { lan, cloud, submit } = bench()
    cloud.health = { ...cloud.health, state: 'down', reason: 'quota' }
    lan.health = { ...lan.health, state: 'down', reason: 'wedged' }
    const run = submit({ switch: true })
    await settle()
    expect(run.outcome).toMatchObject({
      state: 'failed',
      reason: 'command/no-path',
      retry: 'later',
      details: [
        { path: 'cloud', reason: 'quota' },
        { path: 'lan', reason: 'wedged' },
      ],
    })
    expect([...cloud.sent, ...lan.sent]).toEqual([])
  })

  it('a degraded way is still a way', async () => {
    const { cloud, submit } = bench('cloud', ['cloud'])
    cloud.health = { ...cloud.health, state: 'degraded', reason: 'unavailable' }
    submit({ switch: true })
    await settle()
    expect(cloud.sent).toHaveLength(1)
  })
})

describe('R-K2: deadlines', () => {
  it.each([
    ['cloud', 8_000],
    ['lan', 3_000],
  ] as const)('from the sending over the %s to the report: %i ms', async (path, ms) => {
    const { clock, cloud, lan, submit } = bench(path, [path])
    cloud.send = async () => ({ by: 'cloud' })
    lan.send = async () => ({ by: 'device' })
    const run = submit({ switch: true })
    await clock.advance(ms - 1)
    expect(run.outcome).toBeUndefined()
    await clock.advance(1)
    expect(run.outcome).toMatchObject({ state: 'timeout', reason: 'command/unconfirmed' })
  })

  it('from the acceptance to the sending: what the write allows, 10 s', async () => {
    const { clock, cloud, submit } = bench('cloud', ['cloud'])
    cloud.send = (_write, signal) => untilAborted(signal)
    const first = submit({ switch: true })
    submit({ level: 1 })
    const third = submit({ switch: false })
    await clock.advance(9_999)
    expect(first.at).toBe(8_000)
    expect(third.outcome).toBeUndefined()
    await clock.advance(1)
    expect(third.outcome).toMatchObject({ state: 'expired', reason: 'command/expired', retry: 'never' })
    expect(third.at).toBe(10_000)
    expect(cloud.sent).toHaveLength(2)
  })

  it('in all: 15 s from the acceptance, over all ways', async () => {
    const { clock, cloud, lan, submit } = bench()
    const queued = bench('cloud', ['cloud'])
    cloud.send = (_write, signal) => untilAborted(signal)
    lan.send = cloud.send
    submit({ switch: true })
    queued.cloud.send = cloud.send
    queued.submit({ switch: true })
    const late = queued.submit({ level: 1 })
    await clock.advance(60_000)
    await queued.clock.advance(60_000)
    expect(late.at).toBe(15_000)
    expect(late.outcome).toMatchObject({ state: 'timeout' })
  })

  it('a jump of the wall clock moves none of them', async () => {
    for (const jump of [3_600_000, -3_600_000]) {
      const { clock, cloud, submit } = bench('cloud', ['cloud'])
      cloud.send = (_write, signal) => untilAborted(signal)
      const run = submit({ switch: true })
      await clock.advance(1_000)
      clock.jump(jump)
      await clock.advance(60_000)
      expect(run.at).toBe(8_000)
    }
  })

  it('a way that ignores the end of the wait is not waited for', async () => {
    const { clock, cloud, submit } = bench('cloud', ['cloud'])
    cloud.send = never
    cloud.read = never
    const first = submit({ switch: true })
    const next = submit({ level: 1 })
    await clock.advance(8_000)
    expect(first.outcome).toMatchObject({ state: 'timeout' })
    await clock.advance(8_000)
    expect(next.outcome).toMatchObject({ state: 'timeout' })
    expect(cloud.sent).toHaveLength(2)
  })
})

describe('R-K3: pace and load', () => {
  it.each([
    ['cloud', 300],
    ['lan', 50],
  ] as const)('two commands to one device over the %s are %i ms apart', async (path, ms) => {
    const { clock, cloud, lan, submit } = bench(path, [path])
    const times: number[] = []
    for (const way of [cloud, lan])
      way.send = async (write) => {
        times.push(clock.monotonic())
        return way.act(write)
      }
    for (let i = 0; i < 4; i++) submit({ ir_send: `code ${i}` }, { once: true })
    await clock.advance(5_000)
    expect(times).toEqual([0, ms, 2 * ms, 3 * ms])
  })

  it('a waiting write that a newer one covers ends as superseded and is never sent', async () => {
    const { clock, cloud, submit } = bench('cloud', ['cloud'])
    const writes = [1, 2, 3, 4, 5].map((level) => submit({ level }))
    await clock.advance(5_000)
    expect(writes.map(({ outcome }) => outcome?.state)).toEqual([
      'confirmed',
      'superseded',
      'superseded',
      'superseded',
      'confirmed',
    ])
    expect(writes[1]?.outcome).toMatchObject({ reason: 'command/superseded', retry: 'later' })
    expect(cloud.sent.map(({ points }) => points[0]?.shown)).toEqual([1, 5])
  })

  it('devices do not wait for each other', async () => {
    const { cloud, submit } = bench('cloud', ['cloud'])
    cloud.send = (_write, signal) => untilAborted(signal)
    for (let i = 0; i < 50; i++) submit({ switch: true }, { deviceId: `bf${i}` })
    await settle()
    expect(cloud.sent).toHaveLength(50)
  })

  it('32 wait for a device, the next is busy', async () => {
    const { cloud, router, submit } = bench('cloud', ['cloud'])
    cloud.send = (_write, signal) => untilAborted(signal)
    for (let i = 0; i < 33; i++) submit({ ir_send: String(i) }, { once: true })
    const more = submit({ ir_send: 'more' }, { once: true })
    await settle()
    expect(router.waiting).toBe(32)
    expect(more.outcome).toMatchObject({ state: 'rejected', reason: 'command/busy', retry: 'later' })
  })

  it('a thousand wait in all, the next is busy', async () => {
    const { cloud, router, submit } = bench('cloud', ['cloud'])
    cloud.send = (_write, signal) => untilAborted(signal)
    for (let device = 0; device < 40; device++) {
      for (let i = 0; i < 26; i++) submit({ ir_send: String(i) }, { once: true, deviceId: `bf${device}` })
    }
    await settle()
    expect(router.waiting).toBe(1_000)
    const more = submit({ switch: true }, { deviceId: 'another' })
    await settle()
    expect(more.outcome).toMatchObject({ state: 'rejected', reason: 'command/busy' })
    await expect(router.occupy('another', never)).rejects.toMatchObject({ code: 'command/busy' })
  })
})

describe('other work in the lane of a device', () => {
  it('runs alone and in order, and gives its result', async () => {
    const { clock, cloud, router, submit } = bench('cloud', ['cloud'])
    const events: string[] = []
    cloud.send = async (write) => {
      events.push('write')
      return cloud.act(write)
    }
    submit({ switch: true })
    const work = router.occupy('bf1', async () => {
      events.push('work')
      return 42
    })
    submit({ level: 1 })
    await clock.advance(2_000)
    await expect(work).resolves.toBe(42)
    expect(events).toEqual(['write', 'work', 'write'])
  })

  it('fails as the work fails, also when that throws at once', async () => {
    const { router } = bench()
    const error = new BridgeError('cloud/refused', 'no')
    await expect(router.occupy('bf1', () => Promise.reject(error))).rejects.toBe(error)
    const atOnce = () => {
      throw error
    }
    await expect(router.occupy('bf1', atOnce)).rejects.toBe(error)
    await expect(router.occupy('bf1', async () => 'goes on')).resolves.toBe('goes on')
  })

  it('is refused when the lane is full, when its time is over, and when the bridge stops', async () => {
    const { clock, cloud, router, submit } = bench('cloud', ['cloud'])
    cloud.send = (_write, signal) => untilAborted(signal)
    for (let i = 0; i < 33; i++) submit({ ir_send: String(i) }, { once: true })
    await expect(router.occupy('bf1', never)).rejects.toMatchObject({ code: 'command/busy', retry: 'later' })
    submit({ switch: true }, { deviceId: 'bf2' })
    submit({ level: 1 }, { deviceId: 'bf2' })
    const expired = expect(router.occupy('bf2', never)).rejects.toMatchObject({ code: 'command/expired' })
    await clock.advance(10_000)
    await expired
    const stopped = router.stop()
    await expect(router.occupy('bf3', never)).rejects.toMatchObject({ code: 'bridge/shutdown' })
    await clock.advance(3_000)
    await stopped
  })
})

describe('reading on request', () => {
  it('goes over the first way that can', async () => {
    const { cloud, router } = bench()
    await expect(router.read('bf1', new AbortController().signal)).resolves.toBe('cloud')
    expect(cloud.reads).toBe(1)
  })

  it('without a way tells why', async () => {
    const { cloud, router } = bench()
    cloud.health = { ...cloud.health, state: 'down', reason: 'credentials' }
    await expect(router.read('bf1', new AbortController().signal)).rejects.toMatchObject({
      code: 'command/no-path',
      details: [{ path: 'cloud', reason: 'credentials' }],
    })
  })
})

describe('R-S5: the stop', () => {
  it('fails what waits, gives what was sent three seconds, and takes nothing more', async () => {
    const { clock, cloud, router, submit } = bench('cloud', ['cloud'])
    cloud.send = (_write, signal) => untilAborted(signal)
    const sent = submit({ switch: true })
    const waiting = submit({ level: 1 })
    await clock.advance(100)
    const stopped = router.stop()
    const late = submit({ level: 2 })
    await settle()
    for (const { outcome } of [waiting, late]) {
      expect(outcome).toMatchObject({ state: 'failed', reason: 'bridge/shutdown', retry: 'later' })
    }
    await clock.advance(2_999)
    expect(sent.outcome).toBeUndefined()
    await clock.advance(1)
    await stopped
    expect(sent.outcome).toMatchObject({
      state: 'timeout',
      reason: 'command/unconfirmed',
      message: expect.stringContaining('The bridge stopped'),
    })
    expect(cloud.sent).toHaveLength(1)
    expect(clock.waiting).toBe(0)
  })

  it('lets a command that is confirmed in that time end well', async () => {
    const { clock, router, report, submit } = bench('lan')
    const run = submit({ switch: true })
    await settle()
    const stopped = router.stop()
    await clock.advance(1_000)
    report('bf1', ['switch'])
    await stopped
    expect(run.outcome).toMatchObject({ state: 'confirmed' })
  })

  it('does not wait for work that never ends', async () => {
    const { clock, cloud, router, submit } = bench('cloud', ['cloud'])
    cloud.send = never
    cloud.read = never
    const run = submit({ switch: true })
    const work = router.occupy('bf2', never).catch((thrown: unknown) => thrown)
    await settle()
    const stopped = router.stop()
    await clock.advance(3_000)
    await stopped
    expect(run.outcome).toMatchObject({ state: 'timeout' })
    expect(await work).toMatchObject({ code: 'bridge/shutdown' })
  })

  it('is immediate when nothing runs, and twice is fine', async () => {
    const { router } = bench()
    await router.stop()
    await router.stop()
  })
})

describe('I-4', () => {
  const behaviour = fc.constantFrom(
    'act',
    'act late',
    'lost',
    'refuse',
    'not sent',
    'act, then unknown',
    'unknown',
    'act, then hang',
    'hang',
    'hang for ever',
    'throw',
    'defect',
  )
  type Behaviour = typeof behaviour extends fc.Arbitrary<infer T> ? T : never

  const step = fc.record({
    waitMs: fc.integer({ min: 0, max: 4_000 }),
    device: fc.constantFrom('bf1', 'bf2'),
    codes: fc.uniqueArray(fc.constantFrom('switch', 'level', 'ir_send'), { minLength: 1 }),
    value: fc.integer({ min: 0, max: 2 }),
    once: fc.boolean(),
    path: fc.constantFrom<'auto' | Path>('auto', 'cloud', 'lan'),
    behaviour,
    /** A report out of the blue, of whatever value. */
    noise: fc.option(
      fc.record({ code: fc.constantFrom('switch', 'level'), value: fc.integer({ min: 0, max: 2 }) }),
    ),
    health: fc.constantFrom<LinkHealth['state']>('up', 'up', 'up', 'degraded', 'down'),
  })

  function behave(way: FakeWay, clock: VirtualClock, how: () => Behaviour): Sending {
    return async (write, signal) => {
      switch (how()) {
        case 'act':
          return way.act(write)
        case 'act late':
          clock.after(2_000, () => way.act(write))
          return { by: way.path === 'lan' ? 'device' : 'cloud' }
        case 'lost':
          return { by: way.path === 'lan' ? 'device' : 'cloud' }
        case 'refuse':
          throw refusedBy('cloud/refused', 'refused')
        case 'not sent':
          throw refusedBy('cloud/unavailable', 'not-sent')
        case 'act, then unknown':
          way.act(write)
          throw refusedBy('cloud/unavailable', 'unknown')
        case 'unknown':
          throw refusedBy('cloud/unavailable', 'unknown')
        case 'act, then hang':
          way.act(write)
          return untilAborted(signal)
        case 'hang':
          return untilAborted(signal)
        case 'hang for ever':
          return never()
        case 'throw':
          throw new Error('a defect')
        default:
          throw undefined
      }
    }
  }

  it('every submit ends with exactly one outcome, in time, for any senders, reports and stops (1,000 runs)', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 8 }),
        fc.boolean(),
        fc.integer({ min: 0, max: 20_000 }),
        async (steps, stops, stopAfterMs) => {
          const { clock, cloud, lan, router } = bench()
          let current: Behaviour = 'act'
          const onWire = new Map<Write, { readonly path: Path; readonly how: Behaviour }[]>()
          for (const way of [cloud, lan]) {
            const send = behave(way, clock, () => current)
            way.send = (write, signal) => {
              onWire.set(write, [...(onWire.get(write) ?? []), { path: way.path, how: current }])
              return send(write, signal)
            }
          }
          const ends: { readonly write: Write; readonly outcome: Outcome; readonly ms: number }[] = []
          let stopped: Promise<void> | undefined
          if (stops) {
            clock.after(stopAfterMs, () => {
              stopped = router.stop()
            })
          }
          for (const each of steps) {
            current = each.behaviour
            cloud.health = { ...cloud.health, state: each.health }
            const values = Object.fromEntries(each.codes.map((code) => [code, each.value]))
            const write = writeOf(values, { deviceId: each.device, once: each.once, path: each.path })
            const at = clock.monotonic()
            void router.submit(write).then((outcome) => {
              ends.push({ write, outcome, ms: clock.monotonic() - at })
            })
            if (each.noise) router.observe(each.device, [{ ...each.noise, timeMs: clock.now() }], false)
            await clock.advance(each.waitMs)
          }
          await clock.advance(25_000)
          await stopped
          expect(ends).toHaveLength(steps.length)
          expect(new Set(ends.map(({ write }) => write)).size).toBe(steps.length)
          for (const { write, outcome, ms } of ends) {
            expect(ms).toBeLessThanOrEqual(15_000)
            const tries = onWire.get(write) ?? []
            expect(new Set(tries.map(({ path }) => path)).size).toBe(tries.length)
            // R-C5, R-K4: another way is tried only when the first certainly did nothing.
            const harmless: readonly Behaviour[] = write.once ? ['not sent'] : ['not sent', 'refuse']
            for (const { how } of tries.slice(0, -1)) expect(harmless).toContain(how)
            const unsent = outcome.state === 'superseded' || outcome.state === 'expired'
            if (unsent) expect(tries).toEqual([])
            const wasSent = outcome.state === 'timeout' || outcome.state === 'confirmed'
            if (wasSent) expect(tries.length).toBeGreaterThan(0)
          }
          expect(router.waiting).toBe(0)
        },
      ),
      { numRuns: 1_000 },
    )
  }, 60_000)
})
