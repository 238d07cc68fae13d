import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { pathToFileURL } from 'node:url'
import mqtt from 'mqtt'
import { describe, expect, it } from 'vitest'
import { expectNoCanary } from '../support/canary.ts'
import { Folder } from '../support/folder.ts'
import { becomesReady, install, startCloud } from '../support/installation.ts'
import { freePort, Program } from '../support/process.ts'
import { until } from '../support/until.ts'

const lamp = 'bf3c9a7d41e0b2f6aaw1vn'

describe('P1: SIGTERM ends the program with 0 within 8 s', () => {
  it('idle, and says offline before', async () => {
    using folder = new Folder()
    await using cloud = await startCloud()
    const { env, broker, http } = await install({ endpoint: cloud.address.cloud.endpoint, folder })
    await using program = new Program({ env })
    await becomesReady(http)
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker}`, { reconnectPeriod: 0 })
    const seen: string[] = []
    client.on('message', (_topic, payload) => seen.push(payload.toString()))
    await client.subscribeAsync('tuya/bridge/state', { qos: 1 })
    const { code, tookMs } = await program.end()
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
    await using cloud = await startCloud({ faults: ['latency=300', 'throttle=1000'] })
    const { env, broker, http } = await install({ endpoint: cloud.address.cloud.endpoint, folder })
    await using program = new Program({ env })
    await becomesReady(http)
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker}`, { reconnectPeriod: 0 })
    const finals: [id: string, state: string][] = []
    client.on('message', (_topic, payload) => {
      const { id, state } = JSON.parse(payload.toString()) as { id: string; state: string }
      finals.push([id, state])
    })
    await client.subscribeAsync('tuya/result/#', { qos: 1 })
    const ids = Array.from({ length: 12 }, (_, i) => `c${i}`)
    for (const [i, id] of ids.entries()) {
      const dp = { [`countdown_${(i % 2) + 1}`]: i, switch_1: i % 3 === 0 }
      await client.publishAsync('tuya/cmd/device/bf9e22b7c6d14f50a1xz3m', JSON.stringify({ dp, id }), {
        qos: 1,
      })
    }
    await until(() => cloud.journal.entries('command').length > 0, 20_000, 'the first command')
    const { code, tookMs } = await program.end()
    client.end(true)
    expect(code).toBe(0)
    expect(tookMs).toBeLessThan(8_000)
    expect(finals.map(([id]) => id).sort(), 'each is answered once').toEqual(ids.sort())
    for (const [, state] of finals) expect(['confirmed', 'failed', 'superseded', 'timeout']).toContain(state)
    // It was busy: not everything had been done.
    expect(finals.filter(([, state]) => state !== 'confirmed').length).toBeGreaterThan(0)
  })

  it('with broker and cloud both out of reach', async () => {
    using folder = new Folder()
    const nobody = await freePort()
    const { env } = await install({
      endpoint: `http://127.0.0.1:${nobody}`,
      folder,
      env: { DP2MQTT_MQTT_URL: `mqtt://127.0.0.1:${nobody}` },
    })
    await using program = new Program({ env })
    await program.says('the bridge runs')
    const { code, tookMs } = await program.end()
    expect(code).toBe(0)
    expect(tookMs).toBeLessThan(8_000)
  })

  it('with a broker that took the connection and says nothing', async () => {
    using folder = new Folder()
    await using cloud = await startCloud()
    const sockets: Socket[] = []
    const silent = createServer((socket) => sockets.push(socket.on('error', () => {})))
    const port = await freePort()
    silent.listen(port, '127.0.0.1')
    await once(silent, 'listening')
    const { env } = await install({
      endpoint: cloud.address.cloud.endpoint,
      folder,
      env: { DP2MQTT_MQTT_URL: `mqtt://127.0.0.1:${port}` },
    })
    await using program = new Program({ env })
    await until(() => sockets.length > 0, 30_000, 'the connection')
    const { code, tookMs } = await program.end()
    for (const socket of sockets) socket.destroy()
    silent.close()
    expect(code).toBe(0)
    expect(tookMs).toBeLessThan(8_000)
  })

  it('during the start, at once at a second signal', async () => {
    using folder = new Folder()
    await using cloud = await startCloud({ faults: ['stall=headers'] })
    const { env } = await install({ endpoint: cloud.address.cloud.endpoint, folder })
    await using program = new Program({ env })
    await program.says('the bridge runs')
    program.child.kill('SIGTERM')
    const { code, tookMs } = await program.end()
    expect(code).toBe(0)
    expect(tookMs).toBeLessThan(8_000)
  })
})

describe('P3: an error that nobody caught ends the program with 70 within a second, with its state saved', () => {
  it.each([
    ['thrown in a timer', `setTimeout(() => { throw new Error('injected') })`],
    ['a promise that nobody awaits', `void Promise.reject(new Error('injected'))`],
  ])('%s', async (_what, fault) => {
    using folder = new Folder()
    await using cloud = await startCloud()
    const { env, http } = await install({ endpoint: cloud.address.cloud.endpoint, folder })
    await using program = new Program({
      env,
      nodeArgs: ['--import', injection(folder, fault)],
    })
    await becomesReady(http)
    const { code } = await program.end('SIGUSR2')
    expect(code).toBe(70)
    expect(program.err).toContain('an error that nobody caught')
    expect(Number(readFileSync(folder.file('took'), 'utf8'))).toBeLessThan(1_000)
    expect(readFileSync(folder.file('state/snapshot.json'), 'utf8')).toContain(lamp)
  })
})

/** A module that makes the fault happen at SIGUSR2 and notes how many milliseconds the program lived after it. */
function injection(folder: Folder, fault: string): string {
  const file = folder.file('inject.mjs')
  writeFileSync(
    file,
    `import { writeFileSync } from 'node:fs'
    process.on('SIGUSR2', () => {
      const at = performance.now()
      process.on('exit', () => writeFileSync(${JSON.stringify(folder.file('took'))}, String(performance.now() - at)))
      ${fault}
    })`,
  )
  return pathToFileURL(file).href
}

it('P4: a main loop that is stuck is killed by the thread that watches it, a healthy one is left alone', async () => {
  using folder = new Folder()
  const from = (module: string) => new URL(`../../dist/${module}.js`, import.meta.url).href
  writeFileSync(
    folder.file('watched.mjs'),
    `import { Watchdog } from '${from('app/watchdog')}'
    import { systemClock } from '${from('util/clock')}'
    const watchdog = new Watchdog(systemClock)
    watchdog.start(1500)
    setTimeout(() => { console.log('stuck'); for (;;); }, 2500)`,
  )
  const child: ChildProcess = spawn(process.execPath, [folder.file('watched.mjs')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let isStuck = false
  child.stdout?.on('data', () => {
    isStuck = true
  })
  const [, signal] = await once(child, 'exit')
  expect(isStuck, 'it was left alone while it was healthy').toBe(true)
  expect(signal).toBe('SIGKILL')
})
