import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deviceGet } from '../../src/codec/cloud/operation/device-get.ts'
import { deviceSpecificationsV11 } from '../../src/codec/cloud/operation/device-specifications-v1-1.ts'
import { deviceStatus } from '../../src/codec/cloud/operation/device-status.ts'
import { homeDevices } from '../../src/codec/cloud/operation/home-devices.ts'
import { roomList } from '../../src/codec/cloud/operation/room-list.ts'
import { thingModel } from '../../src/codec/cloud/operation/thing-model.ts'
import { thingProperties } from '../../src/codec/cloud/operation/thing-properties.ts'
import { userHomes } from '../../src/codec/cloud/operation/user-homes.ts'
import { CallBudget } from '../../src/transport/cloud/budget.ts'
import { CloudClient } from '../../src/transport/cloud/client.ts'
import { BridgeError } from '../../src/util/error.ts'
import { Secret } from '../../src/util/secret.ts'
import { anyText } from '../support/any-text.ts'
import { CloudHouse } from '../support/cloud-house.ts'
import { anyOperation } from '../support/cloud-request.ts'
import { hastyClock } from '../support/hasty-clock.ts'
import { heldBytes } from '../support/memory.ts'
import { refusal, success } from '../support/scripted-exchange.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs

const lamp = 'bf3c9a7d41e0b2f6aaw1vn'
const plug = 'bf5b8310dfe2a947c3jy2h'
const remote = 'bf3fa81d62c5e9b074bd2g'

/** Nothing is read but what the test makes necessary, and everything each six hours. */
const rarePolls = { pollSeconds: 1_000_000 }

const isToken = (path: string) => path.startsWith('/v1.0/token')

