import { describe, expect, it } from 'vitest'
import { abilitiesOf } from '../../../src/domain/ability.ts'
import type { Automation } from '../../../src/domain/automation.ts'
import { categories } from '../../../src/domain/category/index.ts'
import type { Scene } from '../../../src/domain/scene.ts'
import { readOnly } from '../../../src/domain/specification.ts'
import {
  automationsDocument,
  bridgeDocument,
  type DiscoveryDocument,
  deviceDocument,
  scenesDocument,
} from '../../../src/integration/homeassistant/document.ts'
import { TopicTree } from '../../../src/mqtt/topic.ts'
import { builtinModels, type DpEntry } from '../../../src/simulator/world-file.ts'
import { deviceOf } from '../../support/device.ts'
import { discoveryFaults } from '../../support/discovery-rules.ts'
import { dp, modelOf, specificationOf } from '../../support/model.ts'

const context = { tree: new TopicTree('tuya'), instance: 'main', version: '1.2.3' }

function documentOf(category: string, dps: readonly DpEntry[], mayWrite = true): DiscoveryDocument {
  const specification = specificationOf(dps)
  return deviceDocument(
    {
      device: deviceOf('bf1', { name: 'Thing', category, homeId: '1', roomId: 'r' }),
      abilities: abilitiesOf(category, mayWrite ? specification : readOnly(specification)),
      roomName: 'Kitchen',
      firmware: true,
      installs: false,
    },
    context,
  )
}

function entity(document: DiscoveryDocument, key: string): Readonly<Record<string, unknown>> {
  const found = document.components[key]
  if (!found) throw new Error(`there is no ${key} among ${Object.keys(document.components).join(', ')}`)
  return found
}

/** A point of every code that any rule of a category wants, of the type that it wants. */
const rich: readonly (readonly [name: string, category: string, dps: readonly DpEntry[]])[] = [
  [
    'an air conditioner',
    'kt',
    [
      dp('switch', 'Boolean', 'rw'),
      dp('temp_set', 'Integer', 'rw', { min: 16, max: 30, scale: 0, step: 1, unit: '℃' }),
      dp('temp_current', 'Integer', 'ro', { min: -20, max: 50, scale: 0, step: 1, unit: '℃' }),
      dp('humidity_current', 'Integer', 'ro', { min: 0, max: 100, unit: '%' }),
      dp('mode', 'Enum', 'rw', { range: ['auto', 'cold', 'hot', 'wet', 'wind', 'eco'] }),
      dp('fan_speed_enum', 'Enum', 'rw', { range: ['low', 'high', 'auto'] }),
      dp('switch_vertical', 'Boolean', 'rw'),
      dp('work_state', 'Enum', 'ro', { range: ['cooling', 'idle'] }),
    ],
  ],
  [
    'a ceiling fan',
    'fsd',
    [
      dp('switch_fan', 'Boolean', 'rw'),
      dp('fan_speed', 'Integer', 'rw', { min: 1, max: 6, step: 1 }),
      dp('mode', 'Enum', 'rw', { range: ['nature', 'sleep'] }),
      dp('fan_direction', 'Enum', 'rw', { range: ['forward', 'reverse'] }),
      dp('switch_horizontal', 'Boolean', 'rw'),
      dp('switch_led', 'Boolean', 'rw'),
      dp('bright_value', 'Integer', 'rw', { min: 10, max: 1000 }),
    ],
  ],
  [
    'a dehumidifier',
    'cs',
    [
      dp('switch', 'Boolean', 'rw'),
      dp('dehumidify_set_value', 'Integer', 'rw', { min: 35, max: 70, unit: '%' }),
      dp('humidity_indoor', 'Integer', 'ro', { min: 0, max: 100, unit: '%' }),
      dp('mode', 'Enum', 'rw', { range: ['auto', 'laundry'] }),
    ],
  ],
  [
    'a vacuum',
    'sd',
    [
      dp('power_go', 'Boolean', 'rw'),
      dp('pause', 'Boolean', 'rw'),
      dp('switch_charge', 'Boolean', 'rw'),
      dp('seek', 'Boolean', 'rw'),
      dp('status', 'Enum', 'ro', { range: ['standby', 'smart'] }),
      dp('suction', 'Enum', 'rw', { range: ['gentle', 'strong'] }),
      dp('clean_time', 'Integer', 'ro', { min: 0, max: 9999, unit: 'min' }),
    ],
  ],
  [
    'an alarm system',
    'mal',
    [dp('master_mode', 'Enum', 'rw', { range: ['disarmed', 'arm', 'home', 'sos'] })],
  ],
  [
    'a siren',
    'sgbj',
    [
      dp('alarm_switch', 'Boolean', 'rw'),
      dp('alarm_volume', 'Enum', 'rw', { range: ['low', 'high'] }),
      dp('alarm_time', 'Integer', 'rw', { min: 1, max: 60, unit: 's' }),
    ],
  ],
  [
    'a valve',
    'sfkzq',
    [dp('switch', 'Boolean', 'rw'), dp('time_use', 'Integer', 'ro', { min: 0, max: 999, unit: 's' })],
  ],
  ['a lock with a bolt', 'jtmspro', [dp('lock_motor_state', 'Boolean', 'rw')]],
  ['a garage door', 'ckmkzq', [dp('switch_1', 'Boolean', 'rw'), dp('doorcontact_state', 'Boolean', 'ro')]],
  [
    'an air sensor',
    'hjjcy',
    [
      dp('co2_value', 'Integer', 'ro', { min: 0, max: 5000, unit: 'ppm' }),
      dp('ch2o_value', 'Integer', 'ro', { min: 0, max: 1000, scale: 3, unit: 'mg/m3' }),
      dp('pm25_value', 'Integer', 'ro', { min: 0, max: 999, unit: 'ug/m3' }),
      dp('temp_current', 'Integer', 'ro', { min: -200, max: 600, scale: 1, unit: '℃' }),
      dp('battery_value', 'Integer', 'ro', { min: 0, max: 5000, unit: 'mV' }),
      dp('shock_state', 'Enum', 'ro', { range: ['normal', 'vibration', 'drop', 'tilt'] }),
    ],
  ],
  [
    'a colour lamp without whites',
    'dj',
    [
      dp('switch_led', 'Boolean', 'rw'),
      dp('bright_value_v2', 'Integer', 'rw', { min: 10, max: 1000 }),
      dp('colour_data_v2', 'Json', 'rw', {}),
    ],
  ],
  [
    'something unheard of',
    'zzz',
    [
      dp('a', 'Boolean', 'wo'),
      dp('b', 'String', 'rw', { maxlen: 900 }),
      dp('c', 'Integer', 'ro', { unit: 'flurbs' }),
      dp('d', 'Raw', 'ro'),
      dp('e', 'Enum', 'rw', { range: ["it's", 'x'] }),
    ],
  ],
]

