import { afterAll, beforeAll, expect, it } from 'vitest'
import { memoryDisk } from '../../src/app/demo.ts'
import type { SnapshotDisk } from '../../src/app/snapshot-file.ts'
import { BrokerProcess } from '../support/broker-process.ts'
import { House, type HouseOptions } from '../support/house.ts'
import { until } from '../support/until.ts'

const plug = 'bf5b8310dfe2a947c3jy2h'

let broker: BrokerProcess

beforeAll(async () => {
  broker = await BrokerProcess.open()
})

afterAll(() => broker[Symbol.asyncDispose]())

/** A disk that takes nothing any more once it is full, as if the process had been killed then. */
function diskUntilKilled(): SnapshotDisk & { kill(): void } {
  const disk = memoryDisk()
  let isKilled = false
  return {
    ...disk,
    write: async (path, data) => (isKilled ? undefined : disk.write(path, data)),
    rename: async (from, to) => (isKilled ? undefined : disk.rename(from, to)),
    kill: () => {
      isKilled = true
    },
  }
}

function open(base: string, options: HouseOptions = {}): Promise<House> {
  return House.open({ ...options, config: { mqtt: { url: broker.url, base }, ...options.config } as never })
}

it.each([
  ['was published last', false],
  ['is in the document, where the view of it did not get out', true],
])(
  '4.4: after a kill the sum of energy goes on where it %s, not where it was saved',
  async (_, isViewLost) => {
    const base = `energy${Number(isViewLost)}`
    const topic = `state/device/${plug}/view/add_ele/total`
    const disk = diskUntilKilled()
    const total = (house: House) => house.on(topic).at(-1)?.payload
    {
      await using house = await (await open(base, { disk })).ready()
      const client = await house.observe()
      for (const [i, expected] of ['0.03', '0.06', '0.09'].entries()) {
        house.simulator.world.report(plug, { add_ele: 30 })
        await until(() => total(house) === expected, 10_000, `a sum of ${expected}`)
        if (i === 0) {
          await house.bridge.saveNow()
          disk.kill()
        }
      }
      if (isViewLost) await client.publishAsync(`${base}/${topic}`, '0.06', { qos: 1, retain: true })
    }
    // What the cloud shows at the start would count as one more portion.
    await using house = await open(base, { disk, simulator: { faults: ['latency=60000'] } })
    await house.observe()
    await until(() => house.bridge.health.links.queue.state === 'up', 20_000, 'the queue being heard')
    await house.quiet()
    house.simulator.world.report(plug, { add_ele: 30 })
    await until(() => Number(total(house)) >= 0.12, 10_000, 'the sum with one more portion')
    const said = house.on(topic).filter(({ retain }) => !retain)
    const sums = said.map(({ payload }) => Number(payload))
    expect(sums.filter((sum) => sum < 0.09)).toEqual([])
    expect(sums.at(-1)).toBe(0.12)
  },
)