/** What the cloud answers, and what becomes of that, on the simulated clock and without a socket between. */
describe('answers of the cloud', () => {
  it('C11: 10,000 generated answers end in a result of the right form or a typed error', async () => {
    const operations = [
      deviceStatus,
      deviceGet,
      deviceSpecificationsV11,
      homeDevices,
      roomList,
      thingModel,
      thingProperties,
      userHomes,
    ].map(anyOperation)
    const args = { device_id: 'bf1', home_id: '1', uid: 'u1' }
    const genuine = await genuineAnswers()
    const cut = fc.tuple(fc.constantFrom(...genuine), fc.double({ min: 0, max: 1, noNaN: true }))
    const mangled = fc.tuple(
      fc.constantFrom(...genuine),
      fc.nat(),
      fc.constantFrom(
        '"',
        '1e999',
        'null',
        '{',
        ']',
        '-1',
        '"__proto__":{"a":1},',
        '\u0000',
        '\ud800',
        'true',
        '""',
      ),
    )
    const bodies = fc.oneof(
      fc.json({ maxDepth: 6 }),
      fc.json().map((result) => `{"success":true,"result":${result},"t":1795295542013}`),
      fc.json().map((code) => `{"success":false,"code":${code},"msg":${code},"t":${code}}`),
      cut.map(([text, share]) => text.slice(0, Math.floor(text.length * share))),
      mangled.map(([text, at, piece]) => {
        const from = at % (text.length + 1)
        return text.slice(0, from) + piece + text.slice(from + (at % 7))
      }),
      anyText({ maxLength: 300 }),
    )
    let body = ''
    const { client, dispose } = clientOf(async () => ({
      status: 200,
      retryAfter: undefined,
      body: Buffer.from(body),
    }))
    let answers = 0
    const before = await heldBytes()
    await fc.assert(
      fc.asyncProperty(bodies, fc.constantFrom(...operations), async (text, operation) => {
        body = text
        answers++
        const mine = Object.fromEntries(
          Object.keys(operation.params)
            .filter((name) => operation.params[name]?.required)
            .map((name) => [name, args[name as keyof typeof args]]),
        )
        client.forgetRefusals()
        const result = await client
          .call(operation as never, mine as never, {
            priority: 'command',
            signal: new AbortController().signal,
          })
          .catch((thrown: unknown) => thrown)
        if (result instanceof Error) expect(result).toBeInstanceOf(BridgeError)
        expect(({} as Record<string, unknown>)['a']).toBeUndefined()
      }),
      { numRuns: 10_000, seed: 11 },
    )
    expect(answers).toBe(10_000)
    expect((await heldBytes()) - before).toBeLessThan(16 * 1024 * 1024)
    await dispose()
  }, 60_000)

  describe('C13: a command acts and its answer never comes', () => {
    it('C13: 1,000 commands: none is sent twice, and the state is read before anything else', async () => {
      await using house = await (await CloudHouse.open(rarePolls)).ready()
      house.simulator.faults.set('commands-act-then-stall')
      const devices = [plug, lamp, 'bf9e22b7c6d14f50a1xz3m', 'bf70e6b1a9d4c2f853vf9y']
      const runs: { readonly once: boolean; readonly run: ReturnType<CloudHouse['submit']> }[] = []
      for (let i = 0; i < 200; i++) {
        for (const device of devices)
          runs.push({ once: false, run: house.submit(device, { countdown_1: i + 1 }) })
        runs.push({ once: true, run: house.submit(remote, { ir_send: `code ${i}` }, { once: true }) })
        await house.pass(16_000)
      }
      expect(runs).toHaveLength(1_000)
      for (const { once, run } of runs) {
        // Nobody can tell of a write-only point whether it happened.
        expect(run.outcome).toMatchObject(once ? { state: 'timeout' } : { state: 'confirmed', by: 'report' })
      }
      const acted = house.simulator.journal.entries('command')
      expect(acted).toHaveLength(1_000)
      const effects = acted.map(({ subject, detail }) => `${subject} ${JSON.stringify(detail['values'])}`)
      expect(new Set(effects).size).toBe(1_000)
      const posts = house.http.made.filter(({ request }) => request.method === 'POST')
      expect(posts).toHaveLength(1_000)
      for (const device of devices) expectReadsBetweenWrites(house, device)
    })

    it('C13: a command that was lost as well is told as unconfirmed, never sent again', async () => {
      await using house = await (await CloudHouse.open()).ready()
      house.simulator.faults.set('commands-act-then-stall')
      house.simulator.faults.set('lost-commands=1')
      const run = house.submit(plug, { countdown_1: 5 })
      await house.pass(30_000)
      expect(run.outcome).toMatchObject({ state: 'timeout', reason: 'command/unconfirmed' })
      expect(house.simulator.journal.entries('command')).toHaveLength(1)
    })

    it('C13: nor is one whose connection broke after it had left', async () => {
      await using house = await (await CloudHouse.open()).ready()
      house.simulator.faults.set('reset=1')
      const run = house.submit(plug, { countdown_1: 5 })
      await house.pass(30_000)
      expect(run.outcome).toMatchObject({ state: 'timeout' })
      expect(house.http.made.filter(({ request }) => request.method === 'POST')).toHaveLength(1)
    })
  })

  describe('C14: lists that leave things out', () => {
    it('C14: empty lists remove nothing, a day long', async () => {
      await using house = await (await CloudHouse.open({ pollSeconds: 300 })).ready()
      const before = [...house.inventory.devices.keys()]
      house.simulator.faults.set('empty-lists')
      await house.pass(24 * hourMs)
      expect([...house.inventory.devices.keys()]).toEqual(before)
      expect(house.inventory.rooms.size).toBe(5)
      expect(house.inventory.homes.size).toBe(2)
    })

    it('C14: a device that lists hide is kept for a minute, then removed; one that shows up in between is not', async () => {
      await using house = await (await CloudHouse.open()).ready()
      house.simulator.faults.set(`hide-device=${plug}`)
      await house.pass(59_000)
      expect(house.inventory.device(plug)).toBeDefined()
      house.simulator.faults.clear('hide-device')
      await house.pass(6_000)
      house.simulator.faults.set(`hide-device=${plug}`)
      await house.pass(59_000)
      expect(house.inventory.device(plug)).toBeDefined()
      await house.pass(12_000)
      expect(house.inventory.device(plug)).toBeUndefined()
      expect(house.inventory.devices.size).toBe(19)
    })

    it('C14: a device that is moved to another home is not removed', async () => {
      await using house = await (await CloudHouse.open()).ready()
      const removed: string[] = []
      house.inventory.events.on('deviceRemoved', ({ device }) => removed.push(device.id))
      const device = house.simulator.world.device(plug)
      device.homeId = '3182917'
      device.roomId = null
      await house.pass(10 * minuteMs)
      expect(house.inventory.device(plug)?.device).toMatchObject({ homeId: '3182917', roomId: null })
      expect(removed).toEqual([])
    })
  })

  it('C15: with a wrong secret an hour has at most 5 calls, a day long, and one reason is told', async () => {
    await using house = await CloudHouse.open({ accessSecret: 'wrong0000wrong1111wrong2222wrong' })
    for (let hour = 0; hour < 24; hour++) {
      const from = house.clock.monotonic()
      await house.repeat(hourMs, 5 * minuteMs, () => house.submit(plug, { switch_1: true }))
      expect(house.http.since(from).length).toBeLessThanOrEqual(5)
    }
    expect(house.errors).toEqual(['reading the inventory: cloud/credentials'])
    expect(house.health).toEqual(['down credentials'])
  })

  it('C15: one that is put right in the console works within a quarter of an hour', async () => {
    await using house = await CloudHouse.open()
    house.http.script = () => refusal(1004)
    await house.pass(hourMs)
    house.http.script = undefined
    await house.pass(16 * minuteMs)
    expect(house.cloud.sync.ready).toBe(true)
    expect(house.cloud.client.health.state).toBe('up')
  })
})

