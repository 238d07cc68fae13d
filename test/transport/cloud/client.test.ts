import { describe, expect, it } from 'vitest'
import { deviceCommands } from '../../../src/codec/cloud/operation/device-commands.ts'
import { deviceStatus } from '../../../src/codec/cloud/operation/device-status.ts'
import { homeDevices } from '../../../src/codec/cloud/operation/home-devices.ts'
import { operations } from '../../../src/codec/cloud/operation/index.ts'
import type { CloudError } from '../../../src/transport/cloud/layer.ts'
import { CloudBench } from '../../support/cloud-bench.ts'
import { anyOperation } from '../../support/cloud-request.ts'
import { fittingArguments, unfitting } from '../../support/operation-arguments.ts'
import { broken, refusal, reply, success, unreachable } from '../../support/scripted-exchange.ts'

const lamp = 'bf3c9a7d41e0b2f6aaw1vn'
const hourMs = 3_600_000

function options(priority: 'command' | 'reconcile' | 'discovery' = 'reconcile', signal?: AbortSignal) {
  return { priority, signal: signal ?? new AbortController().signal }
}

const readLamp = (bench: CloudBench, priority: 'command' | 'reconcile' = 'reconcile') =>
  bench.client.call(deviceStatus, { device_id: lamp }, options(priority))
const switchLamp = (bench: CloudBench) =>
  bench.client.call(
    deviceCommands,
    { device_id: lamp, commands: [{ code: 'switch_led', value: true }] },
    options('command'),
  )

describe('a call', () => {
  it('fetches its token, and the answer is read', async () => {
    await using bench = new CloudBench()
    const status = await readLamp(bench)
    expect(status).toContainEqual({ code: 'work_mode', value: 'white' })
    expect(bench.http.made.map(({ path }) => path)).toEqual(['/v1.0/token', `/v1.0/devices/${lamp}/status`])
    expect(bench.budget.used).toBe(2)
  })

  it('that does not fit is refused before anything is sent', async () => {
    await using bench = new CloudBench()
    await expect(bench.client.raw(anyOperation(deviceStatus), {}, options())).rejects.toMatchObject({
      code: 'command/missing-param',
      details: [{ param: 'device_id' }],
    })
    await expect(
      bench.client.raw(anyOperation(deviceStatus), { device_id: '../x' }, options()),
    ).rejects.toMatchObject({ code: 'command/bad-param' })
    expect(bench.http.made).toEqual([])
  })

  it('with a parameter that is wrong, missing or unknown is never sent, whatever the operation', async () => {
    await using bench = new CloudBench()
    for (const operation of operations) {
      const fitting = fittingArguments(operation)
      const unfit: object[] = [{ ...fitting, nobody: 1 }]
      for (const [name, { type, required }] of Object.entries(operation.params)) {
        unfit.push({ ...fitting, [name]: unfitting[type][0] })
        if (required) unfit.push({ ...fitting, [name]: undefined })
      }
      for (const args of unfit) {
        await expect(bench.client.raw(operation, args as never, options())).rejects.toMatchObject({
          code: expect.stringMatching(/^command\/(bad|missing)-param$/),
        })
      }
    }
    expect(bench.http.made).toEqual([])
  })

  it('with an answer of an unknown form is an error after which a command is read back', async () => {
    await using bench = new CloudBench()
    bench.http.script = ({ path }) => (path.includes('/commands') ? success({ odd: true }) : undefined)
    await expect(switchLamp(bench)).rejects.toMatchObject({
      outcome: 'unknown',
      code: 'cloud/unavailable',
      retry: 'later',
    })
  })

  it('keys, tokens and account ids of an answer are masked from then on', async () => {
    await using bench = new CloudBench()
    await bench.client.call(homeDevices, { home_id: '3182004' }, options())
    const learned = bench.learned.map((secret) => secret.reveal())
    const device = bench.simulator.world.device(lamp)
    const [uid] = bench.simulator.world.users.keys()
    expect(learned).toContain(device.localKey)
    expect(learned).toContain(uid)
    expect(learned.length).toBeGreaterThan(20)
  })

  it('is told with its outcome and its time', async () => {
    const told: string[] = []
    await using bench = new CloudBench({
      client: { onCall: ({ id }, outcome, ms) => told.push(`${id} ${outcome} ${ms}`) },
    })
    bench.simulator.faults.set('latency=200')
    await bench.run(readLamp(bench))
    bench.simulator.world.setOnline(lamp, false)
    await bench.run(switchLamp(bench))
    bench.http.script = () => broken()
    await bench.run(switchLamp(bench))
    expect(told).toEqual([
      'token-get ok 200',
      'device-status ok 200',
      'device-commands 2001 200',
      'device-commands transient 0',
    ])
  })

  it('whose client stops ends, and one on its way may have been seen', async () => {
    const bench = new CloudBench()
    bench.simulator.faults.set('latency=1000')
    await bench.run(readLamp(bench))
    const onItsWay = switchLamp(bench).catch((thrown: unknown) => thrown)
    await bench.clock.advance(10)
    await bench[Symbol.asyncDispose]()
    expect(await onItsWay).toMatchObject({ code: 'bridge/shutdown', outcome: 'unknown' })
    await expect(switchLamp(bench)).rejects.toMatchObject({ code: 'bridge/shutdown', outcome: 'not-sent' })
  })

  it('waiting for its turn when the client stops was not sent', async () => {
    const bench = new CloudBench({ client: { pace: { perSecond: 1, burst: 1 } } })
    const calls = [switchLamp(bench), switchLamp(bench)].map((call) =>
      call.catch((thrown: unknown) => thrown),
    )
    await bench.clock.advance(10)
    await bench[Symbol.asyncDispose]()
    for (const thrown of await Promise.all(calls)) {
      expect(thrown).toMatchObject({ code: 'bridge/shutdown', outcome: 'not-sent' })
    }
  })

  it('given up before its turn costs nothing of the budget', async () => {
    await using bench = new CloudBench({ client: { pace: { perSecond: 1, burst: 2 } } })
    await readLamp(bench)
    const impatient = new AbortController()
    const call = bench.client.call(deviceStatus, { device_id: lamp }, options('reconcile', impatient.signal))
    impatient.abort()
    await expect(call).rejects.toMatchObject({ outcome: 'not-sent' })
    expect(bench.budget.used).toBe(2)
    expect(bench.client.waiting).toBe(0)
  })
})

