import { describe, expect, it } from 'vitest'
import { refusedBy, routerBench, untilAborted } from '../support/router-bench.ts'
import { settle } from '../support/virtual-clock.ts'

const lost = () => refusedBy('lan/timeout', 'unknown')

describe('K4, R-K4: the LAN fails a write that may be done twice', () => {
  it('nothing left: the cloud does it, and the receipt tells both', async () => {
    const { clock, lan, cloud, submit } = routerBench('lan')
    lan.send = async () => Promise.reject(refusedBy('lan/unreachable', 'not-sent'))
    const run = submit({ switch: true })
    await clock.advance(1_000)
    expect(run.outcome).toMatchObject({ state: 'confirmed', by: 'report', path: 'cloud' })
    expect(run.outcome?.attempts).toEqual([{ path: 'lan', reason: 'lan/unreachable', ms: 0 }])
    expect(cloud.sent).toHaveLength(1)
  })

  it('it broke after a byte had left: the cloud knows that it was done, and nothing is sent again', async () => {
    const { clock, lan, cloud, submit } = routerBench('lan')
    lan.send = async (write) => {
      lan.act(write)
      throw lost()
    }
    const run = submit({ switch: true })
    await clock.advance(100)
    expect(run.outcome).toEqual({ state: 'confirmed', by: 'report', path: 'lan', sent: { switch: true } })
    expect([cloud.reads, cloud.sent.length]).toEqual([1, 0])
  })

  it('it was not done: the cloud does it', async () => {
    const { clock, lan, cloud, submit } = routerBench('lan')
    lan.send = async () => Promise.reject(lost())
    const run = submit({ switch: true })
    await clock.advance(1_000)
    expect(run.outcome).toMatchObject({ state: 'confirmed', path: 'cloud' })
    expect(run.outcome?.attempts).toEqual([{ path: 'lan', reason: 'lan/timeout', ms: 0 }])
    expect(cloud.sent).toHaveLength(1)
  })

  it('the cloud cannot be asked either: what can be tried is tried', async () => {
    const { clock, lan, cloud, submit } = routerBench('lan')
    lan.send = async () => Promise.reject(lost())
    cloud.read = untilAborted.bind(undefined, new AbortController().signal)
    const run = submit({ switch: true })
    await clock.advance(900)
    expect(cloud.sent).toHaveLength(0)
    await clock.advance(200)
    expect(cloud.sent).toHaveLength(1)
    await clock.advance(15_000)
    expect(run.outcome).toMatchObject({ state: 'timeout', path: 'cloud' })
  })

  it('it says nothing at all: after two seconds the cloud does it', async () => {
    const { clock, lan, cloud, submit } = routerBench('lan')
    lan.send = (_, signal) => untilAborted(signal)
    const run = submit({ switch: true })
    await clock.advance(1_900)
    expect(cloud.sent).toHaveLength(0)
    await clock.advance(1_000)
    expect(run.outcome).toMatchObject({ state: 'confirmed', path: 'cloud' })
    expect(run.outcome?.attempts).toEqual([{ path: 'lan', reason: 'lan/timeout', ms: 2_000 }])
  })

  it('both fail: the last error is the receipt, and both are told', async () => {
    const { clock, lan, cloud, submit } = routerBench('lan')
    lan.send = async () => Promise.reject(refusedBy('lan/unreachable', 'not-sent'))
    cloud.send = async () => Promise.reject(refusedBy('cloud/device-offline', 'refused'))
    const run = submit({ switch: true })
    await clock.advance(2_000)
    expect(run.outcome).toMatchObject({ state: 'failed', reason: 'cloud/device-offline', path: 'cloud' })
    expect(run.outcome?.attempts?.map(({ path }) => path)).toEqual(['lan', 'cloud'])
  })

  it('R-K2: what the first way may have done is not called failed because the second one fails', async () => {
    const { clock, lan, cloud, submit } = routerBench('lan')
    lan.send = async () => Promise.reject(lost())
    cloud.send = async () => Promise.reject(refusedBy('cloud/device-offline', 'refused'))
    const run = submit({ switch: true })
    await clock.advance(2_000)
    expect(run.outcome).toMatchObject({
      state: 'timeout',
      reason: 'command/unconfirmed',
      path: 'cloud',
      sent: { switch: true },
      message: expect.stringMatching(/may have happened/),
    })
    expect(run.outcome?.attempts?.map(({ path, reason }) => [path, reason])).toEqual([
      ['lan', 'lan/timeout'],
      ['cloud', 'cloud/device-offline'],
    ])
  })
})

