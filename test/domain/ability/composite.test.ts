import { describe, expect, it } from 'vitest'
import {
  type CompositeAbility,
  entityParts,
  entityState,
  writeEntity,
} from '../../../src/domain/ability/composite.ts'
import { entitiesOf } from '../../../src/domain/ability.ts'
import type { Json } from '../../../src/domain/data-point.ts'
import type { DpEntry } from '../../../src/simulator/world-file.ts'
import { dp, modelOf, specificationOf, valuesOf } from '../../support/model.ts'

function entity(category: string, points: readonly DpEntry[]): CompositeAbility {
  const [first] = entitiesOf(category, specificationOf(points))
  if (!first) throw new Error('no entity')
  return first
}

function ofModel(name: string): CompositeAbility {
  return entity(modelOf(name).category, modelOf(name).dps)
}

type Known = Readonly<Record<string, Json>>

function said(ability: CompositeAbility, values: Known) {
  return entityState(ability, valuesOf(values))
}

function written(ability: CompositeAbility, part: string, payload: string | object, values: Known = {}) {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload)
  return writeEntity(ability, part, text, valuesOf(values))
}

describe('a light', () => {
  const lamp = ofModel('lamp_v2')
  const white = { switch_led: true, work_mode: 'white', bright_value_v2: 1000, temp_value_v2: 0 }
  const coloured = { ...white, work_mode: 'colour', colour_data_v2: { h: 200, s: 500, v: 1000 } }

  it('says its whiteness in kelvin and its brightness up to 255', () => {
    expect(said(lamp, white)).toEqual({
      state: 'ON',
      color_mode: 'color_temp',
      brightness: 255,
      color_temp: 2000,
      effect: null,
    })
    expect(said(lamp, { ...white, temp_value_v2: 1000, bright_value_v2: 10 })).toMatchObject({
      color_temp: 6500,
      brightness: 1,
    })
  })

  it('says its colour in degrees and percent', () => {
    expect(said(lamp, coloured)).toMatchObject({
      color_mode: 'hs',
      color: { h: 200, s: 50 },
      brightness: 255,
    })
  })

  it('says a scene as an effect', () => {
    expect(said(lamp, { ...white, work_mode: 'music' })).toMatchObject({ effect: 'music' })
  })

  it('says nothing while nobody knows whether it is on', () => {
    expect(said(lamp, { work_mode: 'white' })).toBeUndefined()
  })

  it('goes on and off by a word or an object', () => {
    expect(written(lamp, '', 'OFF')).toEqual({ values: { switch_led: false } })
    expect(written(lamp, '', { state: 'ON' })).toEqual({ values: { switch_led: true } })
    expect(written(lamp, '', { brightness: 0 })).toEqual({ values: { switch_led: false } })
  })

  it('a colour turns the mode with it and keeps the brightness that it has', () => {
    expect(written(lamp, '', { state: 'ON', color: { h: 120, s: 100 } }, white)).toEqual({
      values: { switch_led: true, work_mode: 'colour', colour_data_v2: { h: 120, s: 1000, v: 1000 } },
    })
  })

  it('the brightness of a coloured lamp is that of its colour', () => {
    expect(written(lamp, '', { brightness: 51 }, coloured)).toEqual({
      values: { switch_led: true, work_mode: 'colour', colour_data_v2: { h: 200, s: 500, v: 200 } },
    })
    expect(written(lamp, '', { brightness: 255 }, white)).toEqual({
      values: { switch_led: true, bright_value_v2: 1000 },
    })
  })

  it('a white takes it out of colour, an effect is a mode', () => {
    expect(written(lamp, '', { color_temp: 6500 }, coloured)).toEqual({
      values: { switch_led: true, work_mode: 'white', temp_value_v2: 1000 },
    })
    expect(written(lamp, '', { effect: 'scene' }, white)).toEqual({
      values: { switch_led: true, work_mode: 'scene' },
    })
  })

  it.each(['', '{}', '[]', 'purple', '{"effect":"disco"}', '{"brightness":"much"}'])(
    'refuses %j with a sentence',
    (payload) => {
      expect(written(lamp, '', payload, white)).toEqual({ fault: expect.stringMatching(/\.$/) })
    },
  )

  it('every brightness that is written is said again', () => {
    for (let brightness = 1; brightness <= 255; brightness++) {
      const result = written(lamp, '', { brightness }, white)
      if ('fault' in result) throw new Error(result.fault)
      expect(said(lamp, { ...white, ...result.values })).toMatchObject({ brightness })
    }
  })

  it('a dimmer has a brightness and no colour', () => {
    expect(said(ofModel('dimmer'), { switch_led_1: true, bright_value_1: 10 })).toEqual({
      state: 'ON',
      color_mode: 'brightness',
      brightness: 1,
    })
  })
})