describe('the public health', () => {
  it('is down while starting and up after the first answer', async () => {
    await using bench = new CloudBench()
    expect(bench.client.health).toEqual({
      state: 'down',
      reason: 'starting',
      sinceMs: bench.clock.now(),
      lastMs: null,
    })
    const startedMs = bench.clock.now()
    await bench.clock.advance(5_000)
    await readLamp(bench)
    expect(bench.client.health).toEqual({
      state: 'up',
      reason: null,
      sinceMs: startedMs + 5_000,
      lastMs: startedMs + 5_000,
    })
    expect(bench.health).toEqual(['up null'])
  })

  it('is down and unavailable while the breaker of reads is open', async () => {
    await using bench = new CloudBench()
    await readLamp(bench)
    bench.simulator.faults.set('http=503')
    for (let i = 0; i < 3; i++) await bench.run(readLamp(bench), 8_000)
    expect(bench.client.health).toMatchObject({ state: 'down', reason: 'unavailable' })
    bench.simulator.faults.clear('http')
    await bench.run(readLamp(bench), 300_000)
    await bench.run(readLamp(bench))
    expect(bench.health).toEqual(['up null', 'down unavailable', 'up null'])
  })

  it('is degraded while only commands fail', async () => {
    await using bench = new CloudBench()
    await readLamp(bench)
    bench.http.script = ({ path }) => (path.includes('/commands') ? broken() : undefined)
    for (let i = 0; i < 5; i++) await bench.run(switchLamp(bench), 0)
    expect(bench.client.health).toMatchObject({ state: 'degraded', reason: 'unavailable' })
    await readLamp(bench)
    expect(bench.client.health.state).toBe('degraded')
  })

  it.each([
    ['a used-up quota', 28841004, 'quota', 60],
    ['an expired plan', 28841002, 'quota', 60],
    ['a wrong secret', 1004, 'credentials', 15],
    ['an address that is not allowed', 1114, 'credentials', 15],
  ])('%s is down with its own word, and comes up by itself', async (_what, code, word, minutes) => {
    await using bench = new CloudBench()
    await readLamp(bench)
    bench.http.script = () => refusal(code)
    expect(await bench.run(readLamp(bench), 0)).toMatchObject({ tuya: { code } })
    expect(bench.client.health).toMatchObject({ state: 'down', reason: word })
    bench.http.script = undefined
    await bench.run(readLamp(bench), minutes * 60_000)
    expect(bench.client.health.state).toBe('down')
    await readLamp(bench)
    expect(bench.client.health).toMatchObject({ state: 'up', reason: null })
  })

  it('an open auth breaker is down with its own word', async () => {
    await using bench = new CloudBench()
    await readLamp(bench)
    bench.http.script = ({ path }) => (path.startsWith('/v1.0/token') ? undefined : refusal(1010))
    await bench.run(readLamp(bench), 0)
    await bench.run(readLamp(bench), 0)
    expect(bench.client.health).toMatchObject({ state: 'down', reason: 'token-invalid' })
    bench.http.script = undefined
    await bench.clock.advance(300_000)
    await readLamp(bench)
    expect(bench.client.health).toMatchObject({ state: 'up', reason: null })
  })

  it('a device’s own refusal is none of the link’s business', async () => {
    await using bench = new CloudBench()
    await readLamp(bench)
    bench.simulator.world.setOnline(lamp, false)
    for (let i = 0; i < 20; i++) await bench.run(switchLamp(bench), 0)
    expect(bench.client.health.state).toBe('up')
  })

  it('after a change by the user the next call asks at once', async () => {
    await using bench = new CloudBench()
    bench.http.script = () => refusal(1004)
    await bench.run(readLamp(bench), 0)
    bench.http.script = undefined
    expect(await bench.run(readLamp(bench), 0)).toMatchObject({ outcome: 'not-sent' })
    bench.client.forgetRefusals()
    await readLamp(bench)
    expect(bench.client.health.state).toBe('up')
  })

  it('R-C3: the skew of our clock is told', async () => {
    await using bench = new CloudBench()
    bench.simulator.faults.set('clock-skew=240000')
    await readLamp(bench)
    expect(bench.client.clockSkewMs).toBe(240_000)
    expect(bench.client.now()).toBe(bench.clock.now() + 240_000)
  })
})

