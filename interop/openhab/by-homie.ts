import assert from 'node:assert/strict'
import type { Court } from '../court.ts'
import type { Demo } from '../home-assistant/demo.ts'
import { soon } from '../soon.ts'
import type { OpenHab, OpenHabChannel, OpenHabThing } from './program.ts'

const lamp = 'bf3c9a7d41e0b2f6aaw1vn'
const plug = 'bf5b8310dfe2a947c3jy2h'
const thermostat = 'bf28c95d07e4b61fa3gn0w'
const buttons = 'bf96e3a4d0c7b8f152le5u'

const homes = 2
const bedtime = 'tuya/state/automation/p2aWOkEOe2RzATHL/enabled'

/** What openHAB's Homie add-on makes of the devices of Homie 4. */
export async function byHomie(court: Court, demo: Demo, house: OpenHab): Promise<void> {
  const devices = () =>
    [...demo.retained.keys()].flatMap((topic) => /^homie\/([^/]+)\/\$homie$/.exec(topic)?.[1] ?? [])
  await court.check('every device of the demo is in the inbox, lamps and homes too, and once', () =>
    soon(async () => {
      const all = [...demo.retained.keys()].filter((topic) =>
        /^tuya\/state\/device\/[^/]+\/availability$/.test(topic),
      )
      const found = (await house.all()).inbox.filter(({ uid }) => uid.startsWith('homie:'))
      assert.equal(found.length, all.length + homes)
      const ids = found.map(({ uid }) => uid.replace(/.*:/, ''))
      assert.deepEqual(ids.toSorted(), devices().toSorted())
    }, 90_000),
  )
  await court.check(
    'each becomes a thing that is online where it can be reached, with all its channels',
    async () => {
      for (const { uid } of (await house.all()).inbox) if (uid.startsWith('homie:')) await house.approve(uid)
      await soon(async () => {
        for (const id of devices()) {
          const thing = await thingOf(house, id)
          const isReady = demo.retained.get(`homie/${id}/$state`) === 'ready'
          assert.equal(thing.status, isReady ? 'ONLINE' : 'OFFLINE', `${id} ${thing.detail}`)
          const wanted = [...demo.retained.keys()].filter(
            (topic) => topic.startsWith(`homie/${id}/`) && topic.endsWith('/$datatype'),
          )
          assert.equal(thing.channels.length, wanted.length, id)
        }
      }, 120_000)
    },
  )
  await channels(court, house)
  await moved(court, demo, house)
}

async function thingOf(house: OpenHab, id: string): Promise<OpenHabThing> {
  const { things } = await house.all()
  const thing = things.find(({ uid }) => uid.startsWith('homie:') && uid.endsWith(`:${id}`))
  assert.ok(thing, `no thing for ${id}`)
  return thing
}

/** The channel of a property; openHAB writes the hyphens of ids as `_2D`. */
async function channelOf(house: OpenHab, device: string, property: string): Promise<OpenHabChannel> {
  const { channels } = await thingOf(house, `tuya-main-${device}`)
  const found = channels.find(({ uid }) => uid.endsWith(`#${property.replaceAll('-', '_2D')}`))
  assert.ok(found, `${device} has no ${property} in ${JSON.stringify(channels)}`)
  return found
}

async function channels(court: Court, house: OpenHab): Promise<void> {
  await court.check('channels of lamp, socket and thermostat are of the types that are meant', async () => {
    for (const [device, property, item] of [
      [lamp, 'switch-led', 'Switch'],
      [lamp, 'bright-value-v2', 'Number'],
      [lamp, 'temp-value-v2', 'Number'],
      [lamp, 'colour-data-v2', 'Color'],
      [lamp, 'work-mode', 'String'],
      [plug, 'switch-1', 'Switch'],
      [plug, 'cur-power', 'Number:Power'],
      [thermostat, 'temp-set', 'Number:Temperature'],
    ] as const)
      assert.equal((await channelOf(house, device, property)).item, item, `${device} ${property}`)
  })
  await court.check('a press is a trigger channel', async () => {
    assert.equal((await channelOf(house, buttons, 'switch-mode1')).kind, 'trigger')
  })
}

