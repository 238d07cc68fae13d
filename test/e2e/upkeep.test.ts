import { expect, it } from 'vitest'
import { VirtualHouse, type VirtualHouseOptions } from '../support/virtual-house.ts'

/** A plug with two modules, one of which waits for an upgrade. */
const plug = 'bf5b8310dfe2a947c3jy2h'
/** A switch of two channels, both with names. */
const ceiling = 'bf9e22b7c6d14f50a1xz3m'
const gateway = 'bf4e9d7a01b3c6f825zs8j'
/** Two of one product, without points of their own. */
const [lamp, bedside] = ['bf3c9a7d41e0b2f6aaw1vn', 'bf63d8a9f2c70e41b5ri1x'] as const

/** A house that shows everything, with somebody who speaks to it. */
async function opened(allow: readonly string[], options: VirtualHouseOptions = {}) {
  const house = await VirtualHouse.open({ ...options, config: { operations: { allow } } as never })
  const client = await house.client(['tuya/#'])
  const last = (topic: string): Record<string, unknown> | undefined => {
    const found = house.seen.findLast((message) => message.topic === `tuya/${topic}`)
    return found === undefined || found.payload === '' ? undefined : JSON.parse(found.payload)
  }
  const ask = async (topic: string, payload: string) => {
    const before = house.answers.length
    await client.publishAsync(`tuya/cmd/${topic}`, payload, { qos: 1 })
    await house.time.until(() => house.answers.length > before, 20_000, `an answer to ${topic}`)
    return house.answers.at(-1)
  }
  return { house, last, ask }
}

it('9: firmware is checked, installed and followed until it is there', async () => {
  const { house, last, ask } = await opened(['firmware'])
  await using _ = house
  const topic = `state/device/${plug}/ota`
  expect(last(topic)).toBeUndefined()
  expect(await ask('named/device/Washing machine/ota', 'check')).toMatchObject({
    target: `device/${plug}`,
    state: 'confirmed',
    result: { installed_version: '1.0.3', latest_version: '1.0.5', in_progress: false },
  })
  await house.time.until(() => last(topic), 2_000, 'the versions')
  expect(await ask(`device/${plug}/ota`, 'install')).toMatchObject({ state: 'confirmed', by: 'cloud' })
  await house.time.until(() => last(topic)?.['in_progress'] === true, 10_000, 'the upgrade running')
  await house.time.until(() => last(topic)?.['in_progress'] === false, 120_000, 'the upgrade being over')
  expect(last(topic)).toMatchObject({
    modules: [
      { type: 0, current: '1.1.8' },
      { type: 9, current: '1.0.5', latest: '1.0.5', status: 'done' },
    ],
  })
  expect(await ask(`device/${plug}/ota`, 'install')).toMatchObject({ reason: 'command/bad-value' })
})

it('9: a gateway pairs, and what joins it is told and shown', async () => {
  const { house, last, ask } = await opened(['gateway-enable-discovery'])
  await using _ = house
  const { devices } = house.bridge.inventory
  const before = new Set(devices.keys())
  expect(await ask('bridge/permit_pairing', JSON.stringify({ device: gateway, seconds: 60 }))).toMatchObject({
    state: 'confirmed',
    result: { device: gateway, seconds: 60 },
  })
  await house.time.until(() => last('event/bridge/device_added'), 40_000, 'a new device')
  const fresh = [...devices.keys()].find((id) => !before.has(id))
  expect(last('event/bridge/device_added')).toMatchObject({ device: fresh, data: { id: fresh } })
  await house.time.until(() => last(`meta/device/${fresh}/spec`), 10_000, 'its specification')
  expect(last(`meta/device/${fresh}`)).toMatchObject({ sub: true, gateway })
})

it('9: upgrades and pairing are off until the owner allows them, and say so', async () => {
  const { house, ask } = await opened([])
  await using _ = house
  const pairing = await ask('bridge/permit_pairing', JSON.stringify({ device: gateway }))
  expect(pairing).toMatchObject({ reason: 'command/forbidden' })
  expect(pairing?.['message']).toContain('operations.allow')
  expect(await ask(`device/${plug}/ota`, 'install')).toMatchObject({ reason: 'command/forbidden' })
  expect(house.simulator.world.pairing.isSearching(gateway)).toBe(false)
})

it('people’s names of channels are in the specification, and follow a renaming', async () => {
  const { house, last, ask } = await opened(['device-multiple-name-set'])
  await using _ = house
  const names = () => {
    const points = (last(`meta/device/${ceiling}/spec`)?.['dp'] ?? {}) as Record<string, { name: string }>
    return [points['switch_1']?.name, points['switch_2']?.name]
  }
  await house.time.until(() => names()[0] === 'Dining table', 5_000, 'the names of the channels')
  expect(names()).toEqual(['Dining table', 'Reading corner'])
  const params = { device_id: ceiling, identifier: 'switch_2', name: 'Piano' }
  expect(await ask('op/device-multiple-name-set', JSON.stringify({ params }))).toMatchObject({ ok: true })
  await house.time.until(() => names()[1] === 'Piano', 5_000, 'the new name')
  expect(names()).toEqual(['Dining table', 'Piano'])
})

it.each<readonly [string, readonly string[]]>([
  ['', []],
  [' where the thing model may not be read', ['not-authorised=thing']],
])(
  'a point that is renamed has its new name in the specification, and its old one again%s',
  async (_where, faults) => {
    const { house, last, ask } = await opened(['device-function-rename'], { faults })
    await using _ = house
    const name = (device: string, code: string) =>
      ((last(`meta/device/${device}/spec`)?.['dp'] ?? {}) as Record<string, { name: string }>)[code]?.name
    /** Where nobody gave a name, the platform repeats the code. */
    const rename = async (device_id: string, function_code: string, text: string) => {
      const params = { device_id, function_code, name: text }
      expect(await ask('op/device-function-rename', JSON.stringify({ params }))).toMatchObject({ ok: true })
      const shown = () => name(device_id, function_code) ?? function_code
      await house.time.until(() => shown() === text, 5_000, `${function_code} being ${text}`)
    }
    // One channel, several channels, and a plug.
    const points = [
      [lamp, 'switch_led'],
      [ceiling, 'relay_status'],
      [plug, 'switch_1'],
    ] as const
    for (const [device, code] of points) {
      const before = name(device, code) ?? code
      for (const text of ['Moonlight', 'Sunlight', before]) await rename(device, code, text)
    }
    await rename(lamp, 'switch_led', 'Moonlight')
    await house.time.pass(60_000)
    expect(name(bedside, 'switch_led')).not.toBe('Moonlight')
    expect(name(lamp, 'switch_led')).toBe('Moonlight')
  },
)