describe('the layers together', () => {
  it('a command waits for no breaker of reads, and brings the one of tokens to a probe within 30 s', async () => {
    await using bench = new CloudBench()
    bench.http.script = ({ path }) => (path.startsWith('/v1.0/token') ? unreachable() : undefined)
    const { token } = bench.client.breakers
    while (token.waitMs < 200_000) await bench.run(readLamp(bench), 1_000)
    bench.http.script = undefined
    const recovers = async (call: () => Promise<unknown>) => {
      const startedAt = bench.clock.monotonic()
      while ((await bench.run(call(), 1_000)) instanceof Error && token.status !== 'closed');
      return bench.clock.monotonic() - startedAt
    }
    expect(await recovers(() => switchLamp(bench))).toBeLessThanOrEqual(31_000)
  })

  it('while the quota is used up, a pair that is due costs one call a probe, not two', async () => {
    await using bench = new CloudBench()
    await readLamp(bench)
    await bench.clock.advance(7_200_000 - 60_000)
    bench.http.script = () => refusal(28841004)
    const before = bench.http.made.length
    await bench.run(readLamp(bench), 0)
    expect(bench.http.made).toHaveLength(before + 1)
  })

  it('a budget that is used up for reading still lets a command out', async () => {
    await using bench = new CloudBench({ limit: 10 })
    const results = await Promise.all(
      Array.from({ length: 12 }, () => readLamp(bench).catch((thrown: CloudError) => thrown.kind)),
    )
    // Eight tenths are for reading; the token and the command come out of the fifth that is theirs.
    expect(results.filter((result) => result === 'budget')).toHaveLength(4)
    expect(await switchLamp(bench)).toBe(true)
    expect(bench.http.made).toHaveLength(8 + 1 + 1)
    await expect(switchLamp(bench)).rejects.toMatchObject({ kind: 'budget' })
  })

  it('six hours without permission is not the end of the feature', async () => {
    await using bench = new CloudBench()
    bench.http.script = ({ path }) => (path.endsWith('/status') ? refusal(28841105) : undefined)
    await bench.run(readLamp(bench), 0)
    bench.http.script = undefined
    expect(await bench.run(readLamp(bench), 6 * hourMs)).toMatchObject({ code: 'cloud/permission' })
    await expect(readLamp(bench)).resolves.toBeInstanceOf(Array)
  })

  it('429 without a body of the platform holds all calls back', async () => {
    await using bench = new CloudBench()
    await readLamp(bench)
    bench.http.script = () => reply('', 429, '30')
    const before = bench.http.made.length
    const call = readLamp(bench)
    await bench.clock.advance(1)
    bench.http.script = undefined
    await bench.clock.advance(60_000)
    await call
    expect(bench.http.made.slice(before).map(({ at }) => at)).toEqual([0, 30_000])
  })
})
