import { describe, expect, it } from 'vitest'
import type { WorldFile } from '../../src/simulator/world-file.ts'
import { canaryWorld } from '../support/house.ts'
import { sharedHouse } from '../support/shared-house.ts'
import { until } from '../support/until.ts'
import { VirtualHouse } from '../support/virtual-house.ts'

const lamp = 'bf3c9a7d41e0b2f6aaw1vn'
const strip = 'bf71d05c2ab94e83f0kq6d'
const plug = 'bf5b8310dfe2a947c3jy2h'
const bedside = 'bf63d8a9f2c70e41b5ri1x'
const lock = 'bf8ad03e75c92f1b46ay6k'
const ceiling = 'bf9e22b7c6d14f50a1xz3m'
const contrary = 'bfcontrary00000000001'

/** The demo's world with a device that undoes a part of what it is told. */
function world(): WorldFile {
  const { devices, ...rest } = canaryWorld()
  const point = { type: 'Boolean', access: 'rw', values: {}, initial: false } as const
  const dps = [
    { ...point, id: 1, code: 'switch_1', effects: [{ set: { switch_2: false } }] },
    { ...point, id: 2, code: 'switch_2' },
  ]
  const model = { category: 'kg', productId: 'contrary0000001', productName: 'Contrary switch', dps }
  const device = { id: contrary, name: 'Contrary', model: 'contrary', home: '3182004' }
  return { ...rest, models: { contrary: model }, devices: [...devices, device] }
}

describe('7.5: what happens on the way', () => {
  const at = sharedHouse({ simulator: { faults: ['latency=150'] } })
  const answersFor = (id: string) => at.answersOn(`result/device/${id}`)

  it('superseded: of many writes to one slider the last is done, and each has its answer', async () => {
    const answers = answersFor(lamp)
    for (let i = 0; i < 10; i++)
      await at.house.publish(at.client, `cmd/device/${lamp}/dp/bright_value_v2`, String(100 + i))
    await until(() => answers().length === 10)
    const superseded = answers().filter(({ state }) => state === 'superseded')
    expect(superseded.length).toBeGreaterThan(0)
    expect(superseded[0]).toMatchObject({ reason: 'command/superseded', retry: 'later' })
    expect(at.status(lamp).get('bright_value_v2')).toBe(109)
  })

  it('busy: more than 32 wait for a device', async () => {
    const answers = at.answersOn('result/op/device-commands')
    const params = { device_id: ceiling, commands: [{ code: 'switch_1', value: true }] }
    for (let i = 0; i < 40; i++)
      await at.house.publish(at.client, 'cmd/op/device-commands', JSON.stringify({ params }))
    await until(() => answers().some(({ reason }) => reason === 'command/busy'))
    expect(answers().find(({ reason }) => reason === 'command/busy')).toMatchObject({
      state: 'rejected',
      retry: 'later',
    })
    expect(answers().filter(({ reason }) => reason === 'command/busy').length).toBeLessThanOrEqual(7)
  })

  it('expired: it could not start in its time', async () => {
    const answers = answersFor(strip)
    const set = (value: number, ttl: number) =>
      at.house.publish(
        at.client,
        `cmd/device/${strip}`,
        JSON.stringify({
          dp: { [value > 100 ? 'bright_value' : 'temp_value']: value },
          ttl,
          id: `t${value}`,
        }),
      )
    await set(150, 10_000)
    await set(50, 100)
    await until(() => answers().length === 2)
    expect(answers().find(({ id }) => id === 't50')).toMatchObject({
      state: 'expired',
      reason: 'command/expired',
    })
    expect(at.status(strip).get('temp_value')).not.toBe(50)
  })

  it('shutdown: what waits is told, what was sent ends', async () => {
    const answers = answersFor(plug)
    for (const code of ['switch_1', 'child_lock', 'countdown_1', 'relay_status'])
      await at.house.publish(
        at.client,
        `cmd/device/${plug}/dp/${code}`,
        code === 'countdown_1' ? '5' : code === 'relay_status' ? 'on' : 'true',
      )
    await until(() => at.house.simulator.journal.entries('command', plug).length > 0)
    await at.house.bridge[Symbol.asyncDispose]()
    await until(() => answers().length === 4)
    expect(answers().filter(({ reason }) => reason === 'bridge/shutdown').length).toBeGreaterThan(0)
    expect(answers().filter(({ state }) => state === 'confirmed').length).toBeGreaterThan(0)
  })
})

