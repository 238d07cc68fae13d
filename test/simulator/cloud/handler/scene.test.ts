import { describe, expect, it } from 'vitest'
import { type Arguments, demo, issue, pause, SimulatorDesk } from '../../../support/simulator-desk.ts'

const { home } = demo

interface Rule {
  readonly scene_id?: string
  readonly automation_id?: string
  readonly status?: string
}

const scene = (changes: Arguments = {}): Arguments => ({
  home_id: home,
  name: 'Evening',
  background: 'https://example.org/picture.png',
  actions: [issue(demo.lamp, { switch_led: true, bright_value_v2: 300 }), pause(5)],
  ...changes,
})

describe('scenes', () => {
  it('are made enabled and valid, and shown as they were given', async () => {
    const desk = new SimulatorDesk()
    const scene_id = await desk.get<string>('scene-create', scene())
    expect(scene_id).toMatch(/^[A-Za-z0-9]{16}$/)
    const scenes = await desk.get<Rule[]>('scene-list', { home_id: home })
    const { home_id: _home, ...given } = scene()
    expect(scenes.at(-1)).toEqual({ scene_id, enabled: true, status: '1', ...given })
    const old = await desk.get<Rule[]>('scene-list-v1-0', { home_id: home })
    expect(old.at(-1)).toEqual({ scene_id, ...given })
  })

  it('are changed without being switched, switched without being changed, and deleted with their bindings', async () => {
    const desk = new SimulatorDesk()
    const one = { home_id: home, scene_id: demo.movieEvening }
    await desk.get('scene-disable', one)
    await desk.get('scene-update', { ...scene({ name: 'Cinema' }), ...one })
    const find = async () =>
      (await desk.get<Rule[]>('scene-list', { home_id: home })).find(
        ({ scene_id }) => scene_id === one.scene_id,
      )
    expect(await find()).toMatchObject({ name: 'Cinema', enabled: false })
    await desk.get('scene-enable', one)
    expect(await find()).toMatchObject({ name: 'Cinema', enabled: true })
    await desk.get('scene-delete', one)
    expect(await find()).toBeUndefined()
    expect(await desk.get('device-scene-list', { device_id: demo.button })).toEqual({
      device_id: demo.button,
      scenes: [],
    })
  })

  it.each<[string, Arguments, number]>([
    ['no name', { name: '' }, 1100],
    ['no actions', { actions: [] }, 2512],
    ['too many actions', { actions: Array(151).fill(pause(1)) }, 1101],
    ['an unknown action', { actions: [{ action_executor: 'dance' }] }, 1109],
    [
      'an action of automations',
      { actions: [{ action_executor: 'externalAction', executor_property: {} }] },
      1109,
    ],
    ['a device of another home', { actions: [issue(demo.cabinPlug, { switch_1: true })] }, 1106],
    ['a code that the device does not take', { actions: [issue(demo.plug, { cur_power: 1 })] }, 2008],
    ['a value out of range', { actions: [issue(demo.lamp, { bright_value_v2: 5 })] }, 2008],
    ['a device action without values', { actions: [issue(demo.lamp, {})] }, 1100],
    ['a delay of nothing', { actions: [pause(0)] }, 1109],
    ['a delay of a minute in seconds', { actions: [pause(60)] }, 1109],
    [
      'a delay in words',
      { actions: [{ action_executor: 'delay', executor_property: { seconds: 'five' } }] },
      1109,
    ],
    [
      'an automation that there is not',
      { actions: [{ action_executor: 'ruleEnable', entity_id: 'x' }] },
      2503,
    ],
  ])('with %s are refused', async (_what, changes, code) => {
    expect(await new SimulatorDesk().refused('scene-create', scene(changes))).toBe(code)
  })

  it('take numbers for a delay, and the newer name of the device action', async () => {
    const actions = [
      { action_executor: 'delay', executor_property: { hours: 0, minutes: 1, seconds: 0 } },
      { action_executor: 'device_issue', entity_id: demo.lamp, executor_property: { switch_led: false } },
    ]
    const desk = new SimulatorDesk()
    const scene_id = await desk.get<string>('scene-create', scene({ actions }))
    await desk.get('scene-trigger', { home_id: home, scene_id })
    await desk.clock.advance(60_000)
    expect(desk.value(demo.lamp, 'switch_led')).toBe(false)
  })

  it('that there are not are unknown; those of another home are told apart', async () => {
    const desk = new SimulatorDesk()
    const trigger = (home_id: string, scene_id: string) =>
      desk.refused('scene-trigger', { home_id, scene_id })
    expect(await trigger(home, 'nothing')).toBe(2503)
    expect(await trigger(demo.cabin, demo.goodNight)).toBe(2513)
    expect(await desk.refused('automation-get', { home_id: demo.cabin, automation_id: demo.bedtime })).toBe(
      2513,
    )
  })

  it('are a hundred at most', async () => {
    const desk = new SimulatorDesk()
    for (let i = 4; i < 100; i++) await desk.get('scene-create', scene({ name: `Scene ${i}` }))
    expect(await desk.refused('scene-create', scene())).toBe(1101)
  })

  it('come with pictures, and with the devices that can be in them', async () => {
    const desk = new SimulatorDesk()
    const pictures = await desk.get<string[]>('scene-default-pictures')
    expect(pictures[0]).toMatch(/^https:\/\/images\.tuyacn\.com\/smart\/rule\/cover\/\w+\.png$/)
    const devices = await desk.get<{ id: string }[]>('scene-devices', { home_id: home })
    const ids = devices.map(({ id }) => id)
    expect(devices[0]).toEqual({
      id: demo.lamp,
      uuid: expect.any(String),
      name: 'Desk lamp',
      product_id: expect.any(String),
      home_id: home,
    })
    expect(ids).not.toContain(demo.door)
    expect(ids).not.toContain(demo.cabinPlug)
  })

  it('that lose a device are invalid', async () => {
    const desk = new SimulatorDesk()
    await desk.get('device-delete', { device_id: demo.curtain })
    const scenes = await desk.get<Rule[]>('scene-list', { home_id: home })
    expect(Object.fromEntries(scenes.map(({ scene_id, status }) => [scene_id, status]))).toMatchObject({
      [demo.goodNight]: '2',
      [demo.movieEvening]: '2',
      Lh9XcRb3FwTe7UoA: '1',
    })
  })
})

