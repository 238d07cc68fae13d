import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { pathToFileURL } from 'node:url'
import mqtt from 'mqtt'
import { describe, expect, it } from 'vitest'
import { Simulator } from '../../src/simulator/simulator.ts'
import { canaries, expectNoCanary } from '../support/canary.ts'
import { Folder } from '../support/folder.ts'
import { canaryWorld } from '../support/house.ts'
import { freePort, Program } from '../support/process.ts'
import { until } from '../support/until.ts'

const lamp = 'bf3c9a7d41e0b2f6aaw1vn'

interface Setup {
  readonly endpoint: string
  readonly folder: Folder
  readonly env?: Readonly<Record<string, string>>
}

/** The variables of a real configuration against a simulated cloud, ports of its own, state in the folder. */
async function environment({ endpoint, folder, env = {} }: Setup) {
  const [broker, http] = [await freePort(), await freePort()]
  return {
    broker,
    http,
    env: {
      DP2MQTT_TUYA_ENDPOINT: endpoint,
      DP2MQTT_TUYA_ACCESS_ID: 'demo5q7w9e1r3t5y7u9i',
      DP2MQTT_TUYA_ACCESS_SECRET: canaries.accessSecret,
      DP2MQTT_BROKER_PORT: String(broker),
      DP2MQTT_HTTP_PORT: String(http),
      DP2MQTT_STATE_DIRECTORY: folder.file('state'),
      DP2MQTT_POLL_MIN_SECONDS: '1',
      ...env,
    },
  }
}

async function simulator(options: Partial<ConstructorParameters<typeof Simulator>[0]> = {}) {
  const started = new Simulator({ world: canaryWorld(), alive: false, ...options })
  await started.start()
  return started
}

function isReady(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/readyz`).then(
    (reply) => reply.ok,
    () => false,
  )
}

async function becomesReady(port: number, withinMs = 20_000): Promise<void> {
  const end = performance.now() + withinMs
  while (!(await isReady(port))) {
    if (performance.now() > end) throw new Error(`not ready within ${withinMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Sends the signal and says how the program ended and how long that took. */
async function end(program: Program, signal: NodeJS.Signals = 'SIGTERM') {
  const sentMs = performance.now()
  program.child.kill(signal)
  const { code, atMs } = await program.exited
  return { code, tookMs: atMs - sentMs }
}

describe('P1: SIGTERM ends the program with 0 within 8 s', () => {
  it('idle, and says offline before', async () => {
    using folder = new Folder()
    await using cloud = await simulator()
    const { env, broker, http } = await environment({ endpoint: cloud.address.cloud.endpoint, folder })
    await using program = new Program({ env })
    await becomesReady(http)
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker}`, { reconnectPeriod: 0 })
    const seen: string[] = []
    client.on('message', (_topic, payload) => seen.push(payload.toString()))
    await client.subscribeAsync('tuya/bridge/state', { qos: 1 })
    const { code, tookMs } = await end(program)
    client.end(true)
    expect(code).toBe(0)
    expect(tookMs).toBeLessThan(8_000)
    expect(seen.at(-1)).toBe('offline')
    expectNoCanary(
      [program.out, program.err, readFileSync(folder.file('state/snapshot.json'), 'utf8')],
      'what the program wrote',
    )
  })

  it('busy: every accepted command still gets its answer', async () => {
    using folder = new Folder()
    await using cloud = await simulator({ faults: ['latency=300', 'throttle=1000'] })
    const { env, broker, http } = await environment({ endpoint: cloud.address.cloud.endpoint, folder })
    await using program = new Program({ env })
    await becomesReady(http, 30_000)
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker}`, { reconnectPeriod: 0 })
    const finals = new Map<string, string>()
    client.on('message', (_topic, payload) => {
      const { id, state } = JSON.parse(payload.toString()) as { id: string; state: string }
      expect(finals.has(id), `${id} was answered twice`).toBe(false)
      finals.set(id, state)
    })
    await client.subscribeAsync('tuya/result/#', { qos: 1 })
    const ids = Array.from({ length: 12 }, (_, i) => `c${i}`)
    for (const [i, id] of ids.entries()) {
      const dp = { [`countdown_${(i % 2) + 1}`]: i, switch_1: i % 3 === 0 }
      await client.publishAsync('tuya/cmd/device/bf9e22b7c6d14f50a1xz3m', JSON.stringify({ dp, id }), {
        qos: 1,
      })
    }
    await new Promise((resolve) => setTimeout(resolve, 250))
    const { code, tookMs } = await end(program)
    client.end(true)
    expect(code).toBe(0)
    expect(tookMs).toBeLessThan(8_000)
    expect([...finals.keys()].sort()).toEqual(ids.sort())
    for (const state of finals.values())
      expect(['confirmed', 'failed', 'superseded', 'timeout']).toContain(state)
  })

  it('with broker and cloud both out of reach', async () => {
    using folder = new Folder()
    const nobody = await freePort()
    const { env } = await environment({
      endpoint: `http://127.0.0.1:${nobody}`,
      folder,
      env: { DP2MQTT_MQTT_URL: `mqtt://127.0.0.1:${nobody}` },
    })
    await using program = new Program({ env })
    await program.says('the bridge runs')
    const { code, tookMs } = await end(program)
    expect(code).toBe(0)
    expect(tookMs).toBeLessThan(8_000)
  })

  it('with a broker that took the connection and says nothing', async () => {
    using folder = new Folder()
    await using cloud = await simulator()
    const { createServer } = await import('node:net')
    const sockets: Socket[] = []
    const silent = createServer((socket) => sockets.push(socket.on('error', () => {})))
    const port = await new Promise<number>((resolve) => {
      silent.listen(0, '127.0.0.1', () => resolve((silent.address() as { port: number }).port))
    })
    const { env } = await environment({
      endpoint: cloud.address.cloud.endpoint,
      folder,
      env: { DP2MQTT_MQTT_URL: `mqtt://127.0.0.1:${port}` },
    })
    await using program = new Program({ env })
    await until(() => sockets.length > 0, 10_000)
    const { code, tookMs } = await end(program)
    for (const socket of sockets) socket.destroy()
    silent.close()
    expect(code).toBe(0)
    expect(tookMs).toBeLessThan(8_000)
  })

  it('during the start, at once at a second signal', async () => {
    using folder = new Folder()
    await using cloud = await simulator({ faults: ['stall=headers'] })
    const { env } = await environment({ endpoint: cloud.address.cloud.endpoint, folder })
    await using program = new Program({ env })
    await program.says('the bridge runs')
    program.child.kill('SIGTERM')
    const { code, tookMs } = await end(program)
    expect(code).toBe(0)
    expect(tookMs).toBeLessThan(8_000)
  })
})

