import { describe, expect, it } from 'vitest'
import { BridgeError } from '../../src/util/error.ts'
import { never, refusedBy, routerBench, untilAborted } from '../support/router-bench.ts'
import { settle } from '../support/virtual-clock.ts'

describe('a write that goes well', () => {
  it('is confirmed by the device’s report, which the router asks for where none comes by itself', async () => {
    const { clock, cloud, submit, progress } = routerBench()
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
    const { cloud, submit, report } = routerBench()
    const run = submit({ switch: true })
    await settle()
    report('bf1', ['switch'])
    await settle()
    expect(run.outcome).toMatchObject({ state: 'confirmed', by: 'report' })
    expect(cloud.reads).toBe(0)
  })

  it('where reports are pushed, only a late one is asked for', async () => {
    const { clock, cloud, submit, report } = routerBench()
    cloud.pushes = true
    const quick = submit({ switch: true })
    await clock.advance(2_400)
    expect(cloud.reads).toBe(0)
    report('bf1', ['switch'])
    await settle()
    expect(quick.outcome).toMatchObject({ state: 'confirmed', by: 'report' })
    const late = submit({ level: 5 })
    await clock.advance(2_400)
    expect(cloud.reads).toBe(0)
    await clock.advance(500)
    expect(cloud.reads).toBe(1)
    expect(late.outcome).toMatchObject({ state: 'confirmed', by: 'report' })
  })

  it('where what is pushed falls behind meanwhile, it is not waited for any longer', async () => {
    const { clock, cloud, submit } = routerBench()
    cloud.pushes = true
    const run = submit({ level: 5 })
    await clock.advance(1_000)
    expect(cloud.reads).toBe(0)
    cloud.pushes = false
    await clock.advance(500)
    expect(cloud.reads).toBe(1)
    expect(run.outcome).toMatchObject({ state: 'confirmed', by: 'report' })
  })

  it('a report of another device or of an older state proves nothing', async () => {
    const { clock, cloud, router, report, submit } = routerBench('cloud', ['cloud'])
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
    const { clock, cloud, submit } = routerBench()
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
    const { clock, cloud, submit } = routerBench()
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
    const { cloud, submit } = routerBench(path)
    const run = submit({ ir_send: 'code' }, { once: true })
    await settle()
    expect(run.outcome).toEqual({ state: 'confirmed', by, path, sent: { ir_send: 'code' } })
    expect(cloud.reads).toBe(0)
  })

  it('so is a momentary one, which never enters the state', async () => {
    const { submit } = routerBench()
    const run = submit({ scene_1: 'go' }, { once: true })
    await settle()
    expect(run.outcome).toMatchObject({ state: 'confirmed', by: 'cloud' })
  })

  it('a write-only point beside a reported one waits for the report', async () => {
    const { clock, submit } = routerBench()
    const run = submit({ ir_send: 'code', switch: true })
    await settle()
    expect(run.outcome).toBeUndefined()
    await clock.advance(500)
    expect(run.outcome).toMatchObject({ state: 'confirmed', by: 'report' })
  })
})

describe('an unknown outcome (R-C5)', () => {
  it('is read back and never sent again', async () => {
    const { clock, cloud, lan, submit } = routerBench()
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
    const { clock, cloud, lan, submit } = routerBench()
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
    const { clock, cloud, submit } = routerBench()
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
    const { clock, cloud, report, submit } = routerBench()
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
    const { cloud, submit } = routerBench()
    cloud.send = async () => {
      throw refusedBy('cloud/unavailable', 'unknown')
    }
    const run = submit({ ir_send: 'code' }, { once: true })
    await settle()
    expect(run.outcome).toMatchObject({ state: 'timeout', reason: 'command/unconfirmed' })
    expect(cloud.reads).toBe(0)
  })

  it('of a part is told point by point', async () => {
    const { clock, cloud, submit } = routerBench()
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
    const { clock, cloud, lan, submit, report } = routerBench()
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
    const { lan, cloud, submit } = routerBench()
    cloud.send = async () => {
      throw refusedBy('cloud/unsupported', 'refused')
    }
    submit({ switch: true })
    await settle()
    expect(lan.sent).toHaveLength(1)
  })

  it('R-K4: never for a once write when a byte may have left', async () => {
    const { lan, cloud, submit } = routerBench()
    cloud.send = async () => {
      throw refusedBy('cloud/unsupported', 'refused')
    }
    const run = submit({ ir_send: 'code' }, { once: true })
    await settle()
    expect(run.outcome).toMatchObject({ state: 'failed', reason: 'cloud/unsupported', path: 'cloud' })
    expect(lan.sent).toEqual([])
  })

  it('R-K4: for a once write when none did', async () => {
    const { lan, cloud, submit } = routerBench()
    cloud.send = async () => {
      throw refusedBy('cloud/unavailable', 'not-sent')
    }
    const run = submit({ ir_send: 'code' }, { once: true })
    await settle()
    expect(run.outcome).toMatchObject({ state: 'confirmed', path: 'lan' })
    expect(lan.sent).toHaveLength(1)
  })

  it('is not tried when one was asked for', async () => {
    const { lan, cloud, submit } = routerBench()
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
    const { lan, cloud, submit } = routerBench()
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
    const { lan, cloud, submit } = routerBench()
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
    const { cloud, submit } = routerBench('cloud', ['cloud'])
    cloud.health = { ...cloud.health, state: 'degraded', reason: 'unavailable' }
    submit({ switch: true })
    await settle()
    expect(cloud.sent).toHaveLength(1)
  })
})
