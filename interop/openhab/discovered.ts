import assert from 'node:assert/strict'
import type { Court } from '../court.ts'
import type { Demo } from '../home-assistant/demo.ts'
import { soon } from '../soon.ts'
import type { OpenHab, OpenHabChannel, OpenHabHouse } from './program.ts'

const curtain = 'bf04ac8e91f37d62b5te8r'
const thermostat = 'bf28c95d07e4b61fa3gn0w'
const plug = 'bf5b8310dfe2a947c3jy2h'
const buttons = 'bf96e3a4d0c7b8f152le5u'

/** A device with a light is read by openHAB 5.2.0 as a single light, and refused: see docs/openhab.md. */
// biome-ignore lint/suspicious/noExplicitAny: whatever stands in it
function hasLight(document: any): boolean {
  return Object.hasOwn(document.components, 'light')
}

/** Platforms of Home Assistant that openHAB does not know. */
const unknown = ['siren']

/** What openHAB makes of the documents for Home Assistant. */
export async function discovered(court: Court, demo: Demo, house: OpenHab): Promise<void> {
  const documents = () => [...demo.documents.values()]
  await court.check('every device with a document is in the inbox', () =>
    soon(async () => {
      const inbox = await inboxOf(house)
      const ids = documents().map(({ device }) => device.identifiers[0])
      const wanted = new Set(ids.map(encoded))
      // It takes one document for each device.
      assert.equal(wanted.size, ids.length)
      const found = new Set(inbox.map(({ uid }) => uid.replace(/.*:/, '')))
      assert.deepEqual([...found].toSorted(), [...wanted].toSorted())
    }, 90_000),
  )
  await court.check('each that has no light becomes a thing that is online and has channels', async () => {
    for (const { uid } of await inboxOf(house)) await house.approve(uid)
    await soon(async () => {
      const { things } = await house.all()
      const plain = documents().filter((one) => !hasLight(one))
      for (const document of plain) {
        const [id] = document.device.identifiers
        const thing = things.find(({ uid }) => uid.endsWith(`:${encoded(id)}`))
        assert.ok(thing, `no thing for ${id}`)
        assert.equal(thing.status, 'ONLINE', `${id} ${thing.detail}`)
        // biome-ignore lint/suspicious/noExplicitAny: whatever stands in them
        const wanted = Object.values<any>(document.components).filter(
          ({ platform }) => !unknown.includes(platform),
        )
        const groups = new Set(thing.channels.map(({ uid }) => uid.split(':')[4]?.split('#')[0]))
        assert.ok(groups.size > 0 || wanted.length === 0, `${id} has no channels`)
      }
    }, 120_000)
  })
  await channels(court, house)
  await moved(court, demo, house)
}

/** Those that were found by documents, and not in another way. */
async function inboxOf(house: OpenHab): Promise<OpenHabHouse['inbox']> {
  return (await house.all()).inbox.filter(({ uid }) => uid.startsWith('homeassistant:'))
}

/** openHAB writes what ids may not hold as `_` and two hexadecimal digits. */
function encoded(id: string): string {
  return id.replace(/[^A-Za-z0-9-]/g, (letter) => `_${letter.charCodeAt(0).toString(16).toUpperCase()}`)
}

async function channelsOf(house: OpenHab, device: string): Promise<readonly OpenHabChannel[]> {
  const { things } = await house.all()
  const uid = `homeassistant:device:tuya-main:${encoded(`tuya_${device}`)}`
  return things.find((thing) => thing.uid === uid)?.channels ?? []
}

async function channels(court: Court, house: OpenHab): Promise<void> {
  await court.check('components have channels of the types that are meant', async () => {
    const has = async (device: string, item: string | undefined, id: RegExp) => {
      const all = await channelsOf(house, device)
      assert.ok(
        all.some((one) => one.item === item && id.test(one.uid)),
        `${device} ${item} ${id} in ${JSON.stringify(all)}`,
      )
    }
    await has(curtain, 'Rollershutter', /cover/)
    await has(thermostat, 'Number:Temperature', /climate.*temperature/)
    await has(thermostat, 'String', /climate.*mode/)
    await has(plug, 'Switch', /switch_1/)
    await has(plug, 'Number:Power', /cur_power/)
    await has(plug, 'Number:Energy', /add_ele/)
    const press = (await channelsOf(house, buttons)).filter(({ kind }) => kind === 'trigger')
    assert.ok(press.length > 0, 'no trigger channel')
  })
}

async function moved(court: Court, demo: Demo, house: OpenHab): Promise<void> {
  const linked = async (type: string, name: string, device: string, id: RegExp) => {
    const found = (await channelsOf(house, device)).find(
      (one) => one.item?.startsWith(type) && id.test(one.uid),
    )
    assert.ok(found, `${device} has no ${type}`)
    await house.link(type, name, found.uid)
  }
  const state = async (name: string) => (await house.all()).items.find((item) => item.name === name)?.state
  await court.check('a cover found by itself is placed', async () => {
    await linked('Rollershutter', 'FoundCurtain', curtain, /cover/)
    await house.command('FoundCurtain', '70')
    // openHAB counts how far a shutter is closed.
    await soon(async () => assert.equal(demo.point(curtain, 'percent_control'), '30'))
  })
  await court.check('a climate found by itself gets another temperature', async () => {
    await linked(
      'Number',
      'FoundClimate',
      thermostat,
      /climate.*#temperature|climate_temperature|_temperature/,
    )
    await house.command('FoundClimate', '19.5')
    await soon(async () => {
      assert.equal(demo.point(thermostat, 'temp_set'), '19.5')
      assert.match((await state('FoundClimate')) ?? '', /^19.5/)
    })
  })
  await court.check('a socket found by itself is switched, and says its power', async () => {
    await linked('Switch', 'FoundPlug', plug, /switch_1/)
    await linked('Number', 'FoundPower', plug, /cur_power/)
    await house.command('FoundPlug', 'OFF')
    await soon(async () => {
      assert.equal(demo.point(plug, 'switch_1'), 'false')
      assert.equal(await state('FoundPlug'), 'OFF')
    })
    await house.command('FoundPlug', 'ON')
    await soon(async () => assert.equal(demo.point(plug, 'switch_1'), 'true'))
    await soon(async () => assert.match((await state('FoundPower')) ?? '', /^[\d.]+/))
  })
}
