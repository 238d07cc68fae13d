import { describe, expect, it } from 'vitest'
import { parseEnvelope } from '../../src/codec/cloud/envelope.ts'
import { cloudFaults, Faults } from '../../src/simulator/fault.ts'
import { demoWorld } from '../../src/simulator/world-file.ts'
import { BridgeError } from '../../src/util/error.ts'
import { JsonError } from '../../src/util/json.ts'
import { CloudCaller } from '../support/cloud-caller.ts'

const lamp = 'bf3c9a7d41e0b2f6aaw1vn'
const plug = 'bf5b8310dfe2a947c3jy2h'
const home = '3182004'
const status = `/v1.0/devices/${lamp}/status`

const off = { body: { commands: [{ code: 'switch_led', value: false }] } }
const isOn = (caller: CloudCaller) => caller.simulator.world.device(lamp).status.get('switch_led')

/** Calls a path so often and counts the answers with each code; 0 is success. */
async function codes(caller: CloudCaller, count: number, path = status): Promise<Record<number, number>> {
  const seen: Record<number, number> = {}
  for (let i = 0; i < count; i++) {
    const code = (await caller.code('GET', path)) ?? 0
    seen[code] = (seen[code] ?? 0) + 1
  }
  return seen
}

/** The answer to a correct call, as it would leave for the socket. */
function answered(caller: CloudCaller, path = status) {
  return caller.answer(caller.request('GET', path, { token: caller.token() }))
}