/** Between two writes to a device lies a read of it. */
function expectReadsBetweenWrites(house: CloudHouse, device: string): void {
  let read = true
  for (const { request, path } of house.http.made) {
    if (request.method === 'POST' && path.includes(device)) {
      expect(read).toBe(true)
      read = false
    } else if (request.url.includes(device)) read = true
  }
}

/** What the simulated cloud answers to the calls of a start. */
async function genuineAnswers(): Promise<string[]> {
  await using house = await (await CloudHouse.open()).ready()
  const texts = new Map<string, string>()
  const { signal } = new AbortController()
  const keep = async (operation: unknown, args: object) => {
    const of = anyOperation(operation)
    const answer = house.cloud.client.raw(of, args as never, { priority: 'command', signal })
    const result = await house.clock.during(answer)
    texts.set(of.id, Buffer.from(success(result, house.clock.now()).body).toString())
  }
  for (const operation of [deviceStatus, deviceGet, deviceSpecificationsV11, thingModel, thingProperties])
    await keep(operation, { device_id: plug })
  for (const operation of [homeDevices, roomList]) await keep(operation, { home_id: '3182917' })
  return [...texts.values()]
}

/** A client whose cloud answers so to everything but token calls, and for whom pauses take no time. */
function clientOf(answer: () => Promise<ReturnType<typeof success>>) {
  const token = { access_token: 'a'.repeat(32), refresh_token: 'r'.repeat(32), expire_time: 7_200 }
  const client = new CloudClient({
    credentials: { endpoint: 'http://cloud.test', accessId: 'id', accessSecret: new Secret('secret') },
    http: {
      exchange: ({ url }) => (isToken(new URL(url).pathname) ? Promise.resolve(success(token)) : answer()),
      [Symbol.asyncDispose]: async () => {},
    },
    budget: new CallBudget(1_000_000, hastyClock, undefined),
    clock: hastyClock,
    random: () => 0.5,
    learn: () => {},
    pace: { perSecond: 1_000_000, burst: 1_000_000, perOperation: false },
  })
  return { client, dispose: () => client[Symbol.asyncDispose]() }
}