describe('P3: an error that nobody caught ends the program with 70 within a second, with its state saved', () => {
  const injections = {
    'thrown in a timer': `setTimeout(() => { throw new Error('injected') }, 2500)`,
    'a promise that nobody awaits': `setTimeout(() => { Promise.reject(new Error('injected')) }, 2500)`,
  }
  for (const [name, code] of Object.entries(injections)) {
    it(name, async () => {
      using folder = new Folder()
      await using cloud = await simulator()
      writeFileSync(folder.file('inject.mjs'), code)
      const { env, http } = await environment({ endpoint: cloud.address.cloud.endpoint, folder })
      await using program = new Program({
        env,
        nodeArgs: ['--import', pathToFileURL(folder.file('inject.mjs')).href],
      })
      await becomesReady(http)
      await program.says('an error that nobody caught')
      const noticedMs = performance.now()
      const { code: exitCode, atMs } = await program.exited
      expect(exitCode).toBe(70)
      expect(atMs - noticedMs).toBeLessThan(1_000)
      expect(readFileSync(folder.file('state/snapshot.json'), 'utf8')).toContain(lamp)
    })
  }
})

it('P4: a main loop that is stuck is killed by the thread that watches it', async () => {
  using folder = new Folder()
  const watchdog = new URL('../../dist/app/watchdog.js', import.meta.url).href
  const clock = new URL('../../dist/util/clock.js', import.meta.url).href
  const script = `
    import { Watchdog } from '${watchdog}'
    import { systemClock } from '${clock}'
    const watchdog = new Watchdog(systemClock)
    watchdog.start(1500)
    setTimeout(() => { console.log('stuck'); for (;;); }, 2500)`
  writeFileSync(folder.file('stuck.mjs'), script)
  const { spawn } = await import('node:child_process')
  const child = spawn(process.execPath, [folder.file('stuck.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] })
  let stuckMs = 0
  child.stdout.on('data', () => {
    stuckMs = performance.now()
  })
  const signal = await new Promise((resolve) => child.on('exit', (_code, by) => resolve(by)))
  expect(stuckMs, 'a healthy loop is left alone').toBeGreaterThan(0)
  expect(signal).toBe('SIGKILL')
  expect(performance.now() - stuckMs).toBeLessThan(8_000)
})

it('P5: a state directory that cannot be made is told, and the bridge goes on', async () => {
  using folder = new Folder()
  await using cloud = await simulator()
  writeFileSync(folder.file('file'), 'in the way')
  const { env, http } = await environment({
    endpoint: cloud.address.cloud.endpoint,
    folder,
    env: { DP2MQTT_STATE_DIRECTORY: folder.file('file/state') },
  })
  await using program = new Program({ env })
  await becomesReady(http)
  await program.says('the snapshot cannot be saved')
  expect((await fetch(`http://127.0.0.1:${http}/livez`)).status).toBe(200)
  expect(await (await fetch(`http://127.0.0.1:${http}/metrics`)).text()).toContain(
    'dp2mqtt_snapshot_failing 1',
  )
})

describe('P7: standard output that nobody reads', () => {
  it('full: the program lives', async () => {
    const full = openSync('/dev/full', 'w')
    const [broker, http] = [await freePort(), await freePort()]
    await using program = new Program({
      env: { DP2MQTT_BROKER_PORT: String(broker), DP2MQTT_HTTP_PORT: String(http) },
      stdout: full,
    })
    closeSync(full)
    await becomesReady(http)
    expect(program.child.exitCode).toBeNull()
  })

  it('closed: the program lives', async () => {
    const [broker, http] = [await freePort(), await freePort()]
    await using program = new Program({
      env: { DP2MQTT_BROKER_PORT: String(broker), DP2MQTT_HTTP_PORT: String(http) },
    })
    program.child.stdout?.destroy()
    program.child.stderr?.destroy()
    await becomesReady(http)
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(program.child.exitCode).toBeNull()
    expect(await isReady(http)).toBe(true)
  })
})

it('P8: a wrong configuration ends the program with 78 within 2 s, every fault listed and no secret told', async () => {
  const startedMs = performance.now()
  await using program = new Program({
    env: {
      DP2MQTT_TUYA_ACCESS_SECRET: canaries.accessSecret,
      DP2MQTT_MQTT_BSAE: 'x',
      DP2MQTT_HTTP_PORT: '99999',
    },
  })
  const { code, atMs } = await program.exited
  expect(code).toBe(78)
  expect(atMs - startedMs).toBeLessThan(2_000)
  for (const path of ['tuya.accessId', 'DP2MQTT_MQTT_BSAE', 'http.port']) expect(program.err).toContain(path)
  expectNoCanary([program.out, program.err], 'the complaint')
})

it('a port that is taken is said in words, with the setting that moves it', async () => {
  const [broker, http] = [await freePort(), await freePort()]
  const env = { DP2MQTT_BROKER_PORT: String(broker), DP2MQTT_HTTP_PORT: String(http) }
  await using first = new Program({ env })
  await becomesReady(http)
  await using second = new Program({ env })
  expect((await second.exited).code).toBe(78)
  expect(second.err).toContain('DP2MQTT_BROKER_PORT')
  expect(first.child.exitCode).toBeNull()
})

describe('P10: any start order', () => {
  const later = { cloud: 'the cloud', broker: 'the broker' } as const
  for (const first of Object.keys(later) as (keyof typeof later)[]) {
    it(`both down at the start, ${later[first]} comes first: ready within 30 s of the last`, async () => {
      using folder = new Folder()
      const [cloudPort, brokerPort] = [await freePort(), await freePort()]
      const { env, http } = await environment({
        endpoint: `http://127.0.0.1:${cloudPort}`,
        folder,
        env: { DP2MQTT_MQTT_URL: `mqtt://127.0.0.1:${brokerPort}` },
      })
      await using program = new Program({ env })
      await program.says('the bridge runs')
      await new Promise((resolve) => setTimeout(resolve, 1_000))
      expect(program.child.exitCode).toBeNull()
      const startCloud = () => simulator({ cloudPort })
      const startBroker = () => brokerOn(brokerPort)
      const one = await (first === 'cloud' ? startCloud() : startBroker())
      await new Promise((resolve) => setTimeout(resolve, 500))
      expect(await isReady(http)).toBe(false)
      const other = await (first === 'cloud' ? startBroker() : startCloud())
      try {
        await becomesReady(http, 30_000)
      } finally {
        await end(program)
        await one[Symbol.asyncDispose]()
        await other[Symbol.asyncDispose]()
      }
    }, 60_000)
  }
})

/** A plain broker elsewhere: aedes without any of our rules. */
async function brokerOn(port: number): Promise<AsyncDisposable> {
  const { Aedes } = await import('aedes')
  const { createServer } = await import('node:net')
  const aedes = await Aedes.createBroker()
  const server = createServer(aedes.handle)
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()))
  return {
    [Symbol.asyncDispose]: async () => {
      await new Promise<void>((resolve) => aedes.close(() => resolve()))
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

it('P11: without file descriptors left it lives on, and recovers', async () => {
  const { spawn } = await import('node:child_process')
  const { fileURLToPath } = await import('node:url')
  const [broker, http] = [await freePort(), await freePort()]
  const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
  const child = spawn('sh', ['-c', `ulimit -n 128; exec "${process.execPath}" "${main}" serve --demo`], {
    env: {
      PATH: process.env['PATH'] ?? '',
      DP2MQTT_BROKER_PORT: String(broker),
      DP2MQTT_HTTP_PORT: String(http),
    },
    stdio: 'ignore',
  })
  try {
    await becomesReady(http)
    const sockets = Array.from({ length: 200 }, () => connect(http, '127.0.0.1').on('error', () => {}))
    await new Promise((resolve) => setTimeout(resolve, 2_000))
    for (const socket of sockets) socket.destroy()
    await becomesReady(http, 60_000)
    expect(child.exitCode).toBeNull()
  } finally {
    child.kill('SIGKILL')
  }
}, 90_000)
