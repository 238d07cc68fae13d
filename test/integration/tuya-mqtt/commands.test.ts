import { describe, expect, it } from 'vitest'
import { DeviceState } from '../../../src/domain/state.ts'
import { TuyaMqttCommands } from '../../../src/integration/tuya-mqtt/commands.ts'
import { Names } from '../../../src/integration/tuya-mqtt/names.ts'
import type { Thing } from '../../../src/integration/tuya-mqtt/thing.ts'
import { Branch, TopicTree, tuyaMqttTopics } from '../../../src/mqtt/topic.ts'
import { deviceOf } from '../../support/device.ts'
import { point } from '../../support/point.ts'

const points = [
  point('boolean', { code: 'switch_led', dpId: 20 }),
  point('enum', { code: 'work_mode', dpId: 21 }),
  point('unknown', { code: 'dp_130', dpId: 130 }),
]

const lamp: Thing = {
  device: deviceOf('bf01', { name: 'Desk lamp' }),
  specification: { source: 'cloud', points: new Map(points.map((one) => [one.code, one])) },
  state: new DeviceState(),
}
const sensor: Thing = {
  device: deviceOf('bf02', { name: 'Sensor' }),
  specification: { source: 'cloud', points: new Map() },
  state: new DeviceState(),
}

const names = new Names(new Map([lamp, sensor].map((one) => [one.device.id, one])), 'id')
names.review()
const commands = new TuyaMqttCommands({
  branch: new Branch('legacy', tuyaMqttTopics),
  tree: new TopicTree('tuya'),
  names,
})

/** Topic and payload that a command of that bridge becomes. */
function translated(topic: string, payload: string) {
  const result = commands.translate({ topic, payload: Buffer.from(payload) })
  return result && [result.topic, Buffer.from(result.payload).toString()]
}

describe('a command in the words of tuya-mqtt', () => {
  it.each([
    ['legacy/bf01/dps/20/command', 'true', 'tuya/cmd/device/bf01', '{"raw":{"switch_led":"true"}}'],
    ['legacy/desk_lamp/dps/21/command', 'white', 'tuya/cmd/device/bf01', '{"raw":{"work_mode":"white"}}'],
    ['legacy/bf01/dps/130/command', '12', 'tuya/cmd/device/bf01', '{"raw":{"dp_130":12}}'],
    ['legacy/bf01/dps/99/command', '12', 'tuya/cmd/device/bf01', '{"raw":{"dp_99":"12"}}'],
    [
      'legacy/bf01/dps/command',
      '{"dps":20,"set":false}',
      'tuya/cmd/device/bf01',
      '{"raw":{"switch_led":false}}',
    ],
    [
      'legacy/bf01/dps/command',
      '{"multiple":true,"data":{"20":true,"21":"white"}}',
      'tuya/cmd/device/bf01',
      '{"raw":{"switch_led":true,"work_mode":"white"}}',
    ],
    [
      'legacy/bf01/dps/command',
      '{"dps":"20","set":true,"id":"r1","from":"me","devId":"x"}',
      'tuya/cmd/device/bf01',
      '{"raw":{"switch_led":true},"id":"r1","from":"me"}',
    ],
    ['legacy/bf01/command', 'off', 'tuya/cmd/device/bf01/dp/switch_led', 'off'],
    ['legacy/bf01/command', 'get-states', 'tuya/cmd/device/bf01/get', 'run'],
  ])('%s %s', (topic, payload, native, as) => {
    expect(translated(topic, payload)).toEqual([native, as])
  })

  it('is refused as what it is when nothing can be made of it', () => {
    expect(translated('legacy/bf02/command', 'on')).toEqual(['tuya/cmd/device/bf02', 'on'])
    expect(translated('legacy/bf01/dps/command', 'on')).toEqual(['tuya/cmd/device/bf01', 'on'])
    expect(translated('legacy/bf01/dps/command', '{"dps":20}')).toEqual([
      'tuya/cmd/device/bf01',
      '{"dps":20}',
    ])
    expect(translated('legacy/nobody/dps/1/command', '1')).toEqual(['tuya/cmd/device/nobody', '1'])
    expect(translated('legacy/küche/command', 'on')).toEqual(['tuya/cmd/named/device/küche', 'on'])
    expect(translated('legacy/bf01/dps/20/command', '')).toEqual(['tuya/cmd/device/bf01', ''])
  })

  it('keeps what came with it, and where it came from', () => {
    const given = {
      topic: 'legacy/bf01/command',
      payload: Buffer.from('on'),
      retain: true,
      user: { id: 'r1' },
    }
    expect(commands.translate(given)).toMatchObject({ retain: true, user: { id: 'r1' }, origin: given.topic })
  })

  it('is none on any other topic', () => {
    for (const topic of [
      'tuya/cmd/device/bf01',
      'legacy/bf01/dps/20/state',
      'legacy/bf01',
      'legacy/bf01/x/command',
    ])
      expect(translated(topic, 'on')).toBeUndefined()
  })
})
