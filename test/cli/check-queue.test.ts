import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Config } from '../../src/app/config-types.ts'
import { checkQueue } from '../../src/cli/check-queue.ts'
import type { Context } from '../../src/cli/context.ts'
import { openClient } from '../../src/cli/direct.ts'
import { Simulator } from '../../src/simulator/simulator.ts'
import { QueueConsumer } from '../../src/transport/queue/consumer.ts'
import { wsOpener } from '../../src/transport/queue/ws-socket.ts'
import { systemClock } from '../../src/util/clock.ts'
import { seededRandom } from '../../src/util/random.ts'
import { Redactor } from '../../src/util/redact.ts'
import { Secret } from '../../src/util/secret.ts'
import { canaries, expectNoCanary } from '../support/canary.ts'
import { changed, testConfig } from '../support/config.ts'
import { canaryWorld } from '../support/house.ts'
import { Program } from '../support/process.ts'
import { until } from '../support/until.ts'

const simulator = new Simulator({ world: canaryWorld(), alive: false, seed: 1, faults: ['throttle=1000'] })
let config: Config

beforeAll(async () => {
  const { cloud, queue } = await simulator.start()
  config = testConfig({
    tuya: {
      region: 'eu',
      endpoint: cloud.endpoint,
      accessId: cloud.accessId,
      accessSecret: new Secret(cloud.accessSecret),
      accessSecretFile: null,
      uid: canaries.uid,
      homes: [],
      schema: null,
    },
    queue: { channel: 'pulsar', url: queue?.url },
  } as never)
})

afterAll(() => simulator[Symbol.asyncDispose]())

/** The lines of the walk over the queue, with what is said in the end where it fails. */
async function walk(changes: Parameters<typeof changed>[1] = {}): Promise<string> {
  const lines: string[] = []
  const context = { config: changed(config, changes), redactor: new Redactor() } as unknown as Context
  const told = {
    ok: (what: string, result: string) => lines.push(`ok ${what}: ${result}`),
    note: (what: string, result: string) => lines.push(`note ${what}: ${result}`),
    fail: (what: string, advice: string) => {
      lines.push(`FAIL ${what}: ${advice}`)
      throw new Error('the walk ends')
    },
  }
  const { client } = openClient(context)
  try {
    await checkQueue(told as never, context, client, new AbortController().signal).catch((thrown) => {
      if (thrown.message !== 'the walk ends') throw thrown
    })
  } finally {
    await client[Symbol.asyncDispose]()
  }
  const text = lines.join('\n')
  expectNoCanary([text], 'the walk')
  return text
}

const did = (what: string) => simulator.journal.entries('queue', what)

