import type { IClientOptions } from 'mqtt'
import type { BrokerBench } from './broker.ts'
import type { RawClient } from './raw-client.ts'
import { until } from './until.ts'

/** Who may come to the broker inside, and with what. */
export const users = [
  ['anna', 'a-password', 'administrator'],
  ['carl', 'c-password', 'controller'],
  ['dora', 'd-password', 'dashboard'],
] as const

export const as = (name: 'anna' | 'carl' | 'dora') => ({ username: name, password: `${name[0]}-password` })
export const rawAs = (name: 'anna' | 'carl' | 'dora') => ({
  username: name,
  password: Buffer.from(`${name[0]}-password`),
})

/** The broker still serves whoever behaves. */
export async function stillServes(bench: BrokerBench, options: IClientOptions = {}): Promise<void> {
  const { client, seen } = await bench.reader('tuya/cmd/op/#', options)
  await client.publishAsync('tuya/cmd/op/alive', 'yes', { qos: 1 })
  await until(() => seen.length === 1, 20_000, 'the broker serving others')
}

export async function granted(client: RawClient, ...filters: string[]): Promise<number[]> {
  client.send({
    cmd: 'subscribe',
    messageId: 9,
    subscriptions: filters.map((topic) => ({ topic, qos: 1 as const })),
  })
  const ack = await until(() => client.of('suback')[0])
  return ack.granted as number[]
}
