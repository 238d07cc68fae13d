import { readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { canaries, expectNoCanary } from '../support/canary.ts'
import { FakeBroker } from '../support/fake-broker.ts'
import { Folder } from '../support/folder.ts'
import { becomesReady, install, isReady, startCloud } from '../support/installation.ts'
import { freePort, Program } from '../support/process.ts'

it('P8: a wrong configuration ends the program with 78 within 2 s, every fault listed and no secret told', async () => {
  using folder = new Folder()
  // Seconds of the processor: how many others it is shared with is not the program's business.
  writeFileSync(
    folder.file('note.mjs'),
    `import { writeFileSync } from 'node:fs'
    process.on('exit', () => {
      const { user, system } = process.cpuUsage()
      writeFileSync(${JSON.stringify(folder.file('took'))}, String((user + system) / 1000))
    })`,
  )
  await using program = new Program({
    env: {
      DP2MQTT_TUYA_ACCESS_SECRET: canaries.accessSecret,
      DP2MQTT_MQTT_BSAE: 'x',
      DP2MQTT_HTTP_PORT: '99999',
    },
    nodeArgs: ['--import', pathToFileURL(folder.file('note.mjs')).href],
  })
  expect((await program.exited).code).toBe(78)
  expect(Number(readFileSync(folder.file('took'), 'utf8'))).toBeLessThan(2_000)
  for (const path of ['tuya.accessId', 'DP2MQTT_MQTT_BSAE', 'http.port']) expect(program.err).toContain(path)
  expectNoCanary([program.out, program.err], 'the complaint')
})

it('a port that is taken is said in words, with the setting that moves it', async () => {
  const { env, http } = await install()
  await using first = new Program({ env })
  await becomesReady(http)
  await using second = new Program({ env })
  expect((await second.exited).code).toBe(78)
  expect(second.err).toContain('DP2MQTT_BROKER_PORT')
  expect(first.child.exitCode).toBeNull()
})

describe('P10: any start order', () => {
  it.each([
    { first: 'the cloud', link: 'cloud', second: 'the broker' },
    { first: 'the broker', link: 'mqtt', second: 'the cloud' },
  ])(
    'both down at the start: $first comes and is joined, then $second: ready within 30 s',
    async ({ first, link }) => {
      using folder = new Folder()
      const cloudPort = await freePort()
      await using broker = await FakeBroker.open()
      await broker.stop()
      const { env, http } = await install({
        endpoint: `http://127.0.0.1:${cloudPort}`,
        folder,
        env: { DP2MQTT_MQTT_URL: broker.url },
      })
      await using program = new Program({ env })
      const startedAt = performance.now()
      await joins(http, { mqtt: 0, cloud: 0 })
      const startCloudThere = () => startCloud({ cloudPort })
      await using _one = first === 'the cloud' ? await startCloudThere() : await started(broker)
      await joins(http, { mqtt: 0, cloud: 0, [link]: 1 })
      expect(await isReady(http)).toBe(false)
      await using _other = first === 'the cloud' ? await started(broker) : await startCloudThere()
      // That holds where nothing was away for more than 20 s; a machine may be too busy for that.
      const awayMs = performance.now() - startedAt
      await becomesReady(http, awayMs <= 20_000 ? 30_000 : 90_000)
      expect((await program.end()).code).toBe(0)
    },
    120_000,
  )
})

async function started(broker: FakeBroker): Promise<FakeBroker> {
  await broker.start()
  return broker
}

/** Waits until the pages show exactly these links up. */
async function joins(http: number, links: Readonly<Record<string, number>>): Promise<void> {
  const end = performance.now() + 60_000
  const shows = async () => {
    const text = await fetch(`http://127.0.0.1:${http}/metrics`).then(
      (reply) => reply.text(),
      () => '',
    )
    return Object.entries(links).every(([link, up]) => text.includes(`dp2mqtt_link_up{link="${link}"} ${up}`))
  }
  while (!(await shows())) {
    if (performance.now() > end) throw new Error(`the links are never ${JSON.stringify(links)}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
