import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runToEnd } from '../child.ts'
import type { Court, Judge } from '../court.ts'
import { Demo } from '../home-assistant/demo.ts'
import { byHomie } from '../openhab/by-homie.ts'
import { discovered } from '../openhab/discovered.ts'
import { OpenHab, type OpenHabItem, openHabLacks } from '../openhab/program.ts'
import { program } from '../simulator.ts'
import { soon } from '../soon.ts'

const lamp = 'bf3c9a7d41e0b2f6aaw1vn'
const curtain = 'bf04ac8e91f37d62b5te8r'
const thermostat = 'bf28c95d07e4b61fa3gn0w'
const buttons = 'bf96e3a4d0c7b8f152le5u'

export const openHab: Judge = {
  name: 'openhab',
  about:
    'openHAB itself, its core and its MQTT, Homie, Home Assistant and JSONPath add-ons, reads the exported files, the devices of Homie 4 and the discovery documents of the demo and moves its devices',
  lacks: openHabLacks,
  hear: async (court) => {
    const place = await mkdtemp(join(tmpdir(), 'dp2mqtt-judge-'))
    try {
      await using demo = await Demo.start(place, { homeassistant: true, homie4: true })
      const files = {
        'things/tuya.things': await exported(place, demo, 'things'),
        'items/tuya.items': await exported(place, demo, 'items'),
      }
      await using house = await OpenHab.start(place, files)
      await read(court, demo, house)
      await commanded(court, demo, house)
      await byHomie(court, demo, house)
      await discovered(court, demo, house)
      await court.check('it said no word of warning about any of it', async () => {
        assert.deepEqual(house.complaints, [])
      })
    } finally {
      await rm(place, { recursive: true, force: true })
    }
  },
}

async function exported(place: string, demo: Demo, format: 'things' | 'items'): Promise<string> {
  const file = join(place, 'export.yaml')
  await writeFile(file, JSON.stringify({ mqtt: { url: `mqtt://127.0.0.1:${demo.port}` } }))
  return runToEnd(process.execPath, [program, '--config', file, 'export', 'openhab', '--format', format])
}

/** Of the demo's points, how openHAB's files show each: type of the channel, and of its item. */
const shapes: readonly (readonly [device: string, channel: string, type: string, item: string])[] = [
  [lamp, 'switch_led', 'mqtt:switch', 'Switch'],
  [lamp, 'bright_value_v2', 'mqtt:dimmer', 'Dimmer'],
  [lamp, 'temp_value_v2', 'mqtt:dimmer', 'Dimmer'],
  [lamp, 'colour_data_v2', 'mqtt:color', 'Color'],
  [lamp, 'work_mode', 'mqtt:string', 'String'],
  [curtain, 'cover', 'mqtt:rollershutter', 'Rollershutter'],
  [curtain, 'percent_control', 'mqtt:dimmer', 'Dimmer'],
  [thermostat, 'temp_set', 'mqtt:number', 'Number:Temperature'],
  [thermostat, 'temp_current', 'mqtt:number', 'Number:Temperature'],
  ['bf5b8310dfe2a947c3jy2h', 'add_ele', 'mqtt:number', 'Number:Energy'],
  ['bfc2f16b94d8e03a75ol9t', 'doorcontact_state', 'mqtt:contact', 'Contact'],
]