describe('I-6: a write that acts each time', () => {
  it('never moves after a byte may have left', async () => {
    const { clock, lan, cloud, submit } = routerBench('lan')
    lan.send = async () => Promise.reject(lost())
    const run = submit({ switch: true }, { once: true })
    await clock.advance(15_000)
    expect(run.outcome).toMatchObject({ state: 'timeout', path: 'lan' })
    expect([cloud.sent.length, cloud.reads]).toEqual([0, 0])
  })

  it('moves when nothing left', async () => {
    const { clock, lan, cloud, submit } = routerBench('lan')
    lan.send = async () => Promise.reject(refusedBy('lan/unreachable', 'not-sent'))
    submit({ ir_send: 'x' }, { once: true })
    await clock.advance(100)
    expect(cloud.sent).toHaveLength(1)
  })
})

describe('what the device acknowledges on the LAN', () => {
  it('is confirmed by that where it has the value already: it reports what changes', async () => {
    const { lan, known, submit } = routerBench('lan')
    known.set('bf1/switch', true)
    const run = submit({ switch: true })
    await settle()
    expect(run.outcome).toEqual({ state: 'confirmed', by: 'ack', path: 'lan', sent: { switch: true } })
    expect(lan.sent).toHaveLength(1)
  })

  it('needs a report for what changes', async () => {
    const { known, report, submit } = routerBench('lan')
    known.set('bf1/switch', true)
    known.set('bf1/level', 4)
    const run = submit({ switch: true, level: 5 })
    await settle()
    expect(run.outcome).toBeUndefined()
    report('bf1', ['level'])
    await settle()
    expect(run.outcome).toMatchObject({ state: 'confirmed', by: 'report', path: 'lan' })
  })

  it('is nothing that the cloud could say', async () => {
    const { known, submit } = routerBench('cloud')
    known.set('bf1/switch', true)
    const run = submit({ switch: true })
    await settle()
    expect(run.outcome).toBeUndefined()
  })
})

describe('return without flapping', () => {
  it('a way that failed comes second for ten seconds, then for twenty, and first again when it works', async () => {
    const { clock, lan, cloud, known, submit } = routerBench('lan')
    const fail = async () => Promise.reject(refusedBy('lan/unreachable', 'not-sent'))
    const took = async () => {
      const [before, cloudBefore] = [lan.sent.length, cloud.sent.length]
      submit({ switch: true })
      await clock.advance(1_000)
      return [lan.sent.length - before, cloud.sent.length - cloudBefore]
    }
    lan.send = fail
    expect(await took()).toEqual([1, 1])
    expect(await took()).toEqual([0, 1])
    await clock.advance(8_000)
    expect(await took()).toEqual([1, 1])
    await clock.advance(15_000)
    expect(await took()).toEqual([0, 1])
    await clock.advance(4_000)
    lan.send = async (write) => lan.act(write)
    known.set('bf1/switch', true)
    expect(await took()).toEqual([1, 0])
    expect(await took()).toEqual([1, 0])
  })

  it('one device’s trouble is not another’s', async () => {
    const { clock, lan, known, submit } = routerBench('lan')
    const act = lan.act.bind(lan)
    lan.send = async (write) =>
      write.deviceId === 'bf1' ? Promise.reject(refusedBy('lan/unreachable', 'not-sent')) : act(write)
    known.set('bf2/switch', true)
    submit({ switch: true })
    await clock.advance(1_000)
    const other = submit({ switch: true }, { deviceId: 'bf2' })
    await clock.advance(1_000)
    expect(other.outcome).toMatchObject({ path: 'lan' })
  })
})