describe('bindings of a scene switch', () => {
  const bind = (changes: Arguments = {}) => ({
    device_id: demo.button,
    scene_id: demo.goodNight,
    code: 'switch_mode1',
    value: 'click',
    ...changes,
  })

  it('are one for each button, newest first, and gone when they are undone', async () => {
    const desk = new SimulatorDesk()
    expect(await desk.get('device-scene-bind', bind())).toEqual({ success: true })
    await desk.get('device-scene-bind', bind({ value: 'press' }))
    expect(await desk.get('device-scene-list', { device_id: demo.button })).toEqual({
      device_id: demo.button,
      scenes: [
        { code: 'switch_mode1', value: 'press', scene_id: demo.goodNight, name: 'Good night' },
        { code: 'switch_mode2', value: 'press', scene_id: demo.movieEvening, name: 'Movie evening' },
      ],
    })
    const { value: _value, ...unbind } = bind()
    expect(await desk.get('device-scene-unbind', unbind)).toEqual({ success: true })
    expect(await desk.refused('device-scene-unbind', unbind)).toBe(2514)
  })

  it.each<[string, Arguments, number]>([
    ['another home', { scene_id: 'Wc5GtYh8NbQa3LsD' }, 2513],
    ['nowhere', { scene_id: 'nothing' }, 2503],
  ])('to a scene of %s are refused', async (_what, changes, code) => {
    expect(await new SimulatorDesk().refused('device-scene-bind', bind(changes))).toBe(code)
  })

  it('of a code or value that the button does not have are refused', async () => {
    const desk = new SimulatorDesk()
    expect(await desk.refused('device-scene-bind', bind({ code: 'scene_9' }))).toBe(1109)
    expect(await desk.refused('device-scene-bind', bind({ value: 'twice' }))).toBe(1109)
  })
})
