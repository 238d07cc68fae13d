import { describe, expect, it } from 'vitest'
import { readSpecificationTopic } from '../../../src/cli/living-specification.ts'
import { valueCodec } from '../../../src/codec/data-point/codec.ts'
import { abilitiesOf } from '../../../src/domain/ability.ts'
import { itemsFile, thingsFile } from '../../../src/integration/openhab/files.ts'
import { specMeta } from '../../../src/mqtt/payload.ts'
import { TopicTree } from '../../../src/mqtt/topic.ts'
import { builtinModels } from '../../../src/simulator/world-file.ts'
import { modelOf, specificationOf } from '../../support/model.ts'

const broker = { host: '127.0.0.1', port: 1883, secure: false }

function partsOf(...models: string[]) {
  return {
    tree: new TopicTree('tuya'),
    instance: 'main',
    broker,
    devices: models.map((name, i) => ({
      id: `bf${i}`,
      name: `My "${name}"`,
      room: 'Kitchen',
      abilities: abilitiesOf(modelOf(name).category, specificationOf(modelOf(name).dps)),
    })),
  }
}

describe('files for openHAB', () => {
  it('a thing knows where its device says whether it can be reached', () => {
    const text = thingsFile(partsOf('lamp_v2'))
    expect(text).toMatch(/^Bridge mqtt:broker:tuya-main \[ host="127.0.0.1", port=1883.*, qos=1 \]$/m)
    expect(text).toContain(
      'Thing mqtt:topic:tuya-main:bf0 "My \\"lamp_v2\\"" (mqtt:broker:tuya-main) @ "Kitchen" [ availabilityTopic="tuya/state/device/bf0/availability", payloadAvailable="online", payloadNotAvailable="offline" ] {',
    )
  })

  it('channels have the words and ranges of their points', () => {
    const text = thingsFile(partsOf('lamp_v2', 'plug', 'button_zigbee'))
    expect(text).toContain(
      'Type switch : switch_led "Light" [ stateTopic="tuya/state/device/bf0/dp/switch_led", commandTopic="tuya/cmd/device/bf0/dp/switch_led", on="true", off="false" ]',
    )
    expect(text).toMatch(/Type dimmer : bright_value_v2 .*min=10, max=1000, step=1 \]/)
    expect(text).toMatch(/Type color : colour_data_v2 .*view\/colour_data_v2\/hsv".*colorMode="HSB" \]/)
    expect(text).toMatch(
      /Type number : add_ele "Energy" \[ stateTopic="[^"]*\/view\/add_ele\/total", unit="kWh" \]/,
    )
    expect(text).toMatch(/Type trigger : switch_mode1 .*JSONPATH:\$\.data\.gesture" \]/)
  })

  it('a cover is moved by words and placed by a number', () => {
    const text = thingsFile(partsOf('curtain'))
    expect(text).toContain(
      'Type rollershutter : cover "Cover" [ commandTopic="tuya/cmd/device/bf0/entity/cover", on="OPEN", off="CLOSE", stop="STOP" ]',
    )
    expect(text).toMatch(
      /Type dimmer : percent_control .*commandTopic="tuya\/cmd\/device\/bf0\/dp\/percent_control".*/,
    )
  })

  it('an item that counts in a unit says so, and of which kind it is', () => {
    const text = itemsFile(partsOf('plug', 'lamp_v2'))
    expect(text).toMatch(/^Number:Energy My_plug_Energy .*:add_ele", unit="kWh" \}$/m)
    expect(text).toMatch(/^Number:Power \S+_Power .*unit="W" \}$/m)
    expect(text).toMatch(/^Dimmer \S+_Brightness [^=]*channel="[^"]*" \}$/m)
  })

  it('every item has a channel, a name of its own, and a legal one', () => {
    const parts = partsOf(...Object.keys(builtinModels()))
    const twice = {
      ...parts,
      devices: [...parts.devices, ...parts.devices.map((one) => ({ ...one, id: `x${one.id}` }))],
    }
    const [things, items] = [thingsFile(twice), itemsFile(twice)]
    const names = [
      ...items.matchAll(
        /^(?:Switch|Contact|Number(?::\w+)?|Dimmer|String|Color|Rollershutter|Group) (\S+) /gm,
      ),
    ].map(([, name]) => name ?? '')
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length)
    for (const name of names) expect(name).toMatch(/^[A-Za-z]\w*$/)
    for (const [, device = '', channel = ''] of items.matchAll(
      /channel="mqtt:topic:tuya-main:([^:]+):([^"]+)"/g,
    )) {
      const thing = things.slice(things.indexOf(`Thing mqtt:topic:tuya-main:${device} `))
      expect(thing.slice(0, thing.indexOf('\n}'))).toMatch(new RegExp(`Type \\w+ : ${channel} `))
    }
  })

  it.each(Object.entries(builtinModels()))(
    'the topic of the %s tells its abilities as the device itself does',
    (_, model) => {
      const specification = specificationOf(model.dps)
      const { text } = specMeta({ id: 'a', category: model.category }, specification, valueCodec)
      const kinds = (read: typeof specification) =>
        abilitiesOf(model.category, read).map(({ kind, key, name }) => ({ kind, key, name }))
      expect(kinds(readSpecificationTopic(JSON.parse(text)))).toEqual(kinds(specification))
    },
  )
})
