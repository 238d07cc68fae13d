import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Court, Judge } from '../court.ts'
import type { EntityState, HomeAssistantClient, RegisteredEntity } from '../home-assistant/client.ts'
import { Demo } from '../home-assistant/demo.ts'
import { judgeEnergy } from '../home-assistant/energy.ts'
import { hass, homeAssistantLacks, installHomeAssistant } from '../home-assistant/install.ts'
import { HomeAssistant } from '../home-assistant/program.ts'
import { soon } from '../soon.ts'

const lamp = 'bf3c9a7d41e0b2f6aaw1vn'
const curtain = 'bf04ac8e91f37d62b5te8r'
const thermostat = 'bf28c95d07e4b61fa3gn0w'
const plug = 'bf5b8310dfe2a947c3jy2h'
const meter = 'bfd9c05b3e81f7a246nx4q'
const buttons = 'bf96e3a4d0c7b8f152le5u'
const cabinPlug = 'bf70e6b1a9d4c2f853vf9y'

export const homeAssistant: Judge = {
  name: 'home-assistant',
  about:
    'Home Assistant itself finds the demo’s homes by their discovery documents, shows them and moves them',
  lacks: homeAssistantLacks,
  prepare: installHomeAssistant,
  hear: async (court) => {
    const place = await mkdtemp(join(tmpdir(), 'dp2mqtt-judge-'))
    try {
      await using demo = await Demo.start(place, { homeassistant: true })
      await using program = await HomeAssistant.start({ command: hass, brokerPort: demo.port })
      await judge(court, demo, program)
    } finally {
      await rm(place, { recursive: true, force: true })
    }
  },
}

/** By unique id, what it made of each entity. */
async function found(
  client: HomeAssistantClient,
): Promise<Map<string, RegisteredEntity & Partial<EntityState>>> {
  const states = new Map((await client.states()).map((state) => [state.entity_id, state]))
  const entities = await client.entities()
  return new Map(
    entities
      .filter(({ platform }) => platform === 'mqtt')
      .map((entity) => [entity.unique_id, { ...entity, ...states.get(entity.entity_id) }]),
  )
}

