import assert from 'node:assert/strict'
import { Asker, askFrom } from './ask.ts'
import { type Document, Observer } from './observer.ts'
import { lamp, offlineLamp, type Point, plug } from './point.ts'
import type { Rig } from './rig.ts'

/** What is obeyed, and how it is answered. */
export const commandPoints: readonly Point[] = [
  {
    name: 'a command by topic changes the device; state follows, and the receipt is confirmed',
    show: async (rig) => {
      const observer = await rig.observe()
      await observer.quiet()
      const before = observer.on(`result/device/${lamp}`).length
      await publish(rig, `cmd/device/${lamp}/dp/bright_value_v2`, '800')
      const { payload, retain } = await observer.next(`result/device/${lamp}`, before, 12_000)
      const result = JSON.parse(payload) as Document
      assert.deepEqual(
        [result['state'], result['ok'], result['final'], result['by'], result['path'], result['sent']],
        ['confirmed', true, true, 'report', 'cloud', { bright_value_v2: 800 }],
      )
      assert.equal(retain, false)
      assert.equal(rig.simulator.world.device(lamp).status.get('bright_value_v2'), 800)
      await rig.until(
        () => observer.text(`state/device/${lamp}/dp/bright_value_v2`) === '800',
        3_000,
        'the scalar',
      )
      assert.equal(observer.json(`state/device/${lamp}`)?.['dp'].bright_value_v2, 800)
    },
  },
  {
    name: 'toggle, several at once, flat, raw, a view and a name are all understood',
    show: async (rig) => {
      const { status } = rig.simulator.world.device(lamp)
      const client = await rig.client('administrator', 4)
      const wasOn = status.get('switch_led')
      const ask = (topic: string, members: object) => askFrom(client, 'administrator', topic, members, 12_000)
      const observer = await rig.observe({ filter: 'tuya/result/#' })
      await publish(rig, `cmd/device/${lamp}/dp/switch_led`, 'toggle')
      await observer.next(`result/device/${lamp}`, 0, 12_000)
      assert.equal(status.get('switch_led'), !wasOn)
      const several = await ask(`cmd/device/${lamp}`, { dp: { switch_led: true, bright_value_v2: 500 } })
      assert.deepEqual(several['sent'], { switch_led: true, bright_value_v2: 500 })
      const own = await ask(`cmd/device/${lamp}`, { commands: [{ code: 'bright_value_v2', value: 501 }] })
      assert.equal(own['state'], 'confirmed')
      await publish(rig, `cmd/device/${lamp}`, '{"bright_value_v2":502}')
      await publish(rig, `cmd/device/${lamp}/view/colour_data_v2/hsv`, '120,50,80')
      const byName = await ask('cmd/named/device/Desk lamp', { dp: { temp_value_v2: 300 } })
      assert.equal(byName['target'], `device/${lamp}`)
      await rig.until(() => status.get('bright_value_v2') === 502, 12_000, 'the flat form')
      await rig.until(() => /"h":120/.test(String(status.get('colour_data_v2'))), 12_000, 'the view')
      assert.equal(status.get('temp_value_v2'), 300)
    },
  },
  {
    name: 'a request with Response Topic and Correlation Data is answered there (MQTT 5), or broadcast (3.1.1)',
    show: async (rig) => {
      if (rig.version === 4) {
        // The broker takes the properties off for a bridge that speaks 3.1.1.
        const observer = await rig.observe({ filter: 'tuya/result/#' })
        await publish(rig, `cmd/device/${lamp}/get`, '1', { responseTopic: 'tuya/reply/administrator/x' })
        assert.equal(JSON.parse((await observer.next(`result/device/${lamp}`)).payload).state, 'confirmed')
        return
      }
      const asker = await Asker.open(rig)
      const { answer, message } = await asker.ask(
        `cmd/device/${lamp}`,
        '{"dp":{"bright_value_v2":640},"id":"r1"}',
        12_000,
      )
      assert.deepEqual([answer['id'], answer['state']], ['r1', 'confirmed'])
      assert.equal(message.retain, false)
      assert.ok((message.properties?.messageExpiryInterval ?? 99) <= 60)
      const document = await asker.ask(`cmd/device/${plug}/get`, 'run')
      assert.equal(document.answer['result'].dp.relay_status, 'power_on')
    },
  },
  {
    name: 'a Response Topic elsewhere is refused and nothing is done',
    show: async (rig) => {
      if (rig.version === 4) return
      const before = rig.writes(lamp)
      const observer = await rig.observe({ filter: 'tuya/result/#' })
      await publish(rig, `cmd/device/${lamp}/dp/switch_led`, 'true', { responseTopic: 'homeassistant/x' })
      const { payload } = await observer.next(`result/device/${lamp}`)
      assert.equal(JSON.parse(payload).reason, 'command/reply-denied')
      assert.equal(rig.writes(lamp), before)
    },
  },
  {
    name: 'what cannot be done is answered with its reason, and reaches no device',
    show: async (rig) => {
      // The bridge's own user: no other may speak on topics that nothing listens to.
      const client = await rig.client('bridge', 4)
      const before = rig.simulator.journal.entries('command').length
      for (const [topic, payload, on, reason] of refusals) {
        const observer = await rig.observe({ filter: 'tuya/result/#' })
        await client.publishAsync(`tuya/${topic}`, payload, { qos: 1 })
        const { payload: text, retain } = await observer.next(`result/${on}`)
        const answer = JSON.parse(text) as Document
        assert.equal(answer['reason'], `command/${reason}`, topic)
        assert.deepEqual(
          [answer['ok'], answer['final'], answer['state'], retain],
          [false, true, 'rejected', false],
        )
        assert.ok(answer['message'].length > 10 && answer['retry'] === 'never', text)
        observer.client.end(true)
      }
      assert.equal(rig.simulator.journal.entries('command').length, before)
      return `${refusals.length} refusals`
    },
  },
  {
    name: 'a device that is offline answers so at once',
    show: async (rig) => {
      const client = await rig.client('controller', 4)
      const answer = await askFrom(client, 'controller', `cmd/device/${offlineLamp}`, {
        dp: { switch_led: true },
      })
      assert.deepEqual([answer['ok'], answer['reason']], [false, 'cloud/device-offline'])
    },
  },
  {
    name: 'a command at QoS 0, 1 and 2 is carried out once each',
    show: async (rig) => {
      const client = await rig.client('controller', 4)
      for (const qos of [0, 1, 2] as const) {
        const before = rig.writes(lamp)
        const observer = await rig.observe({ filter: 'tuya/result/#' })
        await client.publishAsync(`tuya/cmd/device/${lamp}/dp/bright_value_v2`, String(700 + qos), { qos })
        await observer.next(`result/device/${lamp}`, 0, 12_000)
        await observer.quiet()
        assert.equal(observer.on(`result/device/${lamp}`).length, 1)
        assert.equal(rig.writes(lamp) - before, 1)
        observer.client.end(true)
      }
    },
  },
  {
    name: 'the same id again repeats the answer and writes nothing',
    show: async (rig) => {
      const client = await rig.client('controller', 4)
      const observer = new Observer(client)
      await client.subscribeAsync('tuya/reply/controller', { qos: 1 })
      const before = rig.writes(lamp)
      const command = JSON.stringify({ dp: { countdown_1: 60 }, id: 'once-1', from: 'controller' })
      for (let i = 0; i < 3; i++) {
        await client.publishAsync(`tuya/cmd/device/${lamp}`, command, { qos: 1 })
        await observer.next('reply/controller', i, 12_000)
      }
      assert.equal(rig.writes(lamp) - before, 1)
      assert.ok(observer.seen.every(({ payload }) => JSON.parse(payload).state === 'confirmed'))
    },
  },
  {
    name: 'operations and words to the bridge are answered',
    show: async (rig) => {
      const client = await rig.client('administrator', 4)
      const ask = (topic: string, members: object) => askFrom(client, 'administrator', topic, members)
      const status = await ask('cmd/op/device-status', { params: { device_id: plug } })
      assert.equal(status['state'], 'confirmed')
      assert.ok(status['result'].some(({ code }: { code: string }) => code === 'switch_1'))
      const device = await ask('cmd/op/device-get', { params: { device_id: plug } })
      assert.equal(device['result'].local_key, undefined)
      assert.equal(
        (await ask('cmd/op/device-statuss', { params: {} }))['reason'],
        'command/unknown-operation',
      )
      assert.equal(
        (await ask('cmd/op/token-get', { params: { grant_type: 1 } }))['reason'],
        'command/forbidden',
      )
      assert.equal((await ask('cmd/bridge/ping', {}))['result'].pong, true)
    },
  },
]

