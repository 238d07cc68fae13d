import { describe, expect, it } from 'vitest'
import { lanVersions } from '../../../src/codec/lan/version.ts'
import { LanClient } from '../../support/lan-client.ts'
import { LanHouse } from '../../support/lan-house.ts'

describe('a simulated device', () => {
  it.each(lanVersions)('of %s answers a query, does what is set, says so, and is alive', async (version) => {
    await using house = await LanHouse.start({ version })
    await using client = await LanClient.open(house.lamp)
    if (version === '3.2') client.nullQuery([20, 22])
    else client.query()
    expect(await client.values()).toMatchObject({ 20: true, 22: 420 })
    client.set({ 20: false, 22: 500 })
    const [ack, push] = await client.take(2)
    expect(ack).toMatchObject({ reply: { kind: 'empty' } })
    expect(push).toMatchObject({ command: 8, reply: { kind: 'values', cid: null } })
    expect(house.status('switch_led')).toBe(false)
    expect(house.status('bright_value_v2')).toBe(500)
    client.heartbeat()
    expect(await client.next()).toMatchObject({ command: 9, reply: { kind: 'empty' } })
    house.simulator.world.report(house.lamp.id, { switch_led: true })
    expect(await client.values()).toEqual({ 20: true })
  })
})