async function judge(court: Court, demo: Demo, program: HomeAssistant): Promise<void> {
  const { client } = program
  const one = async (uniqueId: string) => {
    const entity = (await found(client)).get(uniqueId)
    assert.ok(entity, `Home Assistant has no ${uniqueId}`)
    return entity
  }
  const stateOf = async (uniqueId: string) => {
    const entity = await one(uniqueId)
    assert.ok(entity.state !== undefined && entity.attributes, `${uniqueId} has no state`)
    return { state: entity.state, attributes: entity.attributes, entity_id: entity.entity_id }
  }
  await court.check('every entity of every document is there', async () => {
    await soon(async () => {
      const known = await found(client)
      const wanted = [...demo.documents.values()].flatMap(({ components }) =>
        Object.values(components as Readonly<Record<string, { unique_id?: string; platform: string }>>),
      )
      assert.ok(wanted.length > 100, `${wanted.length} entities`)
      // What has a platform alone says that an entity is gone.
      const there = wanted.filter(({ unique_id }) => unique_id !== undefined)
      for (const { unique_id = '', platform } of there)
        assert.equal(known.get(unique_id)?.entity_id.split('.')[0], platform, unique_id)
      assert.equal(known.size, there.length)
    }, 60_000)
    return `${(await found(client)).size} entities`
  })
  await court.check('every entity that is not hidden has a state', async () => {
    await soon(async () => {
      for (const { unique_id, disabled_by, state, entity_id } of (await found(client)).values()) {
        if (disabled_by !== null) continue
        assert.ok(state !== undefined, `${unique_id} has no state`)
        const device = /^tuya_(bf\w{20})_/.exec(unique_id)?.[1]
        const away = demo.retained.get(`tuya/state/device/${device}/availability`) === 'offline'
        assert.equal(state === 'unavailable', away, unique_id)
        if (away) continue
        const mayBeUnknown = /^(button|event|scene|update|text)\./.test(entity_id)
        if (!mayBeUnknown) assert.notEqual(state, 'unknown', unique_id)
      }
    })
  })
  await court.check('devices have their rooms as areas and hang on their bridge or gateway', async () => {
    const [devices, areas] = [await client.devices(), await client.areas()]
    const device = (id: string) =>
      devices.find(({ identifiers }) => identifiers.some((pair) => pair[1] === id))
    const area = areas.find(({ area_id }) => area_id === device(`tuya_${lamp}`)?.area_id)
    assert.equal(area?.name, 'Living room')
    assert.equal(device(`tuya_${lamp}`)?.via_device_id, device('tuya_bridge_main')?.id)
    assert.equal(device(`tuya_${buttons}`)?.via_device_id, device('tuya_bf4e9d7a01b3c6f825zs8j')?.id)
  })
  await court.check('plugs and meters have the classes of what they measure', async () => {
    const { attributes } = await stateOf(`tuya_${plug}_add_ele`)
    assert.equal(attributes['device_class'], 'energy')
    assert.equal(attributes['state_class'], 'total_increasing')
    assert.equal(attributes['unit_of_measurement'], 'kWh')
    assert.equal((await stateOf(`tuya_${plug}_cur_power`)).attributes['device_class'], 'power')
    const total = await stateOf(`tuya_${meter}_total_forward_energy`)
    assert.equal(total.attributes['state_class'], 'total_increasing')
    assert.ok(Number(total.state) > 1000)
    assert.equal((await stateOf(`tuya_${meter}_phase_a_voltage`)).attributes['unit_of_measurement'], 'V')
  })
  await judgeEnergy(court, client, (await one(`tuya_${meter}_total_forward_energy`)).entity_id)
  await court.check(
    'a light is switched, dimmed and coloured there, and follows what happens here',
    async () => {
      const { entity_id, attributes } = await stateOf(`tuya_${lamp}_light`)
      assert.deepEqual(attributes['supported_color_modes'], ['color_temp', 'hs'])
      await client.call('light.turn_off', { entity_id })
      await soon(async () => {
        assert.equal(demo.point(lamp, 'switch_led'), 'false')
        assert.equal((await client.state(entity_id)).state, 'off')
      })
      await client.call('light.turn_on', { entity_id, hs_color: [120, 50], brightness: 255 })
      await soon(async () => {
        assert.equal(demo.point(lamp, 'work_mode'), 'colour')
        assert.deepEqual(JSON.parse(demo.point(lamp, 'colour_data_v2') ?? ''), { h: 120, s: 500, v: 1000 })
        const { state, attributes: now } = await client.state(entity_id)
        assert.equal(state, 'on')
        assert.equal(now['color_mode'], 'hs')
        assert.deepEqual(now['hs_color'], [120, 50])
        assert.equal(now['brightness'], 255)
      })
      await client.call('light.turn_on', { entity_id, color_temp_kelvin: 6500 })
      await soon(async () => {
        assert.equal(demo.point(lamp, 'temp_value_v2'), '1000')
        assert.equal((await client.state(entity_id)).attributes['color_temp_kelvin'], 6500)
      })
      await demo.say(`tuya/cmd/device/${lamp}/dp/switch_led`, 'false')
      await soon(async () => assert.equal((await client.state(entity_id)).state, 'off'))
    },
  )
  await court.check('a cover goes where it is told to', async () => {
    const { entity_id } = await stateOf(`tuya_${curtain}_cover`)
    await client.call('cover.set_cover_position', { entity_id, position: 25 })
    await soon(async () => {
      assert.equal(demo.point(curtain, 'percent_state'), '25')
      assert.equal((await client.state(entity_id)).attributes['current_position'], 25)
    })
    await client.call('cover.close_cover', { entity_id })
    await soon(async () => assert.equal((await client.state(entity_id)).state, 'closed'))
  })
  await court.check('a thermostat takes temperatures, presets and being switched off', async () => {
    const { entity_id, attributes } = await stateOf(`tuya_${thermostat}_climate`)
    assert.deepEqual(attributes['hvac_modes'], ['off', 'heat'])
    assert.deepEqual(attributes['preset_modes'], ['none', 'auto', 'manual', 'eco'])
    assert.equal(attributes['target_temp_step'], 0.5)
    await client.call('climate.set_temperature', { entity_id, temperature: 19.5 })
    await soon(async () => {
      assert.equal(demo.point(thermostat, 'temp_set'), '19.5')
      assert.equal((await client.state(entity_id)).attributes['temperature'], 19.5)
    })
    await client.call('climate.set_preset_mode', { entity_id, preset_mode: 'eco' })
    await soon(async () => assert.equal((await client.state(entity_id)).attributes['preset_mode'], 'eco'))
    await client.call('climate.set_hvac_mode', { entity_id, hvac_mode: 'off' })
    await soon(async () => {
      assert.equal(demo.point(thermostat, 'switch'), 'false')
      assert.equal((await client.state(entity_id)).state, 'off')
    })
  })
  await court.check('numbers, choices and switches are written', async () => {
    const select = await stateOf(`tuya_${plug}_relay_status`)
    await client.call('select.select_option', { entity_id: select.entity_id, option: 'last' })
    const number = await stateOf(`tuya_${plug}_countdown_1`)
    await client.call('number.set_value', { entity_id: number.entity_id, value: 90 })
    const socket = await stateOf(`tuya_${plug}_switch_1`)
    assert.equal(socket.attributes['device_class'], 'outlet')
    await client.call('switch.turn_off', { entity_id: socket.entity_id })
    await soon(async () => {
      assert.equal(demo.point(plug, 'relay_status'), 'last')
      assert.equal(demo.point(plug, 'countdown_1'), '90')
      assert.equal((await client.state(socket.entity_id)).state, 'off')
    })
  })
  await court.check('scenes run, automations are switched off and on', async () => {
    await demo.say(`tuya/cmd/device/${lamp}/dp/switch_led`, 'true')
    await soon(async () => assert.equal(demo.point(lamp, 'switch_led'), 'true'))
    const scene = await stateOf('tuya_scene_53IYSXI3gEn2w3Oc')
    await client.call('scene.turn_on', { entity_id: scene.entity_id })
    await soon(async () => assert.equal(demo.point(lamp, 'switch_led'), 'false'))
    const { entity_id } = await stateOf('tuya_automation_p2aWOkEOe2RzATHL_enabled')
    await client.call('switch.turn_off', { entity_id })
    await soon(async () => {
      assert.equal(demo.retained.get('tuya/state/automation/p2aWOkEOe2RzATHL/enabled'), 'false')
      assert.equal((await client.state(entity_id)).state, 'off')
    })
  })
  await court.check('a press is an event of its own, the same one twice as well', async () => {
    const { entity_id, attributes } = await stateOf(`tuya_${buttons}_switch_mode1`)
    assert.deepEqual(attributes['event_types'], ['single', 'double', 'long'])
    const press = (id: string) =>
      demo.say(
        `tuya/event/device/${buttons}/button/switch_mode1`,
        JSON.stringify({
          id,
          kind: 'button',
          time: 't',
          data: { code: 'switch_mode1', value: 'click', gesture: 'single' },
        }),
      )
    const times: string[] = []
    for (const id of ['first', 'second']) {
      await press(id)
      await soon(async () => {
        const now = await client.state(entity_id)
        assert.equal(now.attributes['event_type'], 'single')
        assert.equal(now.attributes['id'], id)
        times.push(now.state)
      })
    }
    assert.notEqual(times.at(0), times.at(-1))
  })
  await court.check(
    'a lock is shown, and nothing of it can be turned where that is not allowed',
    async () => {
      const entities = [...(await found(client)).values()].filter(({ unique_id }) =>
        unique_id.includes('bf8ad03e75c92f1b46ay6k'),
      )
      assert.ok(entities.some(({ unique_id }) => unique_id.endsWith('_unlock')))
      // The demo allows everything, so its settings can be written.
      assert.ok(entities.some(({ entity_id }) => entity_id.startsWith('switch.')))
    },
  )
  await court.check('a device that was renamed keeps its entities', async () => {
    const before = await one(`tuya_${lamp}_light`)
    await demo.say(
      'tuya/cmd/op/device-rename',
      JSON.stringify({ params: { device_id: lamp, name: 'Reading lamp' } }),
    )
    await soon(async () => {
      const devices = await client.devices()
      assert.ok(
        devices.some(({ name }) => name === 'Reading lamp'),
        'it has its old name',
      )
      assert.equal((await one(`tuya_${lamp}_light`)).entity_id, before.entity_id)
    })
  })
  await court.check('a device that was deleted is gone there too', async () => {
    await demo.say('tuya/cmd/op/device-delete', JSON.stringify({ params: { device_id: cabinPlug } }))
    await soon(async () => {
      const known = await found(client)
      assert.equal([...known.keys()].filter((id) => id.includes(cabinPlug)).length, 0)
      const devices = await client.devices()
      assert.ok(
        !devices.some(({ identifiers }) => identifiers.some((pair) => pair[1] === `tuya_${cabinPlug}`)),
        'it is still there',
      )
    })
  })
  await court.check('everything goes when discovery is switched off, and comes back', async () => {
    await demo.publish({ homeassistant: false })
    await soon(async () => {
      assert.equal(demo.documents.size, 0)
      assert.equal((await found(client)).size, 0)
    })
    await demo.publish({ homeassistant: true })
    await soon(async () => assert.ok((await found(client)).size > 100, 'not yet'))
  })
  await court.check('a bridge that was killed leaves nothing available', async () => {
    const { entity_id } = await one(`tuya_${lamp}_light`)
    await soon(async () => assert.notEqual((await client.state(entity_id)).state, 'unavailable'))
    await demo.say('tuya/bridge/state', 'offline')
    await soon(async () => assert.equal((await client.state(entity_id)).state, 'unavailable'))
  })
  await court.check('it said no word of warning about any of it', async () => {
    assert.deepEqual(program.complaints, [])
  })
}
