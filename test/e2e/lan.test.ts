import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { House } from '../support/house.ts'
import { until } from '../support/until.ts'

/** One device for each version: its id, a point that can be written, two values for it. */
const devices = [
  ['3.1', 'bf71d05c2ab94e83f0kq6d', 'switch_led', true, false],
  ['3.2', 'bfd17e3a8b0549c6f2um4c', 'switch_led_1', true, false],
  ['3.3', 'bf9e22b7c6d14f50a1xz3m', 'switch_1', true, false],
  ['3.4', 'bf5b8310dfe2a947c3jy2h', 'switch_1', true, false],
  ['3.5', 'bf3c9a7d41e0b2f6aaw1vn', 'switch_led', true, false],
] as const
const lamp = 'bf3c9a7d41e0b2f6aaw1vn'
const plug = 'bf5b8310dfe2a947c3jy2h'
const gateway = 'bf4e9d7a01b3c6f825zs8j'
const motion = 'bfb05c1f8e6d2a9743mt7p'
const button = 'bf96e3a4d0c7b8f152le5u'
const leak = 'bfa6f4790c1b8d25e9pv7s'

let house: House

beforeAll(async () => {
  house = await House.open({ lan: true })
  await house.ready()
  await house.onLan(...devices.map(([, id]) => id), gateway)
  await house.observe()
  await house.quiet()
})

afterAll(() => house[Symbol.asyncDispose]())

/** The final answer to a command. */
async function command(id: string, payload: object): Promise<Record<string, unknown>> {
  const n = house.on(`result/device/${id}`).length + 1
  const client = await house.client()
  await house.publish(client, `cmd/device/${id}`, JSON.stringify(payload))
  return house.answer(`device/${id}`, n)
}

const executed = (id: string) =>
  house.simulator.journal
    .entries('command', id)
    .map(({ detail }) => [detail['path'] ?? 'cloud', detail['values']])

describe.each(devices)('a device of %s', (version, id, code, ...values) => {
  it('is commanded on the LAN, once, and reports there', async () => {
    for (const value of values) {
      house.simulator.journal.clear()
      const present = house.simulator.world.device(id).status.get(code)
      const answer = await command(id, { dp: { [code]: value } })
      expect(answer).toMatchObject({
        state: 'confirmed',
        path: 'lan',
        by: present === value ? 'ack' : 'report',
      })
      expect(answer['attempts']).toBeUndefined()
      expect(executed(id)).toEqual([['lan', { [code]: value }]])
    }
  })

  it('tells what happens to it on the LAN; the queue’s word of the same is no second change', async () => {
    const before = house.on(`event/device/${id}/report`).length
    const present = house.simulator.world.device(id).status.get(code)
    house.simulator.world.report(id, { [code]: !present })
    await until(() => house.on(`event/device/${id}/report`).length > before, 5_000, 'the report')
    const fact = () => house.bridge.inventory.device(id)?.state.get(code)
    await until(() => fact()?.value === !present && fact()?.source === 'lan', 5_000, 'the value from the LAN')
    await house.quiet(400)
    expect(house.on(`event/device/${id}/report`).length).toBe(before + 1)
  })

  it('says which ways there are', () => {
    expect(house.last(`state/device/${id}/paths`)).toMatchObject({
      lan: { state: 'up', reason: null, version },
      cloud: { state: 'up' },
    })
    expect(house.last(`meta/device/${id}`)).toMatchObject({ paths: ['lan', 'cloud'], lan: { version } })
  })
})

describe('the choice of the way', () => {
  it('a command may ask for the cloud', async () => {
    house.simulator.journal.clear()
    const answer = await command(lamp, { dp: { bright_value_v2: 321 }, path: 'cloud' })
    expect(answer).toMatchObject({ state: 'confirmed', path: 'cloud' })
    expect(executed(lamp)).toEqual([['cloud', { bright_value_v2: 321 }]])
  })

  it('a setting may prefer it, for all or for one, from one moment to the next', async () => {
    await house.reload({ route: { prefer: 'lan', devices: { [lamp]: 'cloud' } } } as never)
    expect(await command(lamp, { dp: { bright_value_v2: 322 } })).toMatchObject({ path: 'cloud' })
    expect(await command(plug, { dp: { switch_1: true } })).toMatchObject({ path: 'lan' })
    await house.reload({ route: { prefer: 'lan', devices: { [lamp]: 'lan' } } } as never)
    expect(await command(lamp, { dp: { bright_value_v2: 323 } })).toMatchObject({ path: 'lan' })
  })

  it('a device without a way on the LAN goes over the cloud, and says why the LAN is none', async () => {
    const answer = await command('bf70e6b1a9d4c2f853vf9y', { dp: { switch_1: true }, path: 'lan' })
    expect(answer).toMatchObject({ state: 'failed', reason: 'command/no-path' })
  })

  it('values take the form that the device itself wants', async () => {
    const colour = { h: 201, s: 511, v: 899 }
    expect(await command(lamp, { dp: { colour_data_v2: colour } })).toMatchObject({
      state: 'confirmed',
      path: 'lan',
    })
    expect(house.bridge.inventory.device(lamp)?.state.get('colour_data_v2')?.value).toEqual(colour)
  })

  it('a read asks the device itself', async () => {
    const n = house.on(`result/device/${lamp}`).length + 1
    const client = await house.client()
    await house.publish(client, `cmd/device/${lamp}/get`, '{}')
    expect(await house.answer(`device/${lamp}`, n)).toMatchObject({ state: 'confirmed', path: 'lan' })
  })
})

describe('what stands behind a gateway', () => {
  it('speaks through it', async () => {
    const now = house.simulator.world.device(motion).status.get('pir')
    house.simulator.world.report(motion, { pir: now === 'pir' ? 'none' : 'pir' })
    await until(
      () => house.bridge.inventory.device(motion)?.state.get('pir')?.source === 'lan',
      5_000,
      'the report through the gateway',
    )
    expect(house.last(`state/device/${motion}/paths`)).toMatchObject({ lan: { state: 'up' } })
  })

  it('a press that gateway and cloud both tell is one event', async () => {
    const presses = () => house.on(`event/device/${button}/button/switch_mode1`).length
    const before = presses()
    house.simulator.world.report(button, { switch_mode1: 'click' })
    await until(() => presses() > before, 5_000, 'the press')
    await house.quiet(500)
    expect(presses()).toBe(before + 1)
    house.simulator.world.report(button, { switch_mode1: 'click' })
    await until(() => presses() > before + 1, 5_000, 'the second press')
    await house.quiet(500)
    expect(presses()).toBe(before + 2)
  })
})

it('what is on the LAN is summed up in the health of the bridge', () => {
  const { lan } = house.bridge.health.links
  expect(lan).toMatchObject({ state: 'up', down: 0, reasons: {} })
  expect(lan.up).toBeGreaterThanOrEqual(11)
  expect(house.last('bridge/info')).toMatchObject({ paths: ['lan', 'cloud'] })
})

it('a device that only the cloud knows is none of the LAN’s business', () => {
  expect(house.last(`state/device/${leak}/paths`)).toMatchObject({ lan: { state: 'unused' } })
  expect(house.last(`meta/device/${leak}`)).toMatchObject({ paths: ['cloud'], lan: null })
})