describe('7.3: what nobody confirms', () => {
  async function ask(house: VirtualHouse, device: string, dp: object): Promise<Record<string, unknown>> {
    const client = await house.client()
    client.publish(`tuya/cmd/device/${device}`, JSON.stringify({ dp }))
    await house.time.until(() => house.answers.length > 0, 15_000, 'the answer')
    return house.answers[0] ?? {}
  }

  it('nothing: the outcome is unknown, and says so', async () => {
    await using house = await VirtualHouse.open()
    house.simulator.world.device(lamp).dead = true
    const answer = await ask(house, lamp, { bright_value_v2: 444 })
    expect(answer).toMatchObject({
      state: 'timeout',
      ok: false,
      reason: 'command/unconfirmed',
      retry: 'later',
    })
    expect(answer['message']).toContain('bright_value_v2')
    expect(house.bridge.inventory.device(lamp)?.state.get('bright_value_v2')?.value).not.toBe(444)
  })

  it('a part: each point is told', async () => {
    await using house = await VirtualHouse.open({ world: world() })
    expect(await ask(house, contrary, { switch_1: true, switch_2: true })).toMatchObject({
      state: 'timeout',
      reason: 'command/partly-unconfirmed',
      details: [
        { dp: 'switch_1', confirmed: true },
        { dp: 'switch_2', confirmed: false },
      ],
    })
  })
})

describe('7.5: what the cloud says', () => {
  // A round of reading that met the error first would have closed the way before the command.
  const at = sharedHouse({ config: { poll: { minSeconds: 600 } } })

  const refusal = async (code: number) => {
    at.house.simulator.faults.set(`error=*:${code}`)
    const answer = await at.ask(`device/${lamp}/dp/bright_value_v2`, String(10 + (code % 900)))
    at.house.simulator.faults.clear('error')
    return answer
  }

  it('an offline device', async () => {
    const answer = await at.ask(`device/${bedside}/dp/switch_led`, 'on', `device/${bedside}`)
    expect(answer).toMatchObject({ state: 'failed', reason: 'cloud/device-offline', tuya: { code: 2001 } })
  })

  it('a value that it does not take', async () => {
    expect(await refusal(2008)).toMatchObject({ state: 'failed', reason: 'cloud/unsupported' })
  })

  it('a code that nobody knows is passed on word for word', async () => {
    expect(await refusal(9_999_999)).toMatchObject({
      state: 'failed',
      reason: 'cloud/refused',
      tuya: { code: 9_999_999, msg: 'injected' },
    })
  })

  it('used-up calls, after which there is no way', async () => {
    expect(await refusal(28_841_004)).toMatchObject({
      state: 'failed',
      reason: 'cloud/quota',
      tuya: { code: 28_841_004 },
    })
    const next = await at.ask(`device/${lamp}/dp/bright_value_v2`, '99')
    expect(next).toMatchObject({ state: 'failed', ok: false })
    expect(['command/no-path', 'cloud/quota']).toContain(next['reason'])
  })
})

describe('settings of commands', () => {
  const at = sharedHouse({
    config: {
      commands: { requireTs: true, clearRetained: false, replyTopics: ['panel/+/answer'] },
      names: 'off',
      operations: { allow: ['lock'] },
      bridge: { remoteAdmin: true },
    },
  })

  it('requireTs: undated commands are refused, and named so', async () => {
    const about = `device/${lamp}`
    expect(await at.ask(`${about}/dp/bright_value_v2`, '300')).toMatchObject({
      reason: 'command/missing-param',
    })
    const dated = { dp: { bright_value_v2: 300 }, ts: Date.now() }
    expect(await at.ask(about, dated)).toMatchObject({ state: 'confirmed' })
  })

  it('names off: nothing is reached by name', async () => {
    const answer = await at.ask('named/device/desk_lamp/get', '1', 'unknown')
    expect(answer).toMatchObject({ reason: 'command/unknown-name' })
  })

  it('class lock: lock devices are written', async () => {
    const about = `device/${lock}`
    const answer = await at.ask(about, { dp: { automatic_lock: true }, ts: Date.now() }, about)
    expect(answer).toMatchObject({ state: 'confirmed' })
  })

  it('remoteAdmin: what is retained is counted', async () => {
    const answer = await at.ask(
      'bridge/clear_retained',
      { dryRun: true, ts: Date.now() },
      'bridge/clear_retained',
    )
    expect(answer).toMatchObject({ state: 'confirmed', result: { dryRun: true } })
    expect((answer['result'] as { topics: number }).topics).toBeGreaterThan(100)
  })
})
