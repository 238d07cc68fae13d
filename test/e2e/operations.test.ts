import type { MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exampleParams } from '../../scripts/generate/operation-example.ts'
import { operations } from '../../src/codec/cloud/operation/index.ts'
import { VirtualHouse } from '../support/virtual-house.ts'

interface Answer {
  readonly id: string
  readonly state: string
  readonly ok: boolean
  readonly reason?: string
  readonly result?: unknown
  readonly tuya?: { readonly code: number }
}

/** Somebody who asks for operations in a house whose time is compressed. */
class Desk implements AsyncDisposable {
  readonly house: VirtualHouse
  readonly #client: MqttClient
  #asked = 0

  private constructor(house: VirtualHouse, client: MqttClient) {
    this.house = house
    this.#client = client
  }

  static async open(allow: readonly string[]): Promise<Desk> {
    const house = await VirtualHouse.open({ config: { operations: { allow, raw: false } } as never })
    return new Desk(house, await house.client(['tuya/reply/desk']))
  }

  /** Asks without waiting; the id of the question. */
  say(operation: string, params: object): string {
    const id = `q${++this.#asked}`
    this.#client.publish(`tuya/cmd/op/${operation}`, JSON.stringify({ id, from: 'desk', params }))
    return id
  }

  get answers(): Answer[] {
    return this.house.seen.map(({ payload }) => JSON.parse(payload) as Answer)
  }

  async ask(operation: string, params: object): Promise<Answer> {
    const id = this.say(operation, params)
    await this.heard(this.house.seen.length + 1)
    const answer = this.answers.find((one) => one.id === id)
    if (!answer) throw new Error(`another answer than that of ${operation}`)
    return answer
  }

  /** So many answers have come; the clock goes on slowly enough for what is on its way over a socket. */
  async heard(count: number): Promise<void> {
    for (let waited = 0; this.house.seen.length < count; waited++) {
      if (waited === 10_000) throw new Error(`${this.house.seen.length} of ${count} answers came`)
      await this.house.time.pass(5)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.house[Symbol.asyncDispose]()
  }
}

const home_id = 3182004

/** What removes a thing that others need comes last. */
const inOrder = [...operations].sort(
  (a, b) => Number(a.class === 'destructive') - Number(b.class === 'destructive'),
)

let at: Desk

beforeAll(async () => {
  at = await Desk.open(['config', 'firmware', 'lock', 'destructive', 'room-create'])
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
