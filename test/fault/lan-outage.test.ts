import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { House } from '../support/house.ts'
import { lanFleetWorld } from '../support/lan-fleet-world.ts'
import { until } from '../support/until.ts'

const { world, ids } = lanFleetWorld(20)
let house: House

beforeEach(async () => {
  house = await House.open({ lan: true, world })
  await house.ready()
  await house.onLan(...ids, 'bfremote')
  await house.observe('tuya/+/device/#')
  await house.quiet()
})

afterEach(() => house[Symbol.asyncDispose]())

interface Receipt {
  readonly id: string
  readonly state: string
  readonly final: boolean
  readonly path: string | null
  readonly ms: number
  readonly message?: string
  readonly attempts?: readonly object[]
}

/** The final answers, by the ids of the commands. */
function receipts(): Map<string, Receipt[]> {
  const all = new Map<string, Receipt[]>()
  for (const { topic, payload } of house.seen) {
    if (!topic.startsWith('tuya/result/')) continue
    const receipt = JSON.parse(payload) as Receipt
    if (receipt.final) all.set(receipt.id, [...(all.get(receipt.id) ?? []), receipt])
  }
  return all
}

/** How often each value reached a device, by whatever way. */
function executed(): Map<string, number> {
  const times = new Map<string, number>()
  for (const { subject, detail } of house.simulator.journal.entries('command')) {
    for (const [code, value] of Object.entries(detail['values'] as object)) {
      const key = `${subject} ${code} ${value}`
      times.set(key, (times.get(key) ?? 0) + 1)
    }
  }
  return times
}

const median = (of: readonly number[]) =>
  [...of].sort((a, b) => a - b)[Math.floor(of.length / 2)] ?? Number.NaN

