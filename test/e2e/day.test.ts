import { describe, expect, it } from 'vitest'
import { canaries } from '../support/canary.ts'
import { VirtualDesk } from '../support/virtual-desk.ts'

const plug = 'bf81c4e6a0d9b2f735pw5x'
const keys = 'bf52d7f0b8a6c3e914kq2z'
const background = 'https://images.tuyaeu.com/smart/rule/cover/starry.png'
const minuteMs = 60_000

/** What a document says of how it came about, not of what there is. */
const passing = new Set(['seq', 'timeMs', 'receivedMs', 'source', 'stale', 'changed', 'meta'])

/** What is retained of the house; of the bridge itself only that it is there. */
function lasting(tree: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries(
    [...tree].sort().map(([topic, text]) => {
      if (topic.startsWith('bridge/')) return [topic, '']
      if (!/^state\/device\/[^/]+(\/paths)?$/.test(topic)) return [topic, text]
      const document = JSON.parse(text) as Record<string, unknown>
      return [topic, JSON.stringify(document, (key, value) => (passing.has(key) ? undefined : value))]
    }),
  )
}

/** Somebody who builds, uses and takes down a home by MQTT. */
class Day implements AsyncDisposable {
  readonly at: VirtualDesk
  home_id = ''

  private constructor(at: VirtualDesk) {
    this.at = at
  }

  static async begin(): Promise<Day> {
    const config = {
      operations: { allow: ['config', 'personal', 'destructive'], raw: false },
      members: 'full',
      poll: { minSeconds: 10 },
    }
    const at = await VirtualDesk.open({ config: config as never }, [
      'tuya/state/#',
      'tuya/meta/#',
      'tuya/event/#',
    ])
    at.house.simulator.engine.start()
    // Everything that follows the first reading has been said.
    await at.house.time.pass(5_000)
    return new Day(at)
  }

  /** An operation on the home; its result. */
  do<T = boolean>(operation: string, params: object = {}): Promise<T> {
    return this.at.result<T>(operation, { home_id: this.home_id, ...params })
  }

  text(topic: string): string | undefined {
    return this.at.house.seen.findLast((message) => message.topic === `tuya/${topic}`)?.payload || undefined
  }

  json(topic: string): Record<string, unknown> {
    return JSON.parse(this.text(topic) ?? '{}') as Record<string, unknown>
  }

  /** What we did shows on MQTT within 5 s. */
  async shows(what: string, condition: () => unknown): Promise<void> {
    await this.at.until(condition, 5_000, what)
  }

  /** What happened elsewhere is seen with the next poll. */
  async follows(what: string, condition: () => unknown): Promise<void> {
    await this.at.until(condition, 15_000, what)
  }

  value(code: string): unknown {
    const text = this.text(`state/device/${plug}/dp/${code}`)
    return text === undefined ? undefined : JSON.parse(text)
  }

  /** Somebody presses a key of the scene switch. */
  press(code: string, value: string): void {
    this.at.house.simulator.world.report(keys, { [code]: value })
  }

  /** The plug says something by itself. */
  report(values: Record<string, unknown>): void {
    this.at.house.simulator.world.report(plug, values)
  }

  /** What external actions have told so far. */
  get told(): unknown[] {
    return this.at.house.simulator.feed
      .since()
      .filter(({ bizCode }) => bizCode === 'automationExternalAction')
      .map(({ body }) => body['bizData'])
  }

  /** The minute after the next one, as a timer says it. */
  get soon(): string {
    return new Date(this.at.house.time.clock.now() + 2 * minuteMs).toISOString().slice(11, 16)
  }

  events(kind: string): unknown[] {
    return this.at.house.seen
      .filter(({ topic }) => topic === `tuya/event/bridge/${kind}`)
      .map(({ payload }) => (JSON.parse(payload) as { data: unknown }).data)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.at[Symbol.asyncDispose]()
  }
}

const issue = (values: object) => ({
  action_executor: 'dpIssue',
  entity_id: plug,
  executor_property: values,
})

const tell = (payload: object) => ({ action_executor: 'externalAction', executor_property: payload })