describe('a discovery document', () => {
  it.each(Object.entries(builtinModels()))('of the %s of the simulator is without fault', (_, model) => {
    const document = documentOf(model.category, model.dps)
    expect(discoveryFaults('homeassistant/device/tuya_main_bf1/config', document)).toEqual([])
  })

  it.each(rich)('of %s is without fault', (_, category, dps) => {
    const document = documentOf(category, dps)
    expect(discoveryFaults('homeassistant/device/tuya_main_bf1/config', document)).toEqual([])
  })

  it.each(['lamp_v2', 'plug', 'curtain', 'thermostat', 'lock', 'button_zigbee', 'meter', 'contact'])(
    'of the %s reads as it always did',
    async (name) => {
      const { category, dps } = modelOf(name)
      const text = `${JSON.stringify(documentOf(category, dps), null, 2)}\n`
      await expect(text).toMatchFileSnapshot(`golden/${name}.json.txt`)
    },
  )

  it('rules that let everything pass would be none', () => {
    const { category, dps } = modelOf('plug')
    const document = documentOf(category, dps)
    const { switch_1 } = document.components
    const broken = {
      ...document,
      components: { a: { ...switch_1, platform: 'switch', colour: 1 }, b: { platform: 'sensor', name: 'x' } },
    }
    expect(discoveryFaults('homeassistant/device/x y/config', broken)).toEqual([
      'homeassistant/device/x y/config is no topic of a device',
      'a: colour is not known to switch',
      'b: no unique_id',
      'b: state_topic is missing',
    ])
  })

  it('a thing is there when bridge and device both say so', () => {
    expect(documentOf('dj', modelOf('lamp_v2').dps)).toMatchObject({
      availability: [{ topic: 'tuya/bridge/state' }, { topic: 'tuya/state/device/bf1/availability' }],
      availability_mode: 'all',
      device: { suggested_area: 'Kitchen', via_device: 'tuya_bridge_main', identifiers: ['tuya_bf1'] },
      origin: { name: 'dp2mqtt', sw_version: '1.2.3' },
    })
  })

  it('unique ids are made of ids and keys alone', () => {
    const { category, dps } = modelOf('plug')
    expect(entity(documentOf(category, dps), 'cur_power')['unique_id']).toBe('tuya_bf1_cur_power')
  })

  it('what one value says has topics of its own and no words to translate', () => {
    expect(entity(documentOf('cz', modelOf('plug').dps), 'switch_1')).toMatchObject({
      platform: 'switch',
      state_topic: 'tuya/state/device/bf1/dp/switch_1',
      command_topic: 'tuya/cmd/device/bf1/dp/switch_1',
      payload_on: 'true',
      device_class: 'outlet',
    })
  })

  it('the energy of a plug is the sum that never falls', () => {
    expect(entity(documentOf('cz', modelOf('plug').dps), 'add_ele')).toMatchObject({
      state_topic: 'tuya/state/device/bf1/view/add_ele/total',
      device_class: 'energy',
      state_class: 'total_increasing',
      unit_of_measurement: 'kWh',
    })
  })

  it('a unit that Home Assistant does not take for a class leaves the class out', () => {
    const dps = [dp('cur_power', 'Integer', 'ro', { min: 0, max: 9, unit: 'horses' })]
    const power = entity(documentOf('cz', dps), 'cur_power')
    expect(power).not.toHaveProperty('device_class')
    expect(power).toMatchObject({ unit_of_measurement: 'horses', state_class: 'measurement' })
  })

  it('several words can say that something holds', () => {
    const dps = [dp('shock_state', 'Enum', 'ro', { range: ['normal', 'vibration', 'tilt'] })]
    expect(entity(documentOf('zd', dps), 'shock_state')['value_template']).toContain("['vibration', 'tilt']")
  })

  it('all ways of unlocking are one event', () => {
    expect(entity(documentOf('jtmspro', modelOf('lock').dps), 'unlock')).toMatchObject({
      platform: 'event',
      state_topic: 'tuya/event/device/bf1/unlock/+',
      event_types: ['fingerprint', 'password', 'card'],
    })
  })

  it('what may not be written is only shown', () => {
    const document = documentOf(
      'jtmspro',
      [...modelOf('lock').dps, dp('lock_motor_state', 'Boolean', 'rw')],
      false,
    )
    for (const component of Object.values(document.components))
      expect(component).not.toHaveProperty('command_topic')
    expect(entity(document, 'automatic_lock')['platform']).toBe('binary_sensor')
    expect(entity(document, 'lock')['platform']).toBe('binary_sensor')
    expect(discoveryFaults('homeassistant/device/tuya_main_bf1/config', document)).toEqual([])
  })

  it('firmware is installed only where that is allowed', () => {
    const described = {
      device: deviceOf('bf1', { category: 'dj', homeId: '1' }),
      abilities: [],
      roomName: null,
      firmware: true,
    }
    expect(deviceDocument({ ...described, installs: false }, context).components).toMatchObject({
      firmware: { platform: 'update', state_topic: 'tuya/state/device/bf1/ota' },
    })
    expect(deviceDocument({ ...described, installs: true }, context).components['firmware']).toMatchObject({
      command_topic: 'tuya/cmd/device/bf1/ota',
      payload_install: 'install',
    })
  })

  it('a siren is a switch too', () => {
    const found = rich.find(([name]) => name === 'a siren')
    expect(Object.keys(documentOf(found?.[1] ?? '', found?.[2] ?? []).components)).toEqual(
      expect.arrayContaining(['siren', 'siren_switch']),
    )
  })

  it('of a device of any category is without fault, whatever points it has', () => {
    const dps = Object.values(builtinModels()).flatMap((model) => model.dps)
    const once = [...new Map(dps.map((one) => [one.code, one])).values()]
    for (const { codes } of categories) {
      const document = documentOf(codes[0] ?? '', once)
      expect(discoveryFaults('homeassistant/device/tuya_main_bf1/config', document)).toEqual([])
    }
  })
})

