import { writeFileSync } from 'node:fs'
import mqtt from 'mqtt'
import { describe, expect, inject, it } from 'vitest'
import { Simulator } from '../../src/simulator/simulator.ts'
import { demoWorld } from '../../src/simulator/world-file.ts'
import { Folder } from '../support/folder.ts'
import { freePort } from '../support/process.ts'
import { Container, confined, docker } from './container.ts'
import { image } from './engine.ts'

const lamp = 'bf3c9a7d41e0b2f6aaw1vn'
const quickHealth = ['--health-interval=1s', '--health-start-period=0s']

describe.skipIf(inject('engineMissing') !== '')('the image', () => {
  it('S-9: says that it runs as uid 10001, writes to /data alone, and how to stop and to ask it', async () => {
    const [{ Config }] = JSON.parse(await docker('image', 'inspect', image)) as [
      { Config: Record<string, unknown> },
    ]
    expect(Config).toMatchObject({
      User: '10001:10001',
      StopSignal: 'SIGTERM',
      Volumes: { '/data': {} },
      Env: expect.arrayContaining(['NODE_ENV=production', 'DP2MQTT_STATE_DIRECTORY=/data']),
      Entrypoint: expect.arrayContaining(['--max-old-space-size=192']),
    })
    expect(JSON.stringify(Config['Healthcheck'])).toContain('/livez')
  })

  it('S-10: holds no tool to build, install or download with, and no developers’ libraries', async () => {
    const tools = 'npm npx yarn corepack tsc gcc cc make python3 curl wget git perl-build'
    const found = await sh(`for tool in ${tools}; do command -v $tool || true; done`)
    expect(found.trim()).toBe('')
    const libraries = (await sh('ls -a /opt/dp2mqtt /opt/dp2mqtt/node_modules')).split('\n')
    for (const name of [
      'typescript',
      'vitest',
      'tsx',
      '@biomejs',
      'testcontainers',
      'fast-check',
      'src',
      'test',
      '.npmrc',
    ])
      expect(libraries).not.toContain(name)
    expect(libraries).toEqual(expect.arrayContaining(['mqtt', 'aedes', 'undici', 'dist', 'schemas', 'world']))
    expect((await sh('find /opt/dp2mqtt ! -user root | head -3')).trim()).toBe('')
  })

  it('S-9: the demo runs with a read-only root, no capability and no new privilege, and becomes healthy', async () => {
    await using demo = await Container.run([...confined, ...quickHealth], ['serve', '--demo'])
    await demo.until(async () => (await demo.inspect()).State.Health?.Status === 'healthy', 20_000, 'health')
    const status = await demo.exec('cat', '/proc/1/status')
    expect(status).toMatch(/^Uid:\s+10001\s+10001\s+10001\s+10001$/m)
    expect(status).toMatch(/^Gid:\s+10001\s/m)
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
      expect(status).toMatch(new RegExp(`^${set}:\\s+0+$`, 'm'))
    expect(status).toMatch(/^NoNewPrivs:\s+1$/m)
    const livez = "fetch('http://127.0.0.1:8080/livez').then((reply) => reply.text()).then(console.log)"
    expect((await demo.exec('node', '-e', livez)).trim()).toBe('alive')
  })

  it('S-9: nothing but /data can be written to', async () => {
    await using demo = await Container.run(confined, ['serve', '--demo'])
    const attempt = `for (const folder of ['/', '/opt/dp2mqtt', '/opt/dp2mqtt/dist', '/tmp', '/etc', '/var/tmp', '/home', '/run', '/data'])
      try { require('node:fs').writeFileSync(folder + '/x', 'x'); console.log(folder) } catch {}`
    expect((await demo.exec('node', '-e', attempt)).trim()).toBe('/data')
  })

  it.each([
    ['as process 1', []],
    ['behind an init', ['--init']],
  ])('P1: SIGTERM ends it with 0 within 8 s, %s', async (_how, flags) => {
    await using demo = await Container.run([...confined, ...flags], ['serve', '--demo'])
    await demo.says('connected to the broker')
    const { code, ms } = await demo.stop()
    expect(code).toBe(0)
    expect(ms).toBeLessThan(8_000)
    expect(await demo.logs()).toContain('stopping')
  })

  it('its broker serves clients outside, and only those with a password', async () => {
    const users = JSON.stringify([{ name: 'panel', role: 'controller', password: 'canary-panel-5512' }])
    await using demo = await Container.run(
      [
        ...confined,
        ...[
          '--publish=127.0.0.1::1883',
          '--env=DP2MQTT_BROKER_HOST=0.0.0.0',
          '--env=DP2MQTT_BROKER_ALLOW_PLAINTEXT=true',
        ],
        ...[
          '--publish=127.0.0.1::8080',
          '--env=DP2MQTT_HTTP_HOST=0.0.0.0',
          `--env=DP2MQTT_BROKER_USERS=${users}`,
        ],
      ],
      ['serve', '--demo'],
    )
    await demo.says('connected to the broker')
    const url = `mqtt://127.0.0.1:${await demo.port(1883)}`
    await expect(mqtt.connectAsync(url, { reconnectPeriod: 0 })).rejects.toThrow()
    const client = await mqtt.connectAsync(url, {
      username: 'panel',
      password: 'canary-panel-5512',
      reconnectPeriod: 0,
    })
    const answer = new Promise<string>((resolve) =>
      client.on('message', (_topic, payload) => resolve(payload.toString())),
    )
    await client.subscribeAsync(`tuya/result/device/${lamp}`)
    await demo.until(
      async () => (await fetch(`http://127.0.0.1:${await demo.port(8080)}/readyz`)).ok,
      20_000,
      'readiness',
    )
    await client.publishAsync(`tuya/cmd/device/${lamp}/dp/bright_value_v2`, '640', { qos: 1 })
    expect(JSON.parse(await answer)).toMatchObject({ state: 'confirmed', sent: { bright_value_v2: 640 } })
    client.end(true)
    expect(await demo.logs()).not.toContain('canary-panel-5512')
  })

  it('P14: with secrets in files it runs confined, keeps its state in /data and touches nothing else', async () => {
    const base = demoWorld()
    const secret = 'canary-access-secret-7f3b1d'
    await using simulator = new Simulator({
      world: { ...base, project: { ...base.project, accessSecret: secret } },
    })
    const { cloud } = await simulator.start()
    using folder = new Folder()
    // Whoever may read the folder may read the file: the container's user is no user of this machine.
    writeFileSync(folder.file('secret'), secret, { mode: 0o444 })
    const [httpPort, brokerPort] = [await freePort(), await freePort()]
    await using bridge = await Container.run([
      ...confined,
      ...['--network=host', `--volume=${folder.file('secret')}:/run/secrets/tuya:ro`],
      ...[`--env=DP2MQTT_TUYA_ENDPOINT=${cloud.endpoint}`, `--env=DP2MQTT_TUYA_ACCESS_ID=${cloud.accessId}`],
      ...['--env=DP2MQTT_TUYA_ACCESS_SECRET_FILE=/run/secrets/tuya', '--env=DP2MQTT_LOG_LEVEL=debug'],
      ...[`--env=DP2MQTT_HTTP_PORT=${httpPort}`, `--env=DP2MQTT_BROKER_PORT=${brokerPort}`, ...quickHealth],
    ])
    await bridge.until(
      async () => (await bridge.inspect()).State.Health?.Status === 'healthy',
      20_000,
      'health',
    )
    await bridge.until(
      async () => /snapshot\.json/.test(await bridge.exec('ls', '/data')),
      20_000,
      'the snapshot',
    )
    expect((await bridge.exec('stat', '-c', '%u %a', '/data', '/data/snapshot.json')).trim()).toBe(
      '10001 700\n10001 600',
    )
    const { code } = await bridge.stop()
    expect(code).toBe(0)
    expect(await docker('diff', bridge.name)).not.toMatch(/^[AC] \/(?!run|data)/m)
    const logs = await bridge.logs()
    expect(logs).not.toMatch(/EROFS|EPERM|EACCES/)
    for (const text of [logs, await docker('inspect', bridge.name)]) expect(text).not.toContain(secret)
  })
})

function sh(script: string): Promise<string> {
  return docker('run', '--rm', '--entrypoint', 'sh', image, '-c', script)
}
