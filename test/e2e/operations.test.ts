import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exampleParams } from '../../scripts/generate/operation-example.ts'
import { operations } from '../../src/codec/cloud/operation/index.ts'
import { VirtualDesk } from '../support/virtual-desk.ts'

const home_id = 3182004

/** What removes a thing that others need comes last. */
const inOrder = [...operations].sort(
  (a, b) => Number(a.class === 'destructive') - Number(b.class === 'destructive'),
)

let at: VirtualDesk

beforeAll(async () => {
  const allow = ['config', 'firmware', 'lock', 'destructive', 'room-create']
  at = await VirtualDesk.open({ config: { operations: { allow, raw: false } } as never })
})

afterAll(() => at[Symbol.asyncDispose]())

describe('operations by MQTT', () => {
  it('make, change and remove what the cloud has', async () => {
    const rooms = async () => {
      const { result } = await at.ask('room-list', { home_id })
      return (result as { rooms: { room_id: number; name: string }[] }).rooms
    }
    const before = await rooms()
    const { result: room_id } = await at.ask('room-create', { home_id, name: 'Attic' })
    expect(await rooms()).toContainEqual({ room_id, name: 'Attic' })
    expect(await at.ask('room-update', { home_id, room_id, name: 'Loft' })).toMatchObject({
      ok: true,
      result: true,
    })
    expect(await rooms()).toContainEqual({ room_id, name: 'Loft' })
    expect(await at.ask('room-delete', { home_id, room_id: String(room_id) })).toMatchObject({ ok: true })
    expect(await rooms()).toEqual(before)
    expect(await at.ask('room-delete', { home_id, room_id })).toMatchObject({
      ok: false,
      reason: 'cloud/refused',
      tuya: { code: 2502 },
    })
  })

  it('a thousand at once get a thousand answers, one each', async () => {
    const before = at.answers.length
    const devices = [...at.house.simulator.world.devices.keys()]
    const asked = Array.from({ length: 1_000 }, (_, i) =>
      i % 2 === 0
        ? at.say('device-status', { device_id: devices[i % devices.length] })
        : at.say('scene-list', { home_id }),
    )
    await at.heard(before + asked.length)
    await at.house.time.pass(20_000)
    const answers = at.answers.slice(before)
    expect(answers.map(({ id }) => id).sort()).toEqual([...asked].sort())
    expect(answers.filter(({ ok }) => ok)).toHaveLength(asked.length)
  })

  it.each(inOrder.map((one) => [one.id, one] as const))('%s is answered', async (id, operation) => {
    const answer = await at.ask(id, operation.class === 'never' ? {} : exampleParams(operation))
    if (operation.class === 'never' || operation.class === 'personal') {
      expect(answer).toMatchObject({ state: 'rejected', reason: 'command/forbidden' })
      return
    }
    // The cloud knows it, whatever it thinks of the example.
    expect(answer.reason ?? '').not.toMatch(/^(bridge|command)\//)
    expect(answer.tuya?.code).not.toBe(1108)
  })
})