/** What each fault of the cloud does; one entry for every name there is. */
const effects: Readonly<Record<keyof typeof cloudFaults, () => Promise<void>>> = {
  latency: async () => {
    const caller = new CloudCaller({ faults: ['latency=500-2000'] })
    let done = 0
    for (let i = 0; i < 20; i++) void caller.call('GET', status).then(() => done++)
    await caller.clock.advance(499)
    expect(done).toBe(0)
    await caller.clock.advance(700)
    expect(done).toBeGreaterThan(0)
    expect(done).toBeLessThan(20)
    await caller.clock.advance(801)
    expect(done).toBe(20)
  },
  'device-latency': async () => {
    const caller = new CloudCaller({ faults: ['device-latency=50'] })
    expect(await caller.result('POST', `/v1.0/devices/${lamp}/commands`, off)).toBe(true)
    await caller.clock.advance(49)
    expect(isOn(caller)).toBe(true)
    await caller.clock.advance(1)
    expect(isOn(caller)).toBe(false)
  },
  error: async () => {
    const caller = new CloudCaller({ faults: ['error=device-status:500'] })
    expect(await caller.code('GET', status)).toBe(500)
    expect(await caller.code('GET', `/v1.0/devices/${lamp}`)).toBeUndefined()
    caller.simulator.faults.set('error=*:1110')
    expect(await caller.code('GET', status)).toBe(1110)
    expect(await caller.code('GET', `/v1.0/devices/${lamp}`)).toBe(1110)
  },
  http: async () => {
    const caller = new CloudCaller({ faults: ['http=503'] })
    expect(await answered(caller)).toEqual({ status: 503, headers: {}, body: '' })
  },
  'retry-after': async () => {
    const caller = new CloudCaller({ faults: ['http=429', 'retry-after=30'] })
    expect(await answered(caller)).toMatchObject({ status: 429, headers: { 'retry-after': '30' } })
  },
  stall: async () => {
    const caller = new CloudCaller({ faults: ['stall=headers'] })
    expect((await answered(caller)).stall).toBe('headers')
    caller.simulator.faults.set('stall=body')
    expect((await answered(caller)).stall).toBe('body')
  },
  reset: async () => {
    const caller = new CloudCaller({ faults: ['reset=3'] })
    const resets: boolean[] = []
    for (let i = 0; i < 6; i++) resets.push((await answered(caller)).reset ?? false)
    expect(resets).toEqual([false, false, true, false, false, true])
  },
  redirect: async () => {
    const caller = new CloudCaller({ faults: ['redirect=https://elsewhere.example/?a=b'] })
    expect(await answered(caller)).toMatchObject({
      status: 302,
      headers: { location: 'https://elsewhere.example/?a=b' },
    })
  },
  garbage: async () => {
    const caller = new CloudCaller()
    for (const kind of ['truncated', 'html', 'gzip', 'huge', 'number']) {
      caller.simulator.faults.set(`garbage=${kind}`)
      const { status: http, body } = await answered(caller)
      expect(http).toBe(200)
      expect(() => parseEnvelope(Buffer.from(body)), kind).toThrow(JsonError)
    }
  },
  'clock-skew': async () => {
    const caller = new CloudCaller({ faults: ['clock-skew=600000'] })
    const reply = await caller.call('GET', status)
    expect(reply).toMatchObject({ code: 1013, t: caller.clock.now() + 600_000 })
    expect(await caller.code('GET', status, { aheadMs: 600_000 })).toBeUndefined()
    caller.simulator.faults.set('clock-skew=-600000')
    expect(await caller.code('GET', status)).toBe(1013)
  },
  'token-seconds': async () => {
    const caller = new CloudCaller({ faults: ['token-seconds=5'] })
    expect(await caller.result('GET', '/v1.0/token', { query: { grant_type: '1' } })).toMatchObject({
      expire_time: 5,
    })
    const token = caller.token()
    await caller.clock.advance(5_000)
    expect(await caller.code('GET', status, { token })).toBe(1010)
  },
  quota: async () => {
    expect(await codes(new CloudCaller({ faults: ['quota=0'] }), 2)).toEqual({ 28841004: 2 })
    expect(await codes(new CloudCaller({ faults: ['quota=3'] }), 5)).toEqual({ 0: 3, 28841004: 2 })
  },
  'plan-expired': async () => {
    expect(await codes(new CloudCaller({ faults: ['plan-expired'] }), 2)).toEqual({ 28841002: 2 })
  },
  'not-authorised': async () => {
    const caller = new CloudCaller({ faults: ['not-authorised=thing-'] })
    expect(await codes(caller, 1, `/v2.0/cloud/thing/${lamp}/model`)).toEqual({ 28841105: 1 })
    expect(await codes(caller, 1)).toEqual({ 0: 1 })
  },
  throttle: async () => {
    const caller = new CloudCaller({ faults: ['throttle=5'] })
    expect(await codes(caller, 12)).toEqual({ 0: 10, 1199: 2 })
    await caller.clock.advance(1_000)
    expect(await codes(caller, 7)).toEqual({ 0: 5, 1199: 2 })
    const generous = new CloudCaller({ faults: ['throttle=1000'] })
    expect(await codes(generous, 500)).toEqual({ 0: 500 })
  },
  'lost-commands': async () => {
    const never = new CloudCaller({ faults: ['lost-commands=1'] })
    expect(await never.result('POST', `/v1.0/devices/${lamp}/commands`, off)).toBe(true)
    expect(isOn(never)).toBe(true)
    expect(never.simulator.journal.entries('command', lamp)).toHaveLength(1)

    const half = new CloudCaller({ faults: ['lost-commands=0.5', 'throttle=1000'] })
    for (let i = 0; i < 200; i++) {
      await half.result('POST', `/v1.0/devices/${lamp}/commands`, {
        body: { commands: [{ code: 'bright_value_v2', value: 10 + i }] },
      })
    }
    const reports = half.simulator.journal.entries('report', lamp).length
    expect(reports).toBeGreaterThan(60)
    expect(reports).toBeLessThan(140)
  },
  'commands-act-then-stall': async () => {
    const caller = new CloudCaller({ faults: ['commands-act-then-stall'] })
    const token = caller.token()
    const command = caller.request('POST', `/v1.0/devices/${lamp}/commands`, { ...off, token })
    expect((await caller.answer(command)).stall).toBe('headers')
    expect(isOn(caller)).toBe(false)
    const issue = caller.request('POST', `/v2.0/cloud/thing/${plug}/shadow/properties/issue`, {
      body: { properties: '{"standby_limit":50}' },
      token,
    })
    expect((await caller.answer(issue)).stall).toBe('headers')
    expect(caller.simulator.world.device(plug).status.get('standby_limit')).toBe(50)
    expect((await answered(caller)).stall).toBeUndefined()
  },
  'upgrade-fails': async () => {
    const world = demoWorld()
    const firmware = [{ module: 0, version: '1.0.0', upgrade: '1.1.0' }]
    const devices = world.devices.map((device) => (device.id === lamp ? { ...device, firmware } : device))
    const caller = new CloudCaller({ world: { ...world, devices }, faults: ['upgrade-fails'] })
    const body = { module_type: 0 }
    expect(await caller.result('PUT', `/v1.0/devices/${lamp}/confirm-upgrade`, { body })).toBe(true)
    await caller.clock.advance(60_000)
    expect(await caller.result('GET', `/v1.0/devices/${lamp}/upgrade-infos`)).toMatchObject([
      { upgrade_status: 4, current_version: '1.0.0' },
    ])
  },
  'empty-lists': async () => {
    const caller = new CloudCaller({ faults: ['empty-lists'] })
    for (const path of [
      `/v1.0/homes/${home}/devices`,
      `/v1.0/homes/${home}/rooms/1408001/devices`,
      '/v1.0/users/eu1528964101460qLVPu/devices',
    ]) {
      expect(await caller.result('GET', path), path).toEqual([])
    }
    expect(await caller.result('GET', '/v1.0/iot-01/associated-users/devices')).toMatchObject({
      devices: [],
      has_more: false,
    })
    expect(await caller.result('GET', `/v1.0/devices/${lamp}`)).toMatchObject({ id: lamp })
  },
  'hide-device': async () => {
    const caller = new CloudCaller({ faults: [`hide-device=${lamp}`] })
    const listed = async (path: string) =>
      (await caller.result<readonly { id: string }[]>('GET', path)).map(({ id }) => id)
    expect(await listed(`/v1.0/homes/${home}/devices`)).not.toContain(lamp)
    expect(await listed(`/v1.0/homes/${home}/rooms/1408001/devices`)).not.toContain(lamp)
    expect(await listed('/v1.0/users/eu1528964101460qLVPu/devices')).toHaveLength(19)
    expect(await caller.result('GET', `/v1.0/devices/${lamp}`)).toMatchObject({ id: lamp })
  },
}