const device = (order_num: number, code: string, value: unknown) => ({
  entity_type: 1,
  entity_id: plug,
  order_num,
  display: { code, operator: '==', value },
})

const external = (order_num: number, code: string) => ({
  entity_type: 15,
  order_num,
  display: { code, operator: '==', value: 'true' },
})

const timer = (order_num: number, time: string) => ({
  entity_type: 6,
  entity_id: 'timer',
  order_num,
  display: { date: '20261121', time, loops: '1111111', timezone_id: 'UTC' },
})

describe('a day of a home that lives by MQTT alone', () => {
  it('is built, furnished, automated, used, changed and taken down, and leaves no trace', async () => {
    await using day = await Day.begin()
    const { at } = day
    const morning = lasting(await at.retained())

    // A home with rooms.
    const home = { name: 'Cottage', geo_name: 'Wood', lat: 52.1, lon: 13.1 }
    day.home_id = String(await at.result<number>('home-create', { uid: canaries.uid, home, rooms: ['Bath'] }))
    const { home_id } = day
    await day.shows(
      'the home',
      () => (day.json(`meta/home/${home_id}`)['rooms'] as string[] | undefined)?.length === 1,
    )
    const [bath = ''] = day.json(`meta/home/${home_id}`)['rooms'] as string[]
    const attic = String(await day.do<number>('room-create', { name: 'Attic' }))
    await day.shows('the room', () => day.json(`meta/room/${attic}`)['name'] === 'Attic')

    // People.
    const member = { country_code: '43', member_account: 'robin@example.org', admin: false, name: 'Robin' }
    await day.do('member-add', { app_schema: 'smartlife', member })
    const role = () => {
      const members = day.json(`meta/home/${home_id}/members`) as unknown as { name: string; role: string }[]
      return members.length ? members.find(({ name }) => name === 'Robin')?.role : undefined
    }
    await day.shows('the member', () => role() === 'member')
    await day.do('member-update', { uid: 'eu1650509988776rQbNd', admin: true })
    await day.shows('the admin', () => role() === 'admin')

    // A plug and a scene switch join.
    const pairing = { paring_type: 'EZ', uid: canaries.uid, time_zone_id: 'Europe/Berlin', home_id }
    await at.result('pairing-token-create', pairing)
    await at.house.time.pass(60_000)
    at.house.simulator.world.addDevice({ id: keys, name: 'Keys', model: 'button_zigbee', home: home_id })
    expect(await at.command('bridge/resync', { scope: 'home', id: home_id })).toMatchObject({ ok: true })
    await day.follows('the plug', () => day.value('switch_1') !== undefined)
    const switches = (value: boolean) => ({ device_id: plug, commands: [{ code: 'switch_1', value }] })
    await at.result('device-commands', switches(false))
    await day.follows('the plug off', () => day.value('switch_1') === false)
    await day.do('room-devices-add', { room_id: attic, device_ids: [plug] })
    await day.shows('its room', () => day.json(`meta/device/${plug}`)['room'] === attic)

    // A scene.
    const scene = await day.do<string>('scene-create', {
      name: 'Party',
      background,
      actions: [
        issue({ switch_1: true }),
        { action_executor: 'delay', executor_property: { hours: '0', minutes: '0', seconds: '5' } },
        issue({ countdown_1: 600 }),
      ],
    })
    await day.shows('the scene', () => day.json(`meta/scene/${scene}`)['valid'] === true)
    expect(await at.command('named/scene/Party/trigger', '1')).toMatchObject({
      ok: true,
      target: `scene/${scene}`,
    })
    await day.shows('its first action', () => day.value('switch_1') === true)
    await day.follows('what comes after its delay', () => day.value('countdown_1') === 600)

    // One press of one key of the scene switch runs the scene.
    await day.shows('the scene switch', () => day.json(`meta/device/${keys}`)['name'] === 'Keys')
    const binding = { device_id: keys, scene_id: scene, code: 'switch_mode1', value: 'double_click' }
    expect(await at.ask('device-scene-bind', { ...binding, value: 'triple' })).toMatchObject({
      reason: 'command/bad-param',
    })
    await at.result('device-scene-bind', binding)
    const bound = () => day.json(`meta/device/${keys}/scenes`) as unknown as object[]
    await day.shows('what the key runs', () => bound().length === 1)
    expect(bound()).toEqual([{ code: 'switch_mode1', value: 'double_click', scene, sceneName: 'Party' }])
    await at.result('device-commands', switches(false))
    await day.follows('the plug off', () => day.value('switch_1') === false)
    day.press('switch_mode1', 'click')
    day.press('switch_mode2', 'double_click')
    await at.house.time.pass(20_000)
    expect(day.value('switch_1')).toBe(false)
    day.press('switch_mode1', 'double_click')
    await day.follows('what the key ran', () => day.value('switch_1') === true)

    // One automation of each match.
    const make = (name: string, body: object) =>
      day.do<string>('automation-create', { name, background, preconditions: [], ...body })
    const any = await make('Locked', {
      match_type: 1,
      conditions: [device(1, 'child_lock', true), external(2, 'lock')],
      actions: [tell({ action: 'locked', level: 3 })],
    })
    const all = await make('Evening', {
      match_type: 2,
      conditions: [timer(1, day.soon), device(2, 'switch_1', true)],
      actions: [issue({ relay_status: 'last' })],
    })
    const rule = await make('Rule', {
      match_type: 3,
      condition_rule: '(1&&2)||3',
      conditions: [external(1, 'guests'), device(2, 'switch_1', true), external(3, 'panic')],
      actions: [{ action_executor: 'ruleTrigger', entity_id: scene }, tell({ action: 'ruled' })],
    })
    for (const id of [any, all, rule]) {
      await day.shows(`automation ${id}`, () => day.json(`meta/automation/${id}`)['valid'] === true)
      expect(day.text(`state/automation/${id}/enabled`)).toBe('true')
    }
    expect(day.json(`meta/automation/${any}`)).toMatchObject({
      match: 'any',
      external: { conditions: ['lock'], actions: ['locked'] },
    })
    await day.shows('their number', () => day.json(`meta/home/${home_id}`)['automations'] === 3)
    expect(day.json(`meta/home/${home_id}`)).toMatchObject({ devices: 2, scenes: 1 })

    // Fired by the device, by the timer, and by MQTT.
    const relay = () => day.text(`state/device/${plug}/dp/relay_status`)
    day.report({ child_lock: true })
    expect(day.told).toEqual([{ action: 'locked', level: 3 }])
    expect(relay()).not.toBe('last')
    await at.house.time.pass(3 * minuteMs)
    await day.follows('what the timer did', () => relay() === 'last')
    expect(await at.command(`automation/${any}/condition/lock`, 'true')).toMatchObject({ ok: true })
    expect(day.told).toHaveLength(2)
    expect(await at.command(`automation/${any}/condition/lock`, 'false')).toMatchObject({ ok: true })
    expect(day.told).toHaveLength(2)

    const fired = { entity_id: 'lock', display: { code: 'lock', value: 'true' } }
    expect(
      await at.ask('automation-external-trigger', { home_id, automation_id: any, $root: [fired] }),
    ).toMatchObject({ reason: 'command/bad-param', details: [{ path: '/$root/0/entity_id' }] })

    // The rule: one of two does not fire, both do, and so does the third alone.
    await at.result('device-commands', switches(false))
    await at.house.time.pass(2_000)
    await at.command(`automation/${rule}/condition/guests`, 'true')
    expect(day.told).toHaveLength(2)
    await at.command('named/automation/rule/trigger', { conditions: { panic: 'true' } })
    expect(day.told.slice(2)).toEqual([{ action: 'ruled' }])
    await day.shows('the scene of the rule', () => day.value('switch_1') === true)
    await at.house.time.pass(10_000)
    await at.command(`automation/${rule}/condition/guests`, 'true')
    expect(day.told.slice(2)).toEqual([{ action: 'ruled' }, { action: 'ruled' }])

    // Switched off nothing fires; switched on again it does.
    expect(await at.command(`automation/${any}/enabled`, 'off')).toMatchObject({ ok: true })
    await day.shows('the switch', () => day.text(`state/automation/${any}/enabled`) === 'false')
    day.report({ child_lock: true })
    expect(day.told).toHaveLength(4)
    expect(await at.command('named/automation/Locked/enabled', 'on')).toMatchObject({ ok: true })
    await day.shows('the switch', () => day.text(`state/automation/${any}/enabled`) === 'true')
    expect(await at.command(`scene/${scene}/enabled`, '0')).toMatchObject({ ok: true })
    await day.shows('the scene off', () => day.text(`state/scene/${scene}/enabled`) === 'false')

    // Everything gets another name, and the plug another room.
    await day.do('home-update', { name: 'Hut' })
    await day.do('room-update', { room_id: attic, name: 'Loft' })
    await at.result('device-rename', { device_id: plug, name: 'Lamp plug' })
    await day.do('room-devices-remove', { room_id: attic, device_ids: [plug] })
    await day.do('room-devices-set', { room_id: bath, device_ids: [plug] })
    await day.do('scene-update', {
      scene_id: scene,
      name: 'Quiet',
      background,
      actions: [issue({ switch_1: false })],
    })
    const { conditions, actions } = await day.do<Record<string, unknown[]>>('automation-get', {
      automation_id: any,
    })
    expect(conditions).toHaveLength(2)
    await day.do('automation-update', {
      automation_id: any,
      name: 'Safe',
      background,
      match_type: 1,
      conditions: [external(1, 'lock')],
      actions: [tell({ action: 'safe' })],
    })
    expect(actions).toHaveLength(1)
    const names = {
      [`meta/home/${home_id}`]: 'Hut',
      [`meta/room/${attic}`]: 'Loft',
      [`meta/device/${plug}`]: 'Lamp plug',
      [`meta/scene/${scene}`]: 'Quiet',
      [`meta/automation/${any}`]: 'Safe',
    }
    for (const [topic, name] of Object.entries(names))
      await day.shows(`the name on ${topic}`, () => day.json(topic)['name'] === name)
    await day.shows('its name at the key', () => (bound()[0] as { sceneName: string }).sceneName === 'Quiet')
    expect(day.json(`meta/device/${plug}`)).toMatchObject({ room: bath, roomName: 'Bath', homeName: 'Hut' })
    expect(day.json(`meta/automation/${any}`)).toMatchObject({ external: { actions: ['safe'] } })
    expect(await at.command('named/automation/locked/trigger', '1')).toMatchObject({
      reason: 'command/unknown-name',
    })
    for (const kind of ['home', 'room', 'device', 'scene', 'automation'])
      expect(day.events(`${kind}_renamed`), kind).toHaveLength(1)

    // Down again, what others refer to first.
    await at.result('device-delete', { device_id: plug })
    await day.shows('a scene without its device', () => day.json(`meta/scene/${scene}`)['valid'] === false)
    await day.do('scene-delete', { scene_id: scene })
    await day.shows('the key without a scene', () => day.text(`meta/device/${keys}/scenes`) === undefined)
    await at.result('device-delete', { device_id: keys })
    for (const automation_id of [any, all, rule]) await day.do('automation-delete', { automation_id })
    await day.do('member-delete', { uid: 'eu1650509988776rQbNd' })
    await day.do('room-delete', { room_id: bath })
    await day.do('home-delete')
    await at.house.time.pass(5_000)
    for (const kind of ['home', 'scene']) expect(day.events(`${kind}_removed`), kind).toHaveLength(1)
    expect(day.events('device_removed')).toHaveLength(2)
    expect(day.events('automation_removed')).toHaveLength(3)
    expect(day.events('room_removed')).toHaveLength(2)

    expect(lasting(await at.retained())).toEqual(morning)
    // Nor does anything come back with the next readings of everything.
    for (let i = 0; i < 2; i++) {
      expect(await at.command('bridge/resync', { scope: 'all' })).toMatchObject({ ok: true })
      await at.house.time.pass(70_000)
    }
    expect(lasting(await at.retained())).toEqual(morning)
  }, 60_000)
})
