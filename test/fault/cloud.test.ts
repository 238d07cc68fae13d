import { describe, expect, it } from 'vitest'
import { deviceStatus } from '../../src/codec/cloud/operation/device-status.ts'
import { CloudHouse } from '../support/cloud-house.ts'
import { broken, refusal, unreachable } from '../support/scripted-exchange.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs

const lamp = 'bf3c9a7d41e0b2f6aaw1vn'
const plug = 'bf5b8310dfe2a947c3jy2h'
const remote = 'bf3fa81d62c5e9b074bd2g'

/** Nothing is read but what the test makes necessary, and everything each six hours. */
const rarePolls = { pollSeconds: 1_000_000 }
const quickPolls = { pollSeconds: 1 }

const isToken = (path: string) => path.startsWith('/v1.0/token')

/** Faults of the cloud, on the simulated clock and without a socket between. */
describe('faults of the cloud', () => {
  describe('C1: trouble of the cloud’s own for 60 s', () => {
    it.each([
      ['HTTP 503', 'http=503'],
      ['code 500', 'error=*:500'],
      ['every connection reset', 'reset=1'],
    ])('C1: %s makes at most 20 calls in 60 s, and the house recovers by itself', async (_what, fault) => {
      await using house = await (await CloudHouse.open(quickPolls)).ready()
      const from = house.clock.monotonic()
      house.simulator.faults.set(fault)
      const commands: { outcome: { state: string } | undefined }[] = []
      await house.repeat(minuteMs, 2_000, (i) => commands.push(house.submit(plug, { countdown_1: i })))
      expect(house.http.since(from).length).toBeLessThanOrEqual(20)
      expect(house.cloud.client.health).toMatchObject({ state: 'down', reason: 'unavailable' })
      house.simulator.faults.clear()
      house.simulator.faults.set('throttle=1000')
      await house.repeat(31_000, 1_000, (i) => commands.push(house.submit(plug, { countdown_1: 100 + i })))
      expect(commands.at(-3)?.outcome).toMatchObject({ state: 'confirmed' })
      await house.pass(5 * minuteMs)
      expect(house.cloud.client.health.state).toBe('up')
      for (const { outcome } of commands) expect(outcome).toBeDefined()
    })
  })

  it('C2: after 429 with Retry-After 30 no call is early, and the next ones are as far apart', async () => {
    await using house = await (await CloudHouse.open(quickPolls)).ready()
    house.simulator.faults.set('http=429')
    house.simulator.faults.set('retry-after=30')
    const before = house.http.made.length
    const waiting = house.submit(plug, { switch_1: false })
    await house.pass(5 * minuteMs)
    const times = house.http.made.slice(before).map(({ at }) => at)
    expect(times.length).toBeGreaterThan(5)
    for (const [i, at] of times.slice(1).entries())
      expect(at - (times[i] as number)).toBeGreaterThanOrEqual(30_000)
    expect(waiting.outcome).toMatchObject({ state: 'failed', reason: 'cloud/throttled', retry: 'later' })
  })

  it('C3: with the quota used up a day has at most 40 calls, the reason is public, and it ends by itself', async () => {
    await using house = await (await CloudHouse.open()).ready()
    house.simulator.faults.set('quota=0')
    const from = house.clock.monotonic() + 1
    await house.repeat(24 * hourMs, 10 * minuteMs, (i) => house.submit(plug, { countdown_1: i }))
    expect(house.http.since(from).length).toBeLessThanOrEqual(40)
    expect(house.cloud.client.health).toMatchObject({ state: 'down', reason: 'quota' })
    expect(house.errors.filter((error) => error.endsWith('cloud/quota'))).toHaveLength(1)
    const refused = house.submit(plug, { switch_1: true })
    await house.pass(0)
    expect(refused.outcome).toMatchObject({
      state: 'failed',
      reason: 'command/no-path',
      details: [{ path: 'cloud', reason: 'quota' }],
    })
    house.simulator.faults.clear('quota')
    await house.pass(hourMs + minuteMs)
    expect(house.cloud.client.health.state).toBe('up')
  })

  describe('C4: answers that never come', () => {
    it.each(['headers', 'body'])(
      'C4: %s stall: a command ends in 8 s, and the house recovers',
      async (stall) => {
        await using house = await (await CloudHouse.open()).ready()
        house.simulator.faults.set(`stall=${stall}`)
        const command = house.submit(plug, { switch_1: false })
        await house.pass(8_001)
        expect(command.outcome).toMatchObject({ state: 'timeout', reason: 'command/unconfirmed' })
        expect(command.ms).toBeLessThanOrEqual(8_000)
        await house.pass(minuteMs)
        for (const { request } of house.http.made) expect(request.timeoutMs).toBeLessThanOrEqual(15_000)
        house.simulator.faults.clear('stall')
        await house.pass(6 * minuteMs)
        expect(house.cloud.client.health.state).toBe('up')
      },
    )
  })

  describe('C7: clocks', () => {
    async function firstCalls(fault?: string): Promise<number> {
      await using house = await CloudHouse.open(rarePolls)
      if (fault) house.simulator.faults.set(fault)
      await house.ready()
      return house.http.made.length
    }

    it.each([10, -10])('C7: a clock that is %i min off costs one call', async (minutes) => {
      expect(await firstCalls(`clock-skew=${minutes * minuteMs}`)).toBe((await firstCalls()) + 1)
    })

    it.each([10, -10])(
      'C7: a clock that is %i min off delays no state and no confirmation',
      async (minutes) => {
        await using house = await CloudHouse.open()
        house.simulator.faults.set(`clock-skew=${minutes * minuteMs}`)
        await house.ready()
        const command = house.submit(plug, { switch_1: false })
        await house.pass(1_000)
        expect(command.outcome).toMatchObject({ state: 'confirmed', by: 'report' })
        house.simulator.world.report(plug, { cur_power: 777 })
        await house.pass(5_000)
        expect(house.inventory.device(plug)?.state.get('cur_power')?.raw).toBe(777)
      },
    )

    it.each([1, -1])(
      'C7: a jump of %i h while running moves no timer, no deadline and no date',
      async (hours) => {
        const run = async (jumps: boolean) => {
          await using house = await (await CloudHouse.open()).ready()
          const from = house.clock.monotonic()
          house.simulator.faults.set('commands-act-then-stall')
          house.simulator.faults.set('lost-commands=1')
          const command = house.submit(remote, { ir_send: 'code' }, { once: true })
          await house.pass(2_000)
          if (jumps) house.clock.jump(hours * hourMs)
          // The cloud’s own clock is right: only ours jumped.
          if (jumps) house.simulator.faults.set(`clock-skew=${-hours * hourMs}`)
          await house.pass(20 * minuteMs)
          const calls = house.http.since(from).map(({ at, path }) => `${at} ${path}`)
          const refused = house.simulator.journal
            .entries('request')
            .filter(({ detail }) => detail['code'] === 1013)
          return { calls, ms: command.ms, refused: refused.length, skewMs: house.cloud.client.clockSkewMs }
        }
        const [still, jumped] = [await run(false), await run(true)]
        expect(jumped.ms).toBe(8_000)
        expect(jumped.calls).toEqual(still.calls)
        expect(jumped.refused).toBe(0)
        expect(jumped.skewMs).toBe(-hours * hourMs)
      },
    )
  })

  it('C8: a token that another program of the project revoked costs one token call, and no caller notices', async () => {
    await using house = await (await CloudHouse.open()).ready()
    for (let time = 0; time < 5; time++) {
      house.simulator.cloud.tokens.refreshElsewhere()
      const before = house.http.made.length
      const commands = [plug, lamp].map((id, i) => house.submit(id, { countdown_1: time * 10 + i }))
      await house.pass(minuteMs)
      for (const { outcome } of commands) expect(outcome).toMatchObject({ state: 'confirmed' })
      expect(house.http.made.slice(before).filter(({ path }) => isToken(path))).toHaveLength(1)
    }
    expect(house.errors).toEqual([])
    expect(house.cloud.client.health.state).toBe('up')
  })

  it('C9: a hundred callers at expiry make exactly one token request per generation', async () => {
    await using house = await (await CloudHouse.open(rarePolls)).ready()
    const { signal } = new AbortController()
    for (let generation = 1; generation <= 3; generation++) {
      await house.pass(generation * (7_200_000 - 50_000) - house.clock.monotonic())
      const before = house.http.made.length
      const calls = Array.from({ length: 100 }, () =>
        house.cloud.client.call(deviceStatus, { device_id: lamp }, { priority: 'command', signal }),
      )
      await house.pass(minuteMs)
      expect(await Promise.all(calls)).toHaveLength(100)
      expect(house.http.made.slice(before).filter(({ path }) => isToken(path))).toHaveLength(1)
    }
  })

  describe('C10: the token endpoint is down for 5 min when the token ends', () => {
    /** Two minutes before the end of a token that lives for ten. */
    async function shortLived(): Promise<CloudHouse> {
      const house = await CloudHouse.open()
      house.simulator.faults.set('token-seconds=600')
      await house.pass(8 * minuteMs)
      return house
    }

    it.each([
      ['unreachable', unreachable],
      ['in trouble', () => refusal(500)],
      ['broken', broken],
    ])(
      'C10: %s: at most 12 calls to it, and the house is back within one breaker interval',
      async (_what, answer) => {
        await using house = await shortLived()
        const from = house.clock.monotonic()
        house.http.script = ({ path }) => (isToken(path) ? answer() : undefined)
        await house.pass(minuteMs + 5 * minuteMs)
        expect(house.http.since(from, '/v1.0/token').length).toBeLessThanOrEqual(12)
        expect(house.cloud.client.health.state).toBe('down')
        house.http.script = undefined
        await house.pass(6 * minuteMs)
        expect(house.cloud.client.health.state).toBe('up')
        const command = house.submit(plug, { switch_1: false })
        await house.pass(2_000)
        expect(command.outcome).toMatchObject({ state: 'confirmed' })
      },
    )

    it('C10: until the token ends nobody notices, and a waiting command finds the way back within 30 s', async () => {
      await using house = await shortLived()
      house.http.script = ({ path }) => (isToken(path) ? unreachable() : undefined)
      await house.pass(100_000)
      const before = house.submit(plug, { switch_1: false })
      await house.pass(2_000)
      expect(before.outcome).toMatchObject({ state: 'confirmed' })
      await house.pass(10 * minuteMs)
      house.http.script = undefined
      const commands: { outcome: { state: string } | undefined }[] = []
      await house.repeat(33_000, 1_000, (i) => commands.push(house.submit(plug, { countdown_1: i })))
      expect(commands.some(({ outcome }) => outcome?.state === 'confirmed')).toBe(true)
    })
  })
})
