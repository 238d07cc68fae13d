import { describe, expect, it } from 'vitest'
import { isWritable } from '../../src/domain/ability/base.ts'
import { isComposite } from '../../src/domain/ability/composite.ts'
import { simpleKinds } from '../../src/domain/ability/simple.ts'
import { type Ability, abilitiesOf, entitiesOf } from '../../src/domain/ability.ts'
import { categories, categoryOf } from '../../src/domain/category/index.ts'
import { builtinModels } from '../../src/simulator/world-file.ts'
import { dp, modelOf, specificationOf } from '../support/model.ts'

function abilities(category: string, ...points: ReturnType<typeof dp>[]): readonly Ability[] {
  return abilitiesOf(category, specificationOf(points))
}

function kinds(found: readonly Ability[]): Record<string, string> {
  return Object.fromEntries(found.map(({ key, kind }) => [key, kind]))
}

describe('the abilities of a device', () => {
  it.each(Object.entries(builtinModels()))('the %s of the simulator loses no data point', (_, model) => {
    const specification = specificationOf(model.dps)
    const found = abilitiesOf(model.category, specification)
    const used = new Set(found.flatMap(({ points }) => points.map(({ code }) => code)))
    const lost = [...specification.points.values()].filter(({ code }) => !used.has(code))
    // What is only written and no person can write, and what only an infrared remote understands.
    expect(lost.filter((point) => point.type !== 'json' && point.code !== 'ir_study_code')).toEqual([])
    expect(new Set(found.map(({ key }) => key)).size).toBe(found.length)
  })

  it.each(Object.entries(builtinModels()))('the %s of the simulator is of a known category', (_, model) => {
    expect(categoryOf(model.category)).toBeDefined()
  })

  it.each(categories.map((category) => [category.name, category] as const))(
    '%s has a code of its own',
    (_, category) => {
      expect(category.codes.length).toBeGreaterThan(0)
      for (const code of category.codes) expect(categoryOf(code)).toBe(category)
    },
  )

  it('the models of the simulator have what people expect of them', () => {
    const of = (name: string) =>
      kinds(abilitiesOf(modelOf(name).category, specificationOf(modelOf(name).dps)))
    expect(of('lamp_v2')).toMatchObject({ light: 'light', countdown_1: 'number', do_not_disturb: 'switch' })
    expect(of('plug')).toMatchObject({
      switch_1: 'switch',
      add_ele: 'sensor',
      cur_power: 'sensor',
      fault: 'binary',
    })
    expect(of('curtain')).toMatchObject({ cover: 'cover', control_back_mode: 'select' })
    expect(of('thermostat')).toMatchObject({ climate: 'climate', child_lock: 'switch' })
    expect(of('lock')).toMatchObject({
      unlock: 'event',
      alarm_lock: 'event',
      doorbell: 'event',
      closed_opened: 'binary',
    })
    expect(of('button_zigbee')).toMatchObject({ switch_mode1: 'event', switch_mode2: 'event' })
    expect(of('meter')).toMatchObject({ total_forward_energy: 'sensor', phase_a_power: 'sensor' })
    expect(of('smoke')).toMatchObject({ smoke_sensor_status: 'binary' })
  })

  it('a category that nobody knows gets controls from its own specification', () => {
    const found = abilities(
      'zzz',
      dp('a', 'Boolean', 'rw'),
      dp('b', 'Integer', 'rw', { min: 0, max: 9, scale: 0, step: 1, unit: '' }),
      dp('c', 'Enum', 'rw', { range: ['x', 'y'] }),
      dp('d', 'Boolean', 'ro'),
      dp('e', 'Integer', 'ro', { min: 0, max: 900, scale: 1, step: 1, unit: '℃' }),
      dp('f', 'Enum', 'ro', { range: ['x', 'y'] }),
      dp('g', 'String', 'rw', { maxlen: 20 }),
      dp('h', 'Boolean', 'wo'),
      dp('i', 'Bitmap', 'ro', { label: ['e1'] }),
    )
    expect(kinds(found)).toEqual({
      a: 'switch',
      b: 'number',
      c: 'select',
      d: 'binary',
      e: 'sensor',
      f: 'sensor',
      g: 'text',
      h: 'button',
      i: 'binary',
    })
    expect(found.find(({ key }) => key === 'e')).toMatchObject({ measures: 'temperature', unit: '°C' })
  })

  it('a code that does not fit its device’s own type is what the device says', () => {
    expect(kinds(abilities('dj', dp('switch_led', 'Enum', 'rw', { range: ['on', 'off'] })))).toEqual({
      switch_led: 'select',
    })
    expect(kinds(abilities('cl', dp('control', 'Boolean', 'ro')))).toEqual({ control: 'binary' })
  })

  it('one code means one thing in a lamp and another in a light sensor', () => {
    const bright = dp('bright_value', 'Integer', 'ro', { min: 0, max: 1000, scale: 0, step: 1, unit: 'lux' })
    expect(abilities('ldcg', bright)[0]).toMatchObject({
      kind: 'sensor',
      measures: 'illuminance',
      unit: 'lx',
    })
  })

  it('energy is counted in kWh where the device names no unit, and in its own where it does', () => {
    const unit = (given: string) => {
      const point = dp('add_ele', 'Integer', 'ro', { unit: given, min: 0, max: 50_000, scale: 3, step: 100 })
      return abilities('cz', point)[0]
    }
    expect(unit('')).toMatchObject({ measures: 'energy', unit: 'kWh', view: 'total', counts: 'up' })
    expect(unit('度')).toMatchObject({ unit: 'kWh' })
    expect(unit('Wh')).toMatchObject({ unit: 'Wh' })
  })

  it('the outlets of a socket are told from the switches of a wall', () => {
    const point = dp('switch_1', 'Boolean', 'rw')
    expect(abilities('cz', point)[0]).toMatchObject({ outlet: true })
    expect(abilities('kg', point)[0]).toMatchObject({ outlet: false })
  })

  it.each([
    ['dj', 'light', [dp('switch_led', 'Boolean', 'rw')]],
    ['cl', 'cover', [dp('percent_control', 'Integer', 'rw', { min: 0, max: 100 })]],
    ['ckmkzq', 'cover', [dp('switch_1', 'Boolean', 'rw'), dp('doorcontact_state', 'Boolean', 'ro')]],
    ['kt', 'climate', [dp('switch', 'Boolean', 'rw'), dp('temp_set', 'Integer', 'rw', { min: 16, max: 30 })]],
    ['fs', 'fan', [dp('switch', 'Boolean', 'rw')]],
    ['kj', 'fan', [dp('switch', 'Boolean', 'rw'), dp('speed', 'Enum', 'rw', { range: ['low', 'high'] })]],
    [
      'jsq',
      'humidifier',
      [dp('switch', 'Boolean', 'rw'), dp('humidity_set', 'Integer', 'rw', { min: 30, max: 80 })],
    ],
    [
      'cs',
      'humidifier',
      [dp('switch', 'Boolean', 'rw'), dp('dehumidify_set_value', 'Integer', 'rw', { min: 30, max: 80 })],
    ],
    ['sd', 'vacuum', [dp('power_go', 'Boolean', 'rw')]],
    ['jtmspro', 'lock', [dp('lock_motor_state', 'Boolean', 'ro')]],
    ['mal', 'alarm', [dp('master_mode', 'Enum', 'rw', { range: ['disarmed', 'arm', 'home', 'sos'] })]],
    ['sgbj', 'siren', [dp('alarm_switch', 'Boolean', 'rw')]],
  ] as const)('%s is a %s', (category, kind, points) => {
    expect(abilities(category, ...points)[0]?.kind).toBe(kind)
    expect(entitiesOf(category, specificationOf(points))).toHaveLength(1)
  })

  it('the switch of a valve is a valve', () => {
    expect(abilities('sfkzq', dp('switch', 'Boolean', 'rw'))[0]?.kind).toBe('valve')
  })

  it('a lamp with three gangs is three lights', () => {
    const points = [1, 2, 3].flatMap((gang) => [
      dp(`switch_led_${gang}`, 'Boolean', 'rw'),
      dp(`bright_value_${gang}`, 'Integer', 'rw', { min: 10, max: 1000 }),
    ])
    expect(abilities('tgkg', ...points).map(({ key }) => key)).toEqual(['light', 'light_2', 'light_3'])
  })

  it('presses and rings are events, and all ways of unlocking are one', () => {
    const found = abilities(
      'ms',
      dp('unlock_card', 'Integer', 'ro', { min: 0, max: 999 }),
      dp('unlock_face', 'Integer', 'ro', { min: 0, max: 999 }),
      dp('doorbell', 'Boolean', 'ro'),
    )
    expect(found).toMatchObject([
      { kind: 'event', key: 'unlock', code: null, types: ['card', 'face'] },
      { kind: 'event', key: 'doorbell', code: 'doorbell', types: ['ring'] },
    ])
  })

  it('a correction hides a point, and makes another thing of it', () => {
    const { dps, category } = modelOf('plug')
    const specification = specificationOf(dps, {
      child_lock: { hide: true },
      relay_status: { ability: 'sensor' },
      cur_power: { ability: 'switch' },
    })
    const found = kinds(abilitiesOf(category, specification))
    expect(found).not.toHaveProperty('child_lock')
    expect(found).toMatchObject({ relay_status: 'sensor', cur_power: 'sensor' })
  })

  it('a correction takes a point out of its composite ability', () => {
    const { dps, category } = modelOf('lamp_v2')
    const found = abilitiesOf(category, specificationOf(dps, { work_mode: { ability: 'select' } }))
    expect(found.find(({ kind }) => kind === 'light')).toMatchObject({ mode: undefined })
    expect(kinds(found)).toMatchObject({ work_mode: 'select' })
  })

  it('names are words, not codes', () => {
    const found = abilitiesOf(modelOf('plug').category, specificationOf(modelOf('plug').dps))
    expect(found.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['Switch 1', 'Energy', 'Power', 'Countdown 1', 'Relay status']),
    )
    for (const { name } of found) expect(name).not.toContain('_')
  })

  it('what is only told is never something to set up', () => {
    for (const { category, dps } of Object.values(builtinModels())) {
      for (const { kind, role } of abilitiesOf(category, specificationOf(dps)))
        if (kind === 'sensor' || kind === 'binary') expect(role).not.toBe('config')
    }
  })

  it('what is set is writable', () => {
    for (const { category, dps } of Object.values(builtinModels())) {
      for (const ability of abilitiesOf(category, specificationOf(dps))) {
        const isSet = ['switch', 'valve', 'number', 'select', 'text', 'button'].includes(ability.kind)
        if (isSet) expect(ability.points.every(isWritable)).toBe(true)
      }
    }
  })

  it('a correction can ask for every simple kind and for none that several points make up', () => {
    for (const kind of simpleKinds) expect(isComposite({ kind })).toBe(false)
  })

  it('a device without a specification has no abilities', () => {
    expect(abilitiesOf('dj', undefined)).toEqual([])
  })
})
