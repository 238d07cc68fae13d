import { expect, it } from 'vitest'
import { parseConsumerPath } from '../../../src/codec/queue/address.ts'
import { Dial } from '../../../src/transport/queue/dial.ts'
import { refusal } from '../../../src/transport/queue/link-error.ts'
import { queueAccess } from '../../support/queue-bench.ts'
import { ScriptedQueue } from '../../support/scripted-queue.ts'

const { signal } = new AbortController()
const wishes = { largestMessage: 1024, signal, onText: () => {}, onSign: () => {}, onPong: () => {} }

function bench(consumerName: string | null = 'dp2mqtt@main', priorityLevel: 0 | 1 | null = null) {
  const queue = new ScriptedQueue()
  const dial = new Dial(
    {
      base: 'wss://queue.example:8285/',
      ...queueAccess,
      environment: 'event-test',
      subscription: 'demoaccessid00000001-own',
      consumerName,
      priorityLevel,
    },
    queue.open,
  )
  const queries = () => queue.asked.map(({ url }) => parseConsumerPath(url.slice(24))?.query)
  return { queue, dial, queries }
}

it('asks as the platform wants it asked: path, query, headers', async () => {
  const { queue, dial } = bench('dp2mqtt@main', 1)
  await dial.open(wishes)
  const [{ url, username, password }] = queue.asked as [(typeof queue.asked)[0]]
  expect(url).toBe(
    'wss://queue.example:8285/ws/v2/consumer/persistent/demoaccessid00000001/out/event-test/demoaccessid00000001-own' +
      '?subscriptionType=Failover&ackTimeoutMillis=30000&consumerName=dp2mqtt%40main&priorityLevel=1',
  )
  expect([username, password.reveal()]).toEqual(['demoaccessid00000001', 'abf1edb653addd70'])
  expect(JSON.stringify(dial.password)).toBe('"[redacted]"')
})

it('a queue that refuses is asked once more without the name, and from then on never with it', async () => {
  const { queue, dial, queries } = bench()
  queue.prepare = ({ url }) => {
    if (url.includes('consumerName')) throw refusal(409, undefined)
  }
  await dial.open(wishes)
  await dial.open(wishes)
  const nameless = { subscriptionType: 'Failover', ackTimeoutMillis: '30000' }
  expect(queries()).toEqual([{ ...nameless, consumerName: 'dp2mqtt@main' }, nameless, nameless])
})

it('a name that was not the trouble is kept', async () => {
  const { queue, dial, queries } = bench()
  queue.prepare = () => {
    throw refusal(404, undefined)
  }
  await expect(dial.open(wishes)).rejects.toMatchObject({ end: 'refused', status: 404 })
  queue.prepare = () => {}
  await dial.open(wishes)
  expect(queries().map((query) => query?.['consumerName'])).toEqual([
    'dp2mqtt@main',
    undefined,
    'dp2mqtt@main',
  ])
})

it.each([401, 429, 500, 503])('after %i the same question is not asked twice', async (status) => {
  const { queue, dial } = bench()
  queue.prepare = () => {
    throw refusal(status, undefined)
  }
  await expect(dial.open(wishes)).rejects.toMatchObject({ status })
  expect(queue.asked).toHaveLength(1)
})

it('without a name there is nothing to leave out', async () => {
  const { queue, dial } = bench(null)
  queue.prepare = () => {
    throw refusal(400, undefined)
  }
  await expect(dial.open(wishes)).rejects.toMatchObject({ status: 400 })
  expect(queue.asked).toHaveLength(1)
})