const home = { id: '7', name: 'Home' }
const scene: Scene = {
  id: 's1',
  name: 'Good night',
  homeId: '7',
  background: '',
  enabled: true,
  valid: true,
  actions: [],
}
const automation: Automation = {
  ...scene,
  id: 'a1',
  name: 'Bedtime',
  match: 'any',
  rule: null,
  conditions: [],
  preconditions: [],
  actions: [{ kind: 'external', data: { action: 'goodnight' } }],
}

describe('the document of a home', () => {
  it('runs its scenes and switches them', () => {
    const document = scenesDocument(home, [scene], context)
    expect(discoveryFaults('homeassistant/device/tuya_main_scenes_7/config', document)).toEqual([])
    expect(document.components).toMatchObject({
      scene_s1: { platform: 'scene', command_topic: 'tuya/cmd/scene/s1/trigger', payload_on: 'ON' },
      scene_s1_enabled: { platform: 'switch', state_topic: 'tuya/state/scene/s1/enabled' },
    })
  })

  it('switches its automations and hears their actions', () => {
    const document = automationsDocument(home, [automation], () => ['goodnight'], context)
    expect(discoveryFaults('homeassistant/device/tuya_main_automations_7/config', document)).toEqual([])
    expect(document.components).toMatchObject({
      automation_a1_enabled: { command_topic: 'tuya/cmd/automation/a1/enabled' },
      automation_a1_action: {
        state_topic: 'tuya/event/automation/a1/external_action',
        event_types: ['goodnight', 'external_action'],
      },
    })
    expect(document.components).not.toHaveProperty('automation_a1_trigger')
  })
})

describe('the document of the bridge', () => {
  it('is without fault and says whether it runs, whoever else is away', () => {
    const document = bridgeDocument(context)
    expect(discoveryFaults('homeassistant/device/tuya_main_bridge/config', document)).toEqual([])
    expect(document).not.toHaveProperty('availability')
    expect(document.components['connection']).toMatchObject({
      payload_on: 'online',
      state_topic: 'tuya/bridge/state',
    })
  })
})