describe('a cover', () => {
  const curtain = ofModel('curtain')

  it('says where it is and whether it moves', () => {
    expect(said(curtain, { control: 'open', percent_control: 100, percent_state: 40 })).toEqual({
      state: 'opening',
      position: 40,
    })
    expect(said(curtain, { control: 'close', percent_control: 0, percent_state: 40 })).toMatchObject({
      state: 'closing',
    })
    expect(said(curtain, { control: 'stop', percent_control: 0, percent_state: 40 })).toMatchObject({
      state: 'open',
    })
    expect(said(curtain, { control: 'close', percent_control: 0, percent_state: 0 })).toMatchObject({
      state: 'closed',
    })
  })

  it('takes words and positions', () => {
    expect(written(curtain, '', 'OPEN')).toEqual({ values: { control: 'open' } })
    expect(written(curtain, '', 'STOP')).toEqual({ values: { control: 'stop' } })
    expect(written(curtain, 'position', '30')).toEqual({ values: { percent_control: 30 } })
    expect(written(curtain, 'position', 'half')).toHaveProperty('fault')
    expect(written(curtain, '', 'UP')).toHaveProperty('fault')
  })

  it('old motors have words of their own', () => {
    const old = entity('cl', [dp('mach_operate', 'Enum', 'rw', { range: ['ZZ', 'FZ', 'STOP'] })])
    expect(written(old, '', 'OPEN')).toEqual({ values: { mach_operate: 'FZ' } })
    expect(written(old, '', 'CLOSE')).toEqual({ values: { mach_operate: 'ZZ' } })
    expect(said(old, { mach_operate: 'ZZ' })).toEqual({ state: 'closed' })
  })

  it('a garage door is moved by its switch and seen by its contact', () => {
    const door = entity('ckmkzq', [dp('switch_1', 'Boolean', 'rw'), dp('doorcontact_state', 'Boolean', 'ro')])
    expect(said(door, { switch_1: false, doorcontact_state: true })).toEqual({ state: 'open' })
    expect(written(door, '', 'CLOSE')).toEqual({ values: { switch_1: false } })
    expect(written(door, '', 'STOP')).toHaveProperty('fault')
  })
})

describe('a climate', () => {
  const floor = ofModel('thermostat')
  const conditioner = entity('kt', [
    dp('switch', 'Boolean', 'rw'),
    dp('temp_set', 'Integer', 'rw', { min: 16, max: 30, step: 1, unit: '℃' }),
    dp('mode', 'Enum', 'rw', { range: ['auto', 'cold', 'hot', 'wet', 'wind', 'eco'] }),
    dp('fan_speed_enum', 'Enum', 'rw', { range: ['low', 'high'] }),
    dp('switch_vertical', 'Boolean', 'rw'),
  ])

  it('a thermostat heats, and its programmes are presets', () => {
    expect(
      said(floor, { switch: true, temp_set: 21.5, temp_current: 20.8, mode: 'eco', valve_state: 'open' }),
    ).toEqual({
      mode: 'heat',
      action: 'heating',
      temperature: 21.5,
      current_temperature: 20.8,
      preset_mode: 'eco',
    })
    expect(said(floor, { switch: false, temp_set: 21.5, mode: 'auto' })).toMatchObject({ mode: 'off' })
    expect(written(floor, 'preset_mode', 'manual')).toEqual({ values: { mode: 'manual' } })
    expect(written(floor, 'mode', 'cool')).toHaveProperty('fault')
  })

  it('a temperature never switches it on', () => {
    expect(written(floor, 'temperature', '22')).toEqual({ values: { temp_set: 22 } })
  })

  it('a mode does', () => {
    expect(written(conditioner, 'mode', 'cool')).toEqual({ values: { switch: true, mode: 'cold' } })
    expect(written(conditioner, 'mode', 'heat_cool')).toEqual({ values: { switch: true, mode: 'auto' } })
    expect(written(conditioner, 'mode', 'off')).toEqual({ values: { switch: false } })
    expect(written(floor, 'mode', 'heat')).toEqual({ values: { switch: true } })
  })

  it('an air conditioner tells ways of cooling from presets', () => {
    const state = said(conditioner, {
      switch: true,
      temp_set: 22,
      mode: 'wet',
      fan_speed_enum: 'low',
      switch_vertical: true,
    })
    expect(state).toMatchObject({ mode: 'dry', fan_mode: 'low', swing_mode: 'on', preset_mode: null })
    expect(written(conditioner, 'swing_mode', 'off')).toEqual({ values: { switch_vertical: false } })
    expect(entityParts(conditioner)).toEqual([
      'temperature',
      'mode',
      'fan_mode',
      'preset_mode',
      'swing_mode',
      'power',
    ])
  })
})