/** Five commands to each device, each of a value of its own; the LAN dies after a third of them. */
async function burst(die: () => void): Promise<readonly string[]> {
  const client = await house.client()
  const sent: string[] = []
  const codes = ['bright_value_v2', 'temp_value_v2', 'countdown_1'] as const
  for (let round = 0; round < 3; round++) {
    if (round === 1) die()
    for (const [i, id] of ids.entries()) {
      const command = `c${round}-${i}`
      sent.push(command)
      const dp = { [codes[round] as string]: 100 + round * 200 + i }
      client.publish(`tuya/cmd/device/${id}`, JSON.stringify({ id: command, dp }), { qos: 1 })
    }
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
  return sent
}

describe('the LAN dies during a burst of commands', () => {
  it.each([
    ['without a word', 'lan-absent'],
    ['with its acknowledgements lost', 'lan-no-ack'],
    ['with nothing read any more', 'lan-half-open=0'],
  ])(
    '%s: each command has one final receipt, none is done twice, and the cloud takes over',
    async (_how, fault) => {
      const sent = await burst(() => house.simulator.faults.set(fault))
      await until(() => receipts().size >= sent.length, 40_000, 'all receipts')
      await house.quiet(500)
      const all = receipts()
      for (const id of sent) expect(all.get(id), id).toHaveLength(1)
      const final = [...all.values()].flat()
      expect(final.map(({ state }) => state).filter((state) => state !== 'confirmed')).toEqual([])
      for (const [what, times] of executed()) expect(times, what).toBe(1)
      const moved = final.filter(({ attempts }) => attempts !== undefined)
      const late = final.filter(({ path }) => path === 'cloud')
      // Whoever reports what it does needs nobody else.
      if (fault !== 'lan-no-ack') expect(late.length).toBeGreaterThan(0)
      process.stderr.write(
        `${fault}: ${final.length} commands, ${late.length} over the cloud, ${moved.length} of them after the LAN had been tried; median ${median(late.map(({ ms }) => ms))} ms\n`,
      )
    },
  )

  it('R-K2: what a device did without a word is not called failed because the internet is away', async () => {
    const [lamp = ''] = ids
    // It does what it is told, and neither says so nor can be asked.
    for (const fault of ['lan-no-ack', 'lan-no-push', 'lan-drop'])
      house.simulator.faults.set(`${fault}=,device=${lamp}`)
    house.simulator.faults.set('internet=refuse')
    const client = await house.client()
    client.publish(`tuya/cmd/device/${lamp}`, JSON.stringify({ id: 'x', dp: { bright_value_v2: 555 } }), {
      qos: 1,
    })
    await until(() => receipts().has('x'), 30_000, 'the receipt')
    expect([...executed()]).toEqual([[`${lamp} bright_value_v2 555`, 1]])
    expect(receipts().get('x')).toMatchObject([{ state: 'timeout', reason: 'command/unconfirmed' }])
  }, 60_000)

  it('K9: what acts each time it is sent is never sent twice', async () => {
    const client = await house.client()
    for (let i = 0; i < 20; i++) {
      if (i === 5) house.simulator.faults.set('lan-no-ack')
      const dp = { ir_send: JSON.stringify({ control: 'send_ir', n: i }) }
      client.publish('tuya/cmd/device/bfremote', JSON.stringify({ id: `k${i}`, dp }), { qos: 1 })
    }
    await until(() => receipts().size >= 20, 60_000, 'all receipts')
    for (const [id, of] of receipts()) expect(of, id).toHaveLength(1)
    for (const [what, times] of executed()) expect(times, what).toBe(1)
    const states = [...receipts().values()].flat().map(({ state }) => state)
    expect(states).not.toContain('rejected')
    // Whatever was done is told as done, or as perhaps done.
    const perhaps = states.filter((state) => state === 'confirmed' || state === 'timeout')
    expect(executed().size).toBeGreaterThan(0)
    expect(executed().size).toBeLessThanOrEqual(perhaps.length)
  }, 90_000)
})

it('the internet is unplugged: the LAN goes on, the rest says why not, and all is well soon after it is back', async () => {
  house.simulator.faults.set('internet=refuse')
  await until(() => house.bridge.health.links.queue.state === 'down', 30_000, 'the queue being missed')
  const client = await house.client()
  const say = (id: string, device: string, value: number) =>
    client.publish(`tuya/cmd/device/${device}`, JSON.stringify({ id, dp: { bright_value_v2: value } }), {
      qos: 1,
    })
  for (const [i, id] of ids.entries()) say(`off-${i}`, id, 400 + i)
  say('far', 'bfcloudlamp', 500)
  await until(() => receipts().size > ids.length, 40_000, 'all receipts')
  for (const [i] of ids.entries())
    expect(receipts().get(`off-${i}`)).toMatchObject([{ state: 'confirmed', path: 'lan' }])
  // Nobody knows what became of bytes that may have left; but why nobody knows is told.
  const [far] = receipts().get('far') ?? []
  expect(['failed', 'timeout']).toContain(far?.state)
  expect(far?.path === 'lan').toBe(false)
  expect(far?.message).toMatch(/cloud/i)
  await until(
    () => JSON.stringify(house.last('state/device/bfcloudlamp/paths')).includes('"reason":"unavailable"'),
    30_000,
    'the way over the cloud being called down',
  )
  expect(house.last('state/device/bfcloudlamp/paths')).toMatchObject({
    lan: { state: 'unused' },
    cloud: { reason: 'unavailable' },
  })
  const { world: living } = house.simulator
  living.report(ids[3] as string, { bright_value_v2: 777 })
  await until(
    () => house.bridge.inventory.device(ids[3] as string)?.state.get('bright_value_v2')?.value === 777,
    5_000,
    'a report without the internet',
  )
  living.report('bfcloudlamp', { bright_value_v2: 888 })
  house.simulator.faults.clear('internet')
  const value = () => house.bridge.inventory.device('bfcloudlamp')?.state.get('bright_value_v2')?.value
  await until(() => value() === 888 && house.bridge.ready, 60_000, 'everything as before')
}, 150_000)

describe('one device finds its way back by itself', () => {
  const lamp = ids[4] as string
  const health = () => house.bridge.health.links.lan
  const path = () => house.last(`state/device/${lamp}/paths`)?.['lan'] as { state: string; version: string }

  /** Set over the LAN once more. */
  async function controlled(id: string): Promise<void> {
    const client = await house.client()
    const dp = { bright_value_v2: 30 + Number(id.length) }
    client.publish(`tuya/cmd/device/${lamp}`, JSON.stringify({ id, dp, path: 'lan' }), { qos: 1 })
    await until(() => receipts().has(id), 20_000, 'the receipt')
    expect(receipts().get(id)).toMatchObject([{ state: 'confirmed', path: 'lan' }])
  }

  it('L4: with another key, which the cloud is asked for once', async () => {
    const asked = () => house.simulator.journal.entries('request', 'device-get').length
    const before = asked()
    house.simulator.faults.set(`lan-rotate-key=,device=${lamp}`)
    await until(() => path()?.state === 'down', 40_000, 'the loss of the device')
    await until(() => path()?.state === 'up', 60_000, 'the device with its new key')
    expect(asked() - before).toBeLessThanOrEqual(1)
    await controlled('key')
  }, 130_000)

  it('L5: at another address', async () => {
    house.simulator.faults.set(`lan-move=,device=${lamp}`)
    await until(() => path()?.state === 'down', 40_000, 'the loss of the device')
    await until(() => path()?.state === 'up', 60_000, 'the device at its new address')
    await controlled('moved')
  }, 130_000)

  it('L6: in another version', async () => {
    house.simulator.faults.set(`lan-version=3.4,device=${lamp}`)
    await until(() => path()?.state === 'up' && path()?.version === '3.4', 60_000, 'the new version')
    await controlled('version')
  }, 130_000)

  it('after the old value, said once more, the new one is all that is told', async () => {
    house.simulator.faults.set(`lan-stale-push=300,device=${lamp}`)
    const client = await house.client()
    const said = () =>
      house
        .on(`state/device/${lamp}/dp/bright_value_v2`)
        .filter(({ retain }) => !retain)
        .map(({ payload }) => payload)
    const before = said().length
    client.publish(`tuya/cmd/device/${lamp}`, JSON.stringify({ id: 'b', dp: { bright_value_v2: 654 } }), {
      qos: 1,
    })
    await until(() => receipts().has('b'), 20_000, 'the receipt')
    await house.quiet(1_500)
    expect(said().slice(before)).toEqual(['654'])
    expect(health().up).toBeGreaterThan(0)
  })
})
