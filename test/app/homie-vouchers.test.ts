import { expect, it } from 'vitest'
import { HomieVouchers } from '../../src/app/homie-vouchers.ts'
import { ClientConnector } from '../../src/mqtt/client-link.ts'
import { systemClock } from '../../src/util/clock.ts'
import { BrokerBench } from '../support/broker.ts'
import { quietLog } from '../support/derived-bench.ts'
import { until } from '../support/until.ts'

async function vouching(bench: BrokerBench, ids: readonly string[]) {
  const vouched: string[] = []
  const vouchers = new HomieVouchers({
    connector: new ClientConnector(
      {
        url: bench.url,
        clientId: 'bridge',
        username: null,
        password: null,
        protocolVersion: null,
        tls: { insecure: false },
      },
      systemClock,
    ),
    clock: systemClock,
    random: () => 0,
    log: quietLog(),
    suffix: '-homie4',
    atMost: 8,
    stateTopicOf: (id) => (id === 'untold' ? undefined : `homie/${id}/$state`),
    onVouched: (id) => vouched.push(id),
  })
  for (const id of ids) vouchers.add(id)
  await until(() => vouchers.count === ids.filter((id) => id !== 'untold').length)
  return { vouchers, vouched }
}

it('a connection that breaks off lets the broker say that its device is lost, and no other', async () => {
  await using bench = await BrokerBench.open()
  const { seen } = await bench.reader('homie/#')
  const { vouchers, vouched } = await vouching(bench, ['a', 'b', 'untold'])
  expect(vouched).toEqual(['a', 'b'])
  vouchers.remove('b')
  vouchers.renew()
  await until(() => vouched.length === 3)
  expect(vouched).toEqual(['a', 'b', 'a'])
  expect(seen.map(({ topic, payload }) => `${topic} ${payload}`)).toEqual(['homie/a/$state lost'])
  await vouchers.stop()
})

it('who stops says goodbye, and no device is lost', async () => {
  await using bench = await BrokerBench.open()
  const { seen } = await bench.reader('homie/#')
  const { vouchers } = await vouching(bench, ['a', 'b'])
  await vouchers.stop()
  await vouchers.stop()
  expect(vouchers.count).toBe(0)
  const client = await bench.client()
  await client.publishAsync('homie/end', '1', { qos: 1 })
  await until(() => seen.length > 0)
  expect(seen.map(({ topic }) => topic)).toEqual(['homie/end'])
})
