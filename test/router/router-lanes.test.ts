import { describe, expect, it } from 'vitest'
import { BridgeError } from '../../src/util/error.ts'
import { never, routerBench, untilAborted } from '../support/router-bench.ts'
import { settle } from '../support/virtual-clock.ts'

describe('R-K2: deadlines', () => {
  it.each([
    ['cloud', 8_000],
    ['lan', 3_000],
  ] as const)('from the sending over the %s to the report: %i ms', async (path, ms) => {
    const { clock, cloud, lan, submit } = routerBench(path, [path])
    cloud.send = async () => ({ by: 'cloud' })
    lan.send = async () => ({ by: 'device' })
    const run = submit({ switch: true })
    await clock.advance(ms - 1)
    expect(run.outcome).toBeUndefined()
    await clock.advance(1)
    expect(run.outcome).toMatchObject({ state: 'timeout', reason: 'command/unconfirmed' })
  })

  it('from the acceptance to the sending: what the write allows, 10 s', async () => {
    const { clock, cloud, submit } = routerBench('cloud', ['cloud'])
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
    const { clock, cloud, lan, submit } = routerBench()
    const queued = routerBench('cloud', ['cloud'])
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
      const { clock, cloud, submit } = routerBench('cloud', ['cloud'])
      cloud.send = (_write, signal) => untilAborted(signal)
      const run = submit({ switch: true })
      await clock.advance(1_000)
      clock.jump(jump)
      await clock.advance(60_000)
      expect(run.at).toBe(8_000)
    }
  })

  it('a way that ignores the end of the wait is not waited for', async () => {
    const { clock, cloud, submit } = routerBench('cloud', ['cloud'])
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
    const { clock, cloud, lan, submit } = routerBench(path, [path])
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
    const { clock, cloud, submit } = routerBench('cloud', ['cloud'])
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
    const { cloud, submit } = routerBench('cloud', ['cloud'])
    cloud.send = (_write, signal) => untilAborted(signal)
    for (let i = 0; i < 50; i++) submit({ switch: true }, { deviceId: `bf${i}` })
    await settle()
    expect(cloud.sent).toHaveLength(50)
  })

  it('32 wait for a device, the next is busy', async () => {
    const { cloud, router, submit } = routerBench('cloud', ['cloud'])
    cloud.send = (_write, signal) => untilAborted(signal)
    for (let i = 0; i < 33; i++) submit({ ir_send: String(i) }, { once: true })
    const more = submit({ ir_send: 'more' }, { once: true })
    await settle()
    expect(router.waiting).toBe(32)
    expect(more.outcome).toMatchObject({ state: 'rejected', reason: 'command/busy', retry: 'later' })
  })

  it('a thousand wait in all, the next is busy', async () => {
    const { cloud, router, submit } = routerBench('cloud', ['cloud'])
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
    const { clock, cloud, router, submit } = routerBench('cloud', ['cloud'])
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
    const { router } = routerBench()
    const error = new BridgeError('cloud/refused', 'no')
    await expect(router.occupy('bf1', () => Promise.reject(error))).rejects.toBe(error)
    const atOnce = () => {
      throw error
    }
    await expect(router.occupy('bf1', atOnce)).rejects.toBe(error)
    await expect(router.occupy('bf1', async () => 'goes on')).resolves.toBe('goes on')
  })

  it('is refused when the lane is full, when its time is over, and when the bridge stops', async () => {
    const { clock, cloud, router, submit } = routerBench('cloud', ['cloud'])
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
    const { cloud, router } = routerBench()
    await expect(router.read('bf1', new AbortController().signal)).resolves.toBe('cloud')
    expect(cloud.reads).toBe(1)
  })

  it('without a way tells why', async () => {
    const { cloud, router } = routerBench()
    cloud.health = { ...cloud.health, state: 'down', reason: 'credentials' }
    await expect(router.read('bf1', new AbortController().signal)).rejects.toMatchObject({
      code: 'command/no-path',
      details: [{ path: 'cloud', reason: 'credentials' }],
    })
  })
})

describe('R-S5: the stop', () => {
  it('fails what waits, gives what was sent three seconds, and takes nothing more', async () => {
    const { clock, cloud, router, submit } = routerBench('cloud', ['cloud'])
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
    const { clock, router, report, submit } = routerBench('lan')
    const run = submit({ switch: true })
    await settle()
    const stopped = router.stop()
    await clock.advance(1_000)
    report('bf1', ['switch'])
    await stopped
    expect(run.outcome).toMatchObject({ state: 'confirmed' })
  })

  it('does not wait for work that never ends', async () => {
    const { clock, cloud, router, submit } = routerBench('cloud', ['cloud'])
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
    const { router } = routerBench()
    await router.stop()
    await router.stop()
  })
})