async function read(court: Court, demo: Demo, house: OpenHab): Promise<void> {
  await court.check(
    'every thing of the exported file is there, and where its device can be reached it is online',
    () =>
      soon(async () => {
        const { things } = await house.all()
        const devices = [...demo.retained.keys()].filter((topic) =>
          /^tuya\/state\/device\/[^/]+\/availability$/.test(topic),
        )
        const topics = things.filter(({ uid }) => uid.startsWith('mqtt:topic:'))
        assert.equal(things.filter(({ uid }) => uid === 'mqtt:broker:tuya-main').length, 1)
        assert.equal(topics.length, devices.length)
        for (const thing of topics) {
          const reached = demo.retained.get(`tuya/state/device/${thing.uid.split(':')[3]}/availability`)
          assert.equal(
            thing.status,
            reached === 'online' ? 'ONLINE' : 'OFFLINE',
            `${thing.uid} ${thing.detail}`,
          )
        }
      }, 60_000),
  )
  await court.check('channels and items are of the types that are meant', async () => {
    const { things, items } = await house.all()
    for (const [device, id, type, item] of shapes) {
      const uid = `mqtt:topic:tuya-main:${device}:${id}`
      const channel = things.flatMap(({ channels }) => channels).find((one) => one.uid === uid)
      assert.equal(channel?.type, type, uid)
      assert.equal(boundTo(items, uid).type, item, uid)
    }
    const press = things
      .flatMap(({ channels }) => channels)
      .find(({ uid }) => uid.includes(buttons) && uid.endsWith('switch_mode1'))
    assert.equal(press?.kind, 'trigger')
  })
  await court.check('every item shows what the broker holds', () =>
    soon(async () => {
      const { items } = await house.all()
      const shown = items.flatMap((item) => item.channels.map(({ uid }) => [item, uid] as const))
      const wrong = shown.filter(([item, uid]) => {
        const [, , , device = '', code = ''] = uid.split(':')
        const text =
          demo.retained.get(`tuya/state/device/${device}/view/${code}/total`) ?? demo.point(device, code)
        return text !== undefined && text !== 'null' && !isSame(item, text)
      })
      assert.deepEqual(
        wrong.map(([item, uid]) => `${uid} ${item.type} ${item.state}`),
        [],
      )
      assert.ok(shown.length > 100)
    }, 30_000),
  )
}

function isSame({ type, state }: OpenHabItem, text: string): boolean {
  switch (type.replace(/:.*/, '')) {
    case 'Switch':
      return state === (text === 'true' ? 'ON' : text === 'false' ? 'OFF' : state) && state !== 'NULL'
    case 'Contact':
      return state === (text === 'true' ? 'OPEN' : 'CLOSED')
    case 'Number':
      return Math.abs(Number.parseFloat(state) - Number(text)) < 1e-9
    case 'String':
      return state === text || (text === '' && state === '""')
    default:
      return state !== 'NULL'
  }
}

function boundTo(items: readonly OpenHabItem[], channel: string): OpenHabItem {
  const item = items.find(({ channels }) => channels.some(({ uid }) => uid === channel))
  assert.ok(item, `no item has ${channel}`)
  return item
}

/** By device and channel: the command, what the device then says, and what the item then shows. */
const commands: readonly (readonly [
  device: string,
  channel: string,
  command: string,
  topic: string,
  value: string,
  state: RegExp,
])[] = [
  [lamp, 'switch_led', 'OFF', 'dp/switch_led', 'false', /^OFF$/],
  [lamp, 'switch_led', 'ON', 'dp/switch_led', 'true', /^ON$/],
  [lamp, 'bright_value_v2', '50', 'dp/bright_value_v2', '505', /^50/],
  [lamp, 'work_mode', 'scene', 'dp/work_mode', 'scene', /^scene$/],
  [lamp, 'colour_data_v2', '120,80,60', 'view/colour_data_v2/hsv', '120,80,60', /^120,80,60$/],
  [curtain, 'percent_control', '35', 'dp/percent_control', '35', /^35$/],
  [thermostat, 'temp_set', '23.5', 'dp/temp_set', '23.5', /^23.5( °C)?$/],
]

async function commanded(court: Court, demo: Demo, house: OpenHab): Promise<void> {
  for (const [device, channel, command, topic, value, state] of commands)
    await court.check(
      `${command} to the item of ${channel} is what the device says then, and what the item shows`,
      async () => {
        const uid = `mqtt:topic:tuya-main:${device}:${channel}`
        const { items } = await house.all()
        await house.command(boundTo(items, uid).name, command)
        await soon(async () => {
          assert.equal(demo.retained.get(`tuya/state/device/${device}/${topic}`), value)
          assert.match(boundTo((await house.all()).items, uid).state, state)
        })
      },
    )
  await court.check('a rollershutter is closed, stopped and opened by its words', async () => {
    const { items } = await house.all()
    const { name } = boundTo(items, `mqtt:topic:tuya-main:${curtain}:cover`)
    for (const [command, word] of [
      ['DOWN', 'close'],
      ['STOP', 'stop'],
      ['UP', 'open'],
    ] as const) {
      await house.command(name, command)
      await soon(async () => assert.equal(demo.point(curtain, 'control'), word))
    }
  })
}
