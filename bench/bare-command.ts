import mqtt from 'mqtt'
import { request } from 'undici'

/** What a script of ten lines would do: a message comes, a request goes out. Nothing is checked, nothing answered. */
const [broker, target] = process.argv.slice(2)
const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker}`)
client.on('message', (topic, payload) => {
  const [, , , deviceId, , code] = topic.split('/')
  const body = JSON.stringify({ commands: [{ code, value: JSON.parse(payload.toString()) }] })
  request(`${target}/v1.0/devices/${deviceId}/commands`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
  })
    .then((reply) => reply.body.dump())
    .catch(() => {})
})
await client.subscribeAsync('bare/cmd/device/#', { qos: 2 })
process.send?.('ready')
