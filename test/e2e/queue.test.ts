import { describe, expect, it } from 'vitest'
import { sharedHouse } from '../support/shared-house.ts'
import { demo } from '../support/simulator-desk.ts'
import { until } from '../support/until.ts'

const shared = sharedHouse({ config: { poll: { minSeconds: 1 } } as never })
const bedtime = 'p2aWOkEOe2RzATHL'
const soon = 5_000

const used = () => shared.house.bridge.health.budget?.used ?? 0
const retained = (topic: string) => shared.house.on(topic).at(-1)?.payload
const world = () => shared.house.simulator.world

/** Waits for an event that is newer than this moment. */
async function event(topic: string, act: () => void | Promise<void>): Promise<Record<string, unknown>> {
  const before = shared.house.on(topic).length
  await act()
  await until(() => shared.house.on(topic).length > before, soon, topic)
  return JSON.parse(shared.house.on(topic)[before]?.payload ?? '{}') as Record<string, unknown>
}

describe('with the event queue', () => {
  it('what a device says arrives without a call, as state and as a report', async () => {
    const before = used()
    const report = await event(`event/device/${demo.lamp}/report`, () =>
      world().report(demo.lamp, { bright_value_v2: 321 }),
    )
    expect(report).toMatchObject({ kind: 'report', source: 'queue', stale: false, replay: false })
    await until(() => retained(`state/device/${demo.lamp}/dp/bright_value_v2`) === '321', soon)
    expect(shared.house.last(`state/device/${demo.lamp}`)).toMatchObject({
      source: 'queue',
      changed: ['bright_value_v2'],
    })
    expect(used()).toBe(before)
  })

  it('no timer reads anything', async () => {
    const before = used()
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    expect(used()).toBe(before)
  })

  it('a command is confirmed by what the device reports, with one call', async () => {
    const before = used()
    const isOn = world().device(demo.lamp).status.get('switch_led')
    const answer = await shared.ask(`device/${demo.lamp}/dp/switch_led`, String(!isOn))
    expect(answer).toMatchObject({ state: 'confirmed', by: 'report', path: 'cloud' })
    expect(used()).toBe(before + 1)
  })

  it('a publish fulfils a condition, and what the automation tells comes back as an event and as its copy', async () => {
    const told = await event('event/action/goodnight', async () => {
      const answer = await shared.ask(`automation/${bedtime}/condition/bedtime`, 'true')
      expect(answer).toMatchObject({ state: 'confirmed', by: 'cloud' })
    })
    const data = { action: 'goodnight', level: 3 }
    expect(told).toMatchObject({ kind: 'external_action', automation: bedtime, action: 'goodnight', data })
    await until(() => shared.house.last('last/action/goodnight') !== undefined, soon)
    const others = [
      `event/automation/${bedtime}/external_action`,
      `last/automation/${bedtime}/external_action`,
      'last/action/goodnight',
    ]
    for (const topic of others) expect(shared.house.last(topic)).toMatchObject({ id: told['id'], data })
    expect(shared.house.on('event/action/goodnight').every(({ retain }) => !retain)).toBe(true)
  })

  it('a scene that somebody runs is told', async () => {
    const run = await event('event/scene/53IYSXI3gEn2w3Oc/run', async () => {
      await shared.ask('scene/53IYSXI3gEn2w3Oc/trigger', '1')
    })
    expect(run).toMatchObject({ kind: 'run', home: '3182004', scene: '53IYSXI3gEn2w3Oc' })
  })

  it('an unlocked door is an event with the number of who did it, and no state', async () => {
    const unlocked = await event(`event/device/${demo.lock}/unlock/unlock_fingerprint`, () =>
      world().report(demo.lock, { unlock_fingerprint: 7 }),
    )
    expect(unlocked).toMatchObject({ kind: 'unlock', data: { method: 'fingerprint', user: 7 } })
    expect(shared.house.on(`state/device/${demo.lock}/dp/unlock_fingerprint`)).toEqual([])
  })

  it('a device that goes and comes back is offline and online at once', async () => {
    const availability = `state/device/${demo.plug}/availability`
    await event(`event/device/${demo.plug}/offline`, () => world().setOnline(demo.plug, false))
    await until(() => retained(availability) === 'offline', soon)
    await event(`event/device/${demo.plug}/online`, () => world().setOnline(demo.plug, true))
    await until(() => retained(availability) === 'online', soon)
  })

  it('a new name of a device is known after one look at it', async () => {
    const before = used()
    await event(`event/device/${demo.lamp}/renamed`, () => world().rename(demo.lamp, 'Reading lamp'))
    await until(() => shared.house.last(`meta/device/${demo.lamp}`)?.['name'] === 'Reading lamp', soon)
    expect(used() - before).toBeLessThanOrEqual(2)
    expect(shared.house.last('event/bridge/device_renamed')).toMatchObject({ device: demo.lamp })
  })

  it('rooms and homes that somebody makes, renames and deletes follow', async () => {
    const home = world().homes.get('3182004')
    if (!home) throw new Error('no such home')
    const rooms = () => JSON.stringify(shared.house.last('meta/index/rooms'))
    const room = world().addRoom(home, 'Attic')
    await until(() => rooms().includes('Attic'), soon, 'the new room')
    world().renameRoom(home, room, 'Loft')
    await until(() => rooms().includes('Loft') && !rooms().includes('Attic'), soon, 'its new name')
    world().removeRoom(home, room)
    await until(() => !rooms().includes('Loft'), soon, 'its end')
    world().changeHome(home, { name: 'Old mill' })
    await until(
      () => shared.house.last('meta/home/3182004')?.['name'] === 'Old mill',
      soon,
      'the home’s name',
    )
  })

  it('a device that is taken out of its home is gone, with all its topics', async () => {
    await event(`event/device/${demo.door}/unbound`, () => world().removeDevice(demo.door))
    await until(() => retained(`meta/device/${demo.door}`) === '', soon, 'its end')
    await until(() => retained(`state/device/${demo.door}`) === '', soon)
  })

  it('what nobody knows is passed on, without what belongs to accounts', async () => {
    const told = await event('event/queue/simStop', () => {
      shared.house.simulator.queue.publish({
        protocol: 43,
        bizCode: 'simStop',
        key: demo.lamp,
        body: {
          devId: demo.lamp,
          bizCode: 'simStop',
          bizData: { iccid: '8949', uid: 'az123' },
          ts: Date.now(),
        },
      })
    })
    expect(told).toMatchObject({ kind: 'simStop', device: demo.lamp, data: { bizData: { iccid: '8949' } } })
    expect(JSON.stringify(told)).not.toContain('az123')
  })

  it('says how it is with the queue', async () => {
    const { links, counts } = shared.house.bridge.health
    expect(links.queue).toMatchObject({ state: 'up', reason: null })
    const { queueReceived = 0, queueSettled = 0, queueDead = 0, queuePending = 0 } = counts
    expect(queueReceived).toBeGreaterThan(10)
    expect(queueSettled + queueDead + queuePending).toBe(queueReceived)
    expect(queueDead).toBe(0)
    const metrics = await (await fetch(`${shared.house.httpUrl}/metrics`)).text()
    expect(metrics).toContain('dp2mqtt_link_up{link="queue"} 1')
  })
})