/** Topic, payload, where the answer is heard, reason. */
const refusals: readonly (readonly [string, string | Buffer, string, string])[] = [
  [`cmd/device/${lamp}/dp/bright_value_v2`, '5', `device/${lamp}`, 'out-of-range'],
  [`cmd/device/${lamp}/dp/work_mode`, 'disco', `device/${lamp}`, 'not-in-enum'],
  [`cmd/device/${lamp}/dp/swich_led`, 'true', `device/${lamp}`, 'unknown-dp'],
  [`cmd/device/${lamp}/dp/switch_led`, 'perhaps', `device/${lamp}`, 'bad-value'],
  [`cmd/device/${plug}/dp/cur_voltage`, '230', `device/${plug}`, 'read-only'],
  [`cmd/device/${lamp}/view/colour_data_v2/cmyk`, '1,2,3', `device/${lamp}`, 'unknown-view'],
  [`cmd/device/${lamp}/swich_led`, 'true', `device/${lamp}`, 'unknown-topic'],
  [`cmd/device/${lamp}`, '{"dp":{"switch_led":true}', `device/${lamp}`, 'bad-json'],
  [`cmd/device/${lamp}`, '[1]', `device/${lamp}`, 'bad-json'],
  [`cmd/device/${lamp}`, '{"__proto__":{"dp":1}}', `device/${lamp}`, 'bad-json'],
  [`cmd/device/${lamp}`, Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]), `device/${lamp}`, 'bad-json'],
  [`cmd/device/${lamp}`, `${'['.repeat(50)}${']'.repeat(50)}`, `device/${lamp}`, 'too-deep'],
  [`cmd/device/${lamp}`, `{"dp":{"scene_data_v2":"${'x'.repeat(9_000)}"}}`, `device/${lamp}`, 'too-large'],
  [`cmd/device/${lamp}/get`, 'false', `device/${lamp}`, 'bad-value'],
  [
    'cmd/device/bf00000000000000000000/dp/switch_led',
    'true',
    'device/bf00000000000000000000',
    'unknown-device',
  ],
  ['cmd/nothing/here', 'true', 'unknown', 'unknown-topic'],
  ['cmd/named/device/nobody/dp/switch_led', 'true', 'unknown', 'unknown-name'],
  ['cmd/bridge/dance', '1', 'bridge/dance', 'unknown-verb'],
  ['cmd/op/device-status', '{"params":[]}', 'op/device-status', 'bad-param'],
]

async function publish(
  rig: Rig,
  topic: string,
  payload: string,
  properties?: { responseTopic: string },
): Promise<void> {
  const client = await rig.client('administrator', 5)
  await client.publishAsync(`tuya/${topic}`, payload, { qos: 1, ...(properties ? { properties } : {}) })
  client.end()
}