describe('the fault', () => {
  it.each(Object.entries(cloudFaults))('%s: %s', async (name) => {
    await effects[name as keyof typeof cloudFaults]()
  })

  it('is gone when it is cleared, alone or with all others', async () => {
    const caller = new CloudCaller({ faults: ['plan-expired', 'http=503'] })
    caller.simulator.faults.clear('http')
    expect(await caller.code('GET', status)).toBe(28841002)
    caller.simulator.faults.set('http=500')
    caller.simulator.faults.clear()
    expect(await caller.code('GET', status)).toBeUndefined()
  })

  it('below the platform leaves a note of the request, without its query', async () => {
    const caller = new CloudCaller({ faults: ['http=503'] })
    const query = { device_ids: lamp }
    await caller.answer(caller.request('GET', '/v1.0/devices/status', { query, token: caller.token() }))
    expect(caller.simulator.journal.entries('request', 'fault')).toMatchObject([
      { detail: { target: '/v1.0/devices/status' } },
    ])
  })
})

describe('reading a fault', () => {
  it('with a wrong name is refused, with a hint', () => {
    expect(() => new Faults().set('latncy=5')).toThrow(/no fault "latncy"\. Did you mean latency\?/)
    expect(() => new Faults().set('toString')).toThrow(BridgeError)
    expect(() => new Faults().set('')).toThrow(BridgeError)
  })

  it('keeps everything after the first equals sign', () => {
    const faults = new Faults()
    faults.set('redirect=https://x.example/?a=b=c')
    expect(faults.text('redirect')).toBe('https://x.example/?a=b=c')
    expect(faults.has('redirect')).toBe(true)
    expect(faults.number('redirect')).toBeUndefined()
  })

  it('takes a range or one number of milliseconds', () => {
    const faults = new Faults()
    const at = (chance: number) => faults.milliseconds('latency', () => chance)
    expect(at(0.5)).toBe(0)
    faults.set('latency=500-2000')
    expect([at(0), at(0.5), at(1)]).toEqual([500, 1_250, 2_000])
    faults.set('latency=300')
    expect([at(0), at(1)]).toEqual([300, 300])
    faults.set('latency=soon')
    expect(at(0.5)).toBe(0)
  })

  it('takes a share, and behind a colon a number', () => {
    const faults = new Faults()
    const hits = (chance: number) => faults.hits('queue-large', () => chance)
    expect(hits(0)).toBe(false)
    faults.set('queue-large')
    expect([hits(0), hits(0.999), faults.detail('queue-large')]).toEqual([true, true, undefined])
    faults.set('queue-large=0.25:300000')
    expect([hits(0.2), hits(0.25), faults.detail('queue-large')]).toEqual([true, false, 300_000])
    expect(faults.count('queue-large')).toBe(0.25)
    faults.set('queue-large=:7')
    expect([hits(0.9), faults.detail('queue-large'), faults.count('queue-large')]).toEqual([
      true,
      7,
      undefined,
    ])
  })
})
