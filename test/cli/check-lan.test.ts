import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Simulator } from '../../src/simulator/simulator.ts'
import { canaries, expectNoCanary } from '../support/canary.ts'
import { Folder } from '../support/folder.ts'
import { canaryWorld } from '../support/house.ts'
import { Program } from '../support/process.ts'
import { demo } from '../support/simulator-desk.ts'

const strip = 'bf71d05c2ab94e83f0kq6d'
const remote = 'bf3fa81d62c5e9b074bd2g'
const meter = 'bfd9c05b3e81f7a246nx4q'
const nowhere = 'bf0000000000000nowhere'

const faults = [
  `lan-other-key=,device=${demo.ceiling}`,
  `lan-bad-proof=,device=${demo.curtain}`,
  `lan-reset=,device=${demo.plug}`,
  `lan-silent=,device=${demo.dimmer}`,
  `udp-silent=,device=${remote}`,
  `lan-full=,device=${meter}`,
]

const folder = new Folder()
const simulator = new Simulator({
  world: canaryWorld(),
  alive: false,
  seed: 1,
  faults,
  lan: { address: '127.71.0.1', port: 0, udp: { ports: [0, 0, 0] } },
})

beforeAll(async () => {
  const { cloud, lan = [], udp } = await simulator.start()
  const config = {
    tuya: {
      endpoint: cloud.endpoint,
      accessId: cloud.accessId,
      accessSecret: canaries.accessSecret,
      uid: canaries.uid,
    },
    lan: {
      subnets: ['127.0.0.0/8'],
      udpPorts: udp,
      devices: [
        ...lan.map(({ id, ip, port }) => ({
          id,
          port,
          ...(id === meter ? { ip } : {}),
          ...(id === demo.lamp ? { ip: '127.71.9.9', version: '3.4' } : {}),
        })),
        // Nobody listens there.
        { id: nowhere, localKey: 'nowhere-key-0000', ip: '127.71.9.10' },
      ],
    },
  }
  writeFileSync(folder.file('dp2mqtt.yaml'), JSON.stringify(config), { mode: 0o600 })
})

afterAll(async () => {
  await simulator[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

async function check() {
  await using program = new Program({
    args: ['check', '--lan', '--seconds', '6', '--json'],
    cwd: folder.path,
  })
  const { code } = await program.exited
  expectNoCanary([program.out, program.err], 'check --lan')
  return { code, out: program.out, err: program.err }
}

interface Said {
  readonly id: string
  readonly finding: string
  readonly mark: string
  readonly version: string | null
  readonly points: number | null
  readonly tried: readonly { readonly finding: string }[]
  readonly notes: readonly string[]
  readonly advice: string
}

describe('dp2mqtt check --lan', () => {
  it('says of each device what is the matter, and ends with 78 when one cannot be used', async () => {
    const { code, out, err } = await check()
    expect([code, err]).toEqual([78, 'Not every device can be used on the LAN.\n'])
    const report = JSON.parse(out) as { devices: readonly Said[]; discovery: { state: string } }
    expect(report.discovery.state).toBe('listening')
    const of = (id: string) => report.devices.find((device) => device.id === id)
    const findings = Object.fromEntries(
      report.devices.map(({ id, mark, finding }) => [id, `${mark} ${finding}`]),
    )
    expect(findings).toMatchObject({
      [demo.lamp]: 'ok ok',
      [strip]: 'ok ok',
      [demo.ceiling]: 'fail key-mismatch',
      [demo.curtain]: 'fail key-mismatch',
      [demo.plug]: 'fail refused',
      [demo.dimmer]: 'fail timeout',
      [nowhere]: 'fail port-closed',
      [demo.gateway]: 'ok ok',
      [demo.motion]: 'note behind-gateway',
      [remote]: 'fail no-address',
      [meter]: 'fail refused',
      [demo.leak]: 'note no-address',
    })
    expect(of(demo.lamp)).toMatchObject({ version: '3.5', points: expect.any(Number) })
    expect(of(demo.lamp)?.notes).toEqual([
      'It is configured at 127.71.9.9 and was heard from 127.71.0.1.',
      'It is configured as 3.4 and answers as 3.5.',
    ])
    expect(of(strip)?.notes.join()).toContain('whatever the key is')
    expect(of(meter)?.advice).toContain('places are taken')
  }, 120_000)

  it('asks for devices where none is known', async () => {
    using empty = new Folder()
    await using program = new Program({ args: ['check', '--lan'], cwd: empty.path })
    expect((await program.exited).code).toBe(78)
    expect(program.err).toContain('No device is known')
  })

  it('takes no odd times', async () => {
    await using program = new Program({ args: ['check', '--lan', '--seconds', 'soon'], cwd: folder.path })
    expect((await program.exited).code).toBe(64)
  })
})