describe('a fan', () => {
  const steps = entity('fs', [
    dp('switch', 'Boolean', 'rw'),
    dp('fan_speed_enum', 'Enum', 'rw', { range: ['low', 'middle', 'high', 'auto'] }),
    dp('fan_direction', 'Enum', 'rw', { range: ['forward', 'reverse'] }),
    dp('switch_horizontal', 'Boolean', 'rw'),
  ])

  it('says the steps of its speed in percent', () => {
    expect(
      said(steps, {
        switch: true,
        fan_speed_enum: 'middle',
        fan_direction: 'forward',
        switch_horizontal: false,
      }),
    ).toEqual({
      state: 'ON',
      percentage: 67,
      oscillation: 'oscillate_off',
      direction: 'forward',
    })
    expect(written(steps, 'percentage', '67')).toEqual({ values: { switch: true, fan_speed_enum: 'high' } })
    expect(written(steps, 'percentage', '66')).toEqual({ values: { switch: true, fan_speed_enum: 'middle' } })
    expect(written(steps, 'percentage', '0')).toEqual({ values: { switch: false } })
    expect(written(steps, 'oscillation', 'oscillate_on')).toEqual({ values: { switch_horizontal: true } })
    expect(written(steps, 'percentage', '101')).toHaveProperty('fault')
  })

  it('takes a number where the device has one', () => {
    const smooth = entity('fs', [
      dp('switch', 'Boolean', 'rw'),
      dp('fan_speed', 'Integer', 'rw', { min: 1, max: 6, step: 1 }),
    ])
    expect(written(smooth, 'percentage', '50')).toEqual({ values: { switch: true, fan_speed: 3 } })
    expect(said(smooth, { switch: true, fan_speed: 3 })).toMatchObject({ percentage: 50 })
  })
})

describe('a vacuum', () => {
  const robot = entity('sd', [
    dp('power_go', 'Boolean', 'rw'),
    dp('pause', 'Boolean', 'rw'),
    dp('switch_charge', 'Boolean', 'rw'),
    dp('status', 'Enum', 'ro', {
      range: ['standby', 'smart', 'paused', 'goto_charge', 'charging', 'charge_done', 'fault'],
    }),
    dp('suction', 'Enum', 'rw', { range: ['gentle', 'strong'] }),
  ])

  it.each([
    ['standby', 'idle'],
    ['smart', 'cleaning'],
    ['paused', 'paused'],
    ['goto_charge', 'returning'],
    ['charging', 'docked'],
    ['charge_done', 'docked'],
    ['fault', 'error'],
  ])('%s is %s', (status, state) => {
    expect(said(robot, { status, suction: 'gentle' })).toEqual({ state, fan_speed: 'gentle' })
  })

  it('takes the words that it has something for', () => {
    expect(written(robot, '', 'start')).toEqual({ values: { power_go: true, pause: false } })
    expect(written(robot, '', 'return_to_base')).toEqual({ values: { switch_charge: true } })
    expect(written(robot, '', 'locate')).toHaveProperty('fault')
    expect(written(robot, 'fan_speed', 'strong')).toEqual({ values: { suction: 'strong' } })
    expect(written(robot, 'fan_speed', 'wild')).toHaveProperty('fault')
  })
})

describe('an alarm, a siren, a humidifier and a lock', () => {
  it('an alarm is armed and disarmed', () => {
    const alarm = entity('mal', [
      dp('master_mode', 'Enum', 'rw', { range: ['disarmed', 'arm', 'home', 'sos'] }),
    ])
    expect(said(alarm, { master_mode: 'home' })).toEqual({ state: 'armed_home' })
    expect(written(alarm, '', 'ARM_AWAY')).toEqual({ values: { master_mode: 'arm' } })
    expect(written(alarm, '', 'ARM_NIGHT')).toHaveProperty('fault')
  })

  it('a siren takes a word or an object', () => {
    const siren = entity('sgbj', [
      dp('alarm_switch', 'Boolean', 'rw'),
      dp('alarm_volume', 'Enum', 'rw', { range: ['low', 'high'] }),
      dp('alarm_time', 'Integer', 'rw', { min: 1, max: 60 }),
    ])
    expect(written(siren, '', { state: 'ON', tone: 'high', duration: 5 })).toEqual({
      values: { alarm_switch: true, alarm_volume: 'high', alarm_time: 5 },
    })
    expect(said(siren, { alarm_switch: false, alarm_volume: 'low' })).toEqual({ state: 'OFF', tone: 'low' })
    expect(written(siren, '', '{}')).toHaveProperty('fault')
  })

  it('a humidifier has a target', () => {
    const humidifier = entity('jsq', [
      dp('switch', 'Boolean', 'rw'),
      dp('humidity_set', 'Integer', 'rw', { min: 30, max: 80 }),
      dp('humidity_current', 'Integer', 'ro', { min: 0, max: 100 }),
    ])
    expect(said(humidifier, { switch: true, humidity_set: 50, humidity_current: 41 })).toEqual({
      state: 'ON',
      target: 50,
      current: 41,
    })
    expect(written(humidifier, 'target', '55')).toEqual({ values: { humidity_set: 55 } })
    expect(written(humidifier, 'mode', 'sleep')).toHaveProperty('fault')
  })

  it('a lock that only reports takes no command', () => {
    const lock = entity('jtmspro', [dp('lock_motor_state', 'Boolean', 'ro')])
    expect(said(lock, { lock_motor_state: false })).toEqual({ state: 'LOCKED' })
    expect(entityParts(lock)).toEqual([])
    expect(written(lock, '', 'UNLOCK')).toHaveProperty('fault')
  })
})