async function moved(court: Court, demo: Demo, house: OpenHab): Promise<void> {
  const linked = async (type: string, name: string, device: string, property: string) =>
    house.link(type, name, (await channelOf(house, device, property)).uid)
  const state = async (name: string) => (await house.all()).items.find((item) => item.name === name)?.state
  const shows = (name: string, wanted: RegExp) =>
    soon(async () => assert.match((await state(name)) ?? '', wanted))
  await court.check('a lamp found by itself is switched, and says so', async () => {
    await linked('Switch', 'HomieLamp', lamp, 'switch-led')
    for (const [command, value] of [
      ['OFF', 'false'],
      ['ON', 'true'],
    ] as const) {
      await house.command('HomieLamp', command)
      await soon(async () => assert.equal(demo.point(lamp, 'switch_led'), value))
      await shows('HomieLamp', new RegExp(`^${command}$`))
    }
  })
  await court.check('it is dimmed and coloured', async () => {
    await linked('Number', 'HomieBrightness', lamp, 'bright-value-v2')
    await linked('Color', 'HomieColour', lamp, 'colour-data-v2')
    await house.command('HomieBrightness', '700')
    await soon(async () => assert.equal(demo.point(lamp, 'bright_value_v2'), '700'))
    await shows('HomieBrightness', /^700$/)
    await house.command('HomieColour', '300,40,70')
    await soon(async () =>
      assert.equal(demo.retained.get(`tuya/state/device/${lamp}/view/colour_data_v2/hsv`), '300,40,70'),
    )
    await shows('HomieColour', /^300,40,70$/)
  })
  await court.check('what somebody else does to the lamp is what the items show', async () => {
    await demo.say(`tuya/cmd/device/${lamp}/dp/switch_led`, 'false')
    await demo.say(`tuya/cmd/device/${lamp}/dp/bright_value_v2`, '123')
    await demo.say(`tuya/cmd/device/${lamp}/view/colour_data_v2/hsv`, '10,20,30')
    await shows('HomieLamp', /^OFF$/)
    await shows('HomieBrightness', /^123$/)
    await shows('HomieColour', /^10,20,30$/)
    await demo.say(`tuya/cmd/device/${lamp}/dp/switch_led`, 'true')
    await shows('HomieLamp', /^ON$/)
  })
  await court.check(
    'a home found by itself runs a scene, and switches an automation, which says so',
    async () => {
      const { channels } = await thingOf(house, 'tuya-main-home-3182004')
      const labelled = (label: string) => channels.find((channel) => channel.label === label)
      for (const [type, name, label] of [
        ['String', 'HomieScene', 'Good night'],
        ['Switch', 'HomieAutomation', 'Bedtime'],
      ] as const) {
        const channel = labelled(label)
        assert.equal(channel?.item, type, label)
        await house.link(type, name, channel?.uid ?? '')
      }
      await shows('HomieAutomation', /^ON$/)
      await house.command('HomieScene', 'run')
      await soon(async () => assert.equal(demo.point(lamp, 'switch_led'), 'false'))
      await house.command('HomieAutomation', 'OFF')
      await soon(async () => {
        const said = [...demo.retained].find(([topic]) => topic.startsWith(bedtime))
        assert.equal(said?.[1], 'false')
      })
      await shows('HomieAutomation', /^OFF$/)
    },
  )
  await court.check('a thermostat found by itself gets another temperature', async () => {
    await linked('Number:Temperature', 'HomieClimate', thermostat, 'temp-set')
    await house.command('HomieClimate', '18.5 °C')
    await soon(async () => assert.equal(demo.point(thermostat, 'temp_set'), '18.5'))
    await shows('HomieClimate', /^18\.5/)
  })
}
