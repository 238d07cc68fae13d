import { describe, expect, it } from 'vitest'
import { deviceCommands } from '../../../src/codec/cloud/operation/device-commands.ts'
import { deviceStatus } from '../../../src/codec/cloud/operation/device-status.ts'
import { CloudClient } from '../../../src/transport/cloud/client.ts'
import { CloudError } from '../../../src/transport/cloud/layer.ts'
import { RenewableClient } from '../../../src/transport/cloud/renewable-client.ts'
import { seededRandom } from '../../../src/util/random.ts'
import { Secret } from '../../../src/util/secret.ts'
import { CloudBench } from '../../support/cloud-bench.ts'
import { DirectExchange } from '../../support/direct-exchange.ts'
import { ScriptedExchange } from '../../support/scripted-exchange.ts'

const lamp = 'bf3c9a7d41e0b2f6aaw1vn'

/** A project whose secret the test changes, on both sides, and the exchanges of each client made for it. */
class Project {
  readonly bench = new CloudBench()
  readonly exchanges: (ScriptedExchange & { disposed?: boolean })[] = []
  secret = this.bench.simulator.world.project.accessSecret
  readonly client: RenewableClient

  constructor() {
    this.client = new RenewableClient(() => this.#make())
  }

  #make(): CloudClient {
    const { clock, simulator, budget } = this.bench
    const http: Project['exchanges'][number] = new ScriptedExchange(
      new DirectExchange(simulator.cloud, clock),
      clock,
    )
    http[Symbol.asyncDispose] = async () => {
      http.disposed = true
    }
    this.exchanges.push(http)
    return new CloudClient({
      credentials: {
        endpoint: 'http://cloud.test',
        accessId: simulator.world.project.accessId,
        accessSecret: new Secret(this.secret),
      },
      http,
      budget,
      clock,
      random: seededRandom(1),
      learn: () => {},
    })
  }

  /** The cloud takes this secret from now on. */
  cloudTakes(secret: string): void {
    Object.assign(this.bench.simulator.world.project, { accessSecret: secret })
  }

  /** So do we. */
  weTake(secret: string): void {
    this.secret = secret
    this.client.renew()
  }

  command(): Promise<unknown> {
    return this.client.call(
      deviceCommands,
      { device_id: lamp, commands: [{ code: 'switch_led', value: true }] },
      { priority: 'command', signal: AbortSignal.timeout(60_000) },
    )
  }

  read(): Promise<unknown> {
    return this.client.call(
      deviceStatus,
      { device_id: lamp },
      { priority: 'reconcile', signal: AbortSignal.timeout(60_000) },
    )
  }

  commands(): number {
    return this.bench.simulator.journal.entries('command', lamp).length
  }
}

describe('new credentials', () => {
  it('are used from the next call on, with a token of their own', async () => {
    const project = new Project()
    await project.bench.run(project.read())
    project.cloudTakes('another')
    project.weTake('another')
    expect(project.client.health).toMatchObject({ state: 'down', reason: 'starting' })
    await project.bench.run(project.read())
    expect(project.client.health.state).toBe('up')
    expect(project.exchanges[1]?.made[0]?.path).toContain('/v1.0/token')
  })

  it('end a refusal that would have lasted for minutes', async () => {
    const project = new Project()
    project.cloudTakes('another')
    expect(await project.bench.run(project.read())).toMatchObject({ kind: 'config' })
    expect(project.client.health.reason).toBe('credentials')
    project.weTake('another')
    expect(await project.bench.run(project.read())).not.toBeInstanceOf(Error)
  })

  it('a command that the cloud refused because of the old ones is made with the new ones, once', async () => {
    const project = new Project()
    await project.bench.run(project.read())
    let release = () => {}
    const held = new Promise<undefined>((resolve) => {
      release = () => resolve(undefined)
    })
    const [old] = project.exchanges
    if (old) old.script = () => held as never
    const run = project.bench.run(project.command(), 1_000)
    await project.bench.clock.advance(10)
    project.cloudTakes('another')
    project.weTake('another')
    release()
    expect(await run).not.toBeInstanceOf(Error)
    expect(project.commands()).toBe(1)
    // What the old client met has no effect on the new one.
    expect(project.client.health).toMatchObject({ state: 'up', reason: null })
  })

  it('a command of which nobody knows whether it was heard is not made again', async () => {
    const project = new Project()
    await project.bench.run(project.read())
    const [old] = project.exchanges
    if (old)
      old.script = () => {
        project.weTake(project.secret)
        return new CloudError('transient', 'unknown', 'the connection was lost')
      }
    expect(await project.bench.run(project.command())).toMatchObject({ outcome: 'unknown' })
    expect(project.commands()).toBe(0)
    expect(project.exchanges[1]?.made).toEqual([])
  })

  it('the old client goes with the last of its calls, and not before', async () => {
    const project = new Project()
    await project.bench.run(project.read())
    let release = () => {}
    const [old] = project.exchanges
    if (old)
      old.script = () =>
        new Promise<never>((resolve) => {
          release = () => resolve(undefined as never)
        })
    const run = project.bench.run(project.read(), 1_000)
    await project.bench.clock.advance(10)
    project.weTake(project.secret)
    project.weTake(project.secret)
    expect(project.exchanges.map(({ disposed = false }) => disposed)).toEqual([false, true, false])
    release()
    expect(await run).not.toBeInstanceOf(Error)
    expect(project.exchanges.map(({ disposed = false }) => disposed)).toEqual([true, true, false])
    await project.client[Symbol.asyncDispose]()
    expect(project.exchanges.every(({ disposed }) => disposed)).toBe(true)
  })

  it('the cloud’s clock is known on', async () => {
    const project = new Project()
    project.bench.simulator.faults.set('clock-skew=240000')
    await project.bench.run(project.read())
    const before = project.client.clockSkewMs
    expect(before).toBeGreaterThan(200_000)
    project.weTake(project.secret)
    expect(project.client.clockSkewMs).toBe(before)
    await project.bench.run(project.read())
    expect(project.client.clockSkewMs).toBeGreaterThan(200_000)
  })
})
