import { expect, it } from 'vitest'
import { canaryWorld } from '../support/house.ts'
import { VirtualHouse } from '../support/virtual-house.ts'

const lamp = 'bf3c9a7d41e0b2f6aaw1vn'

// The ten seconds of the matrix, by a clock that does not wait.

it('K1: of 1,000 writes a second to one slider few reach the device, the last within 500 ms, and each is answered', async () => {
  await using house = await VirtualHouse.open()
  const { journal, world } = house.simulator
  const client = await house.client()
  for (let tick = 0; tick < 200; tick++) {
    for (let i = 0; i < 50; i++)
      client.publish(`tuya/cmd/device/${lamp}/dp/bright_value_v2`, String(10 + ((tick * 50 + i) % 990)))
    await house.arrived(client)
    await house.time.pass(50)
  }
  const last = 10 + (9_999 % 990)
  const lateMs = await house.time.until(
    () => world.device(lamp).status.get('bright_value_v2') === last,
    5_000,
    'the last value',
  )
  expect(lateMs).toBeLessThanOrEqual(500)
  await house.time.until(() => house.answers.length >= 10_000, 20_000, 'all answers')
  await house.time.pass(1_000)
  expect(house.answers).toHaveLength(10_000)
  const states = new Set(house.answers.map(({ state }) => state))
  expect([...states].sort()).toEqual(['confirmed', 'superseded'])
  const writes = journal.entries('command', lamp)
  for (const { at } of writes) {
    const within = writes.filter((other) => other.at >= at && other.at < at + 1_000)
    expect(within.length).toBeLessThanOrEqual(20)
  }
  expect(writes.at(-1)?.detail).toEqual({ values: { bright_value_v2: last } })
})

it('K2: 2,000 commands a second over 200 devices and 60 that act on every write: all answered, the last of each lands', async () => {
  const base = canaryWorld()
  const ids = Array.from({ length: 200 }, (_, i) => `bffleet${String(i).padStart(4, '0')}`)
  const fleet = ids.map((id) => ({ id, name: id, model: 'lamp_v2', home: '3182004' }))
  const remote = { id: 'bfremote', name: 'Remote', model: 'ir', home: '3182004' }
  await using house = await VirtualHouse.open({ world: { ...base, devices: [...fleet, remote] } })
  const { journal, world } = house.simulator
  const client = await house.client()
  const wanted = new Map<string, number>()
  let sent = 0
  for (let tick = 0; tick < 100; tick++) {
    for (let i = 0; i < 200; i++) {
      const id = ids[(i * 7 + tick) % 200] as string
      const value = 10 + ((tick * 200 + i) % 990)
      wanted.set(id, value)
      client.publish(`tuya/cmd/device/${id}/dp/bright_value_v2`, String(value))
      sent++
    }
    for (let i = 0; i < 6; i++, sent++)
      client.publish('tuya/cmd/device/bfremote/dp/ir_send', `{"control":"send_ir","n":${sent}}`)
    await house.arrived(client)
    await house.time.pass(100)
  }
  const isThere = () =>
    [...wanted].every(([id, value]) => world.device(id).status.get('bright_value_v2') === value)
  expect(await house.time.until(isThere, 20_000, 'the last value of each device')).toBeLessThanOrEqual(5_000)
  await house.time.until(() => house.answers.length >= sent, 20_000, 'all answers')
  await house.time.pass(1_000)
  expect(house.answers).toHaveLength(sent)
  const remotes = house.answers.filter(({ target }) => target === 'device/bfremote')
  expect(remotes.filter(({ reason }) => reason === 'command/rate').length).toBeGreaterThan(0)
  // I-6: whatever was not refused acted once, and nothing else did.
  const acted = journal.entries('command', 'bfremote').map(({ detail }) => JSON.stringify(detail))
  expect(new Set(acted).size).toBe(acted.length)
  expect(acted).toHaveLength(remotes.filter(({ state }) => state === 'confirmed').length)
})