describe('dp2mqtt check: the event queue', () => {
  it('that would have us, and what cannot be told without taking messages', async () => {
    const text = await walk()
    expect(text).toMatch(
      /^ok event queue: 127\.0\.0\.1:\d+ answers, and knows the access id and its secret$/m,
    )
    expect(text).toMatch(
      /^note subscription \S+-sub: whether it exists in event and a messaging rule feeds it/m,
    )
  })

  it('takes no message from a bridge that runs, and does not make it wait', async () => {
    const { tuya, queue } = config
    const taken: string[] = []
    const ends: string[] = []
    await using consumer = new QueueConsumer({
      address: {
        base: queue.url ?? '',
        accessId: tuya?.accessId ?? '',
        accessKey: tuya?.accessSecret ?? new Secret(''),
        environment: 'event',
        subscription: `${tuya?.accessId}-sub`,
        consumerName: 'dp2mqtt@main',
        priorityLevel: null,
      },
      openSocket: wsOpener({ insecure: false }),
      decode: ({ messageId }) => ({
        message: { kind: 'ignored', protocol: 4, bizCode: messageId, timeMs: 0, data: null },
        signOk: true,
      }),
      requireSign: false,
      sink: ({ message }) => void taken.push(String(message.bizCode)),
      gate: { brokerUp: () => true, outboxEmpty: () => true },
      clock: systemClock,
      random: seededRandom(1),
      heardMs: null,
      onHealth: () => {},
      onGap: () => {},
      onDead: () => {},
      onDefect: () => {},
      onEnd: ({ end }) => ends.push(end),
    })
    consumer.start()
    await until(() => consumer.health.state === 'up')
    const [device] = simulator.world.devices.values()
    const say = () =>
      simulator.queue.publish({
        protocol: 4,
        bizCode: null,
        key: device?.id ?? '',
        body: { devId: device?.id, status: [] },
      })
    say()
    await until(() => taken.length === 1)
    const opened = did('open').length
    const delivered = did('deliver').length
    await walk()
    say()
    await until(() => taken.length === 2)
    expect(did('open')).toHaveLength(opened)
    expect(did('deliver')).toHaveLength(delivered + 1)
    expect(new Set(taken).size).toBe(2)
    expect(ends).toEqual([])
  })

  it('401: says where the message service is switched on', async () => {
    const text = await walk({
      tuya: { accessSecret: new Secret('canary-wrong-secret-7f3b1d-long') },
    } as never)
    expect(text).toMatch(/^FAIL event queue: The queue refused the access id or its secret \(401\)/)
    expect(text).toContain('Message Service')
    expect(text).toContain('queue.channel = off')
  })

  it('404: no queue at that address', async () => {
    const text = await walk({ queue: { url: `${config.queue.url}elsewhere` } })
    expect(text).toMatch(/^FAIL event queue: .*\(404\)/)
    expect(text).toContain('queue.environment is event')
  })

  it('nobody there', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as { port: number }
    await new Promise((resolve) => server.close(resolve))
    const text = await walk({ queue: { url: `ws://127.0.0.1:${port}/` } })
    expect(text).toMatch(/^FAIL event queue: The queue cannot be reached \(ECONNREFUSED\)/)
    expect(text).toContain('8285')
  })

  it('a certificate that nobody vouches for', async () => {
    const file = (name: string) => readFileSync(new URL(`../vector/tls/${name}`, import.meta.url), 'utf8')
    const tls = { cert: file('loopback.cert.pem'), key: file('loopback.key.pem') }
    await using other = new Simulator({
      world: canaryWorld(),
      alive: false,
      seed: 1,
      queueTls: tls,
    })
    const { queue } = await other.start()
    const text = await walk({ queue: { url: queue?.url ?? '' } })
    expect(text).toMatch(/^FAIL event queue: The queue’s certificate is not trusted/)
    expect(text).toContain('queue.tls.ca')
  })

  it('a queue that is out of order for now is no fault of the configuration', async () => {
    simulator.faults.set('queue-handshake=503')
    try {
      expect(await walk()).toMatch(/^note event queue: The queue is out of order \(503\)/)
    } finally {
      simulator.faults.clear('queue-handshake')
    }
  })

  it('none is wanted', async () => {
    expect(await walk({ queue: { channel: 'off' } })).toBe(
      'note event queue: queue.channel is off: state is polled',
    )
    expect(await walk({ queue: { url: null } })).toContain('queue.url is not')
  })

  it('the Open Hub: lets us in beside the bridge', async () => {
    expect(await walk({ queue: { channel: 'openhub' } })).toMatch(
      /^ok event queue: the Open Hub at 127\.0\.0\.1:\d+ lets us in$/,
    )
  })

  it('as a part of the whole walk', async () => {
    const { tuya, queue } = config
    const env = {
      DP2MQTT_TUYA_ENDPOINT: tuya?.endpoint ?? '',
      DP2MQTT_TUYA_ACCESS_ID: tuya?.accessId ?? '',
      DP2MQTT_TUYA_ACCESS_SECRET: tuya?.accessSecret?.reveal() ?? '',
      DP2MQTT_QUEUE_URL: queue.url ?? '',
    }
    await using program = new Program({ args: ['check'], env })
    const { code } = await program.exited
    expect(program.out).toContain('  ok    event queue: ')
    expect(program.out).toContain('Everything that the bridge needs is there.')
    expect(code).toBe(0)
    expectNoCanary([program.out, program.err], 'what the program wrote')
  })
})
