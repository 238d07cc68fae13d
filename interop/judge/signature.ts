import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { runToEnd } from '../child.ts'
import type { Judge } from '../court.ts'
import { program, SimulatorProcess } from '../simulator.ts'
import { type Heard, Tap } from '../tap.ts'
import { script } from './lines.ts'

const lamp = 'bf3c9a7d41e0b2f6aaw1vn'

/** Operations with a query, with a body, with letters of other scripts, with none of these. */
const calls: readonly (readonly [operation: string, params: object])[] = [
  ['device-status', { device_id: lamp }],
  ['devices-status-batch', { device_ids: `${lamp},bf5b8310dfe2a947c3jy2h` }],
  [
    'device-logs',
    { device_id: lamp, type: '7', start_time: 0, end_time: 1_795_295_542_000, codes: 'a b&c=d+e' },
  ],
  ['device-rename', { device_id: lamp, name: 'Lampe für 书房 & "Küche" +1' }],
  ['room-create', { home_id: 3_182_004, name: 'Büro/客厅' }],
  ['device-commands', { device_id: lamp, commands: [{ code: 'switch_led', value: true }] }],
  ['room-devices-remove', { home_id: 3_182_004, room_id: 1_408_001, device_ids: [lamp] }],
  ['scene-trigger', { home_id: 3_182_004, scene_id: '53IYSXI3gEn2w3Oc' }],
]

/** As it came over the wire, for the script. */
const wired = ({ method, path, headers, body }: Heard) =>
  JSON.stringify({ method, target: path, headers, body: body.toString('base64') })

export const signature: Judge = {
  name: 'signature',
  about: 'what the bridge sends is held against the rules of signing by a script that shares no code with it',
  lacks: () => (spawnSync('python3', ['--version']).error ? 'there is no python3' : undefined),
  hear: async (court) => {
    await using simulator = await SimulatorProcess.start()
    await using tap = await Tap.start(simulator.cloud.endpoint)
    const { accessId, accessSecret } = simulator.cloud
    const env = {
      DP2MQTT_TUYA_ENDPOINT: tap.url,
      DP2MQTT_TUYA_ACCESS_ID: accessId,
      DP2MQTT_TUYA_ACCESS_SECRET: accessSecret,
    }
    const judge = (heard: readonly Heard[]) => judged(heard, accessSecret, accessId)
    for (const [operation, params] of calls) {
      await court.check(`${operation} is signed as the platform demands`, async () => {
        const before = tap.heard.length
        const given = Object.entries(params).map(
          ([name, value]) => `${name}=${typeof value === 'object' ? JSON.stringify(value) : value}`,
        )
        await runToEnd(process.execPath, [program, 'call', operation, ...given], { env })
        const heard = tap.heard.slice(before)
        assert.deepEqual(judge(heard), [])
        assert.ok(heard.some(({ path }) => !path.startsWith('/v1.0/token')))
      })
    }
    await court.check('everything that a bridge asks when it starts is', async () => {
      const before = tap.heard.length
      await runToEnd(process.execPath, [program, 'devices'], { env })
      const heard = tap.heard.slice(before)
      assert.deepEqual(judge(heard), [])
      return `${heard.length} requests`
    })
    await court.check('the script tells a request that was tampered with', async () => {
      const [one] = tap.heard.filter(({ body }) => body.length > 0)
      assert.ok(one)
      const { headers, path } = one
      const changed = [
        { ...one, body: Buffer.concat([one.body, Buffer.from(' ')]) },
        { ...one, path: `${path}?x=1` },
        { ...one, headers: { ...headers, t: String(Number(headers['t']) + 1) } },
        { ...one, headers: { ...headers, access_token: '0'.repeat(32) } },
      ]
      assert.equal(judge(changed).length, changed.length)
    })
  },
}

/** What is wrong, by request. */
function judged(heard: readonly Heard[], secret: string, client: string): string[] {
  const input = heard.map(wired).join('\n')
  const { stdout, stderr, status } = spawnSync('python3', ['-B', script('signature.py'), secret, client], {
    input,
    encoding: 'utf8',
  })
  assert.equal(status, 0, stderr)
  const verdicts = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { call: string; faults: string[] })
  assert.equal(verdicts.length, heard.length)
  return verdicts.filter(({ faults }) => faults.length > 0).map((verdict) => JSON.stringify(verdict))
}
