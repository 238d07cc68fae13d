import { describe, expect, it } from 'vitest'
import { Simulator } from '../../src/simulator/simulator.ts'
import { demoWorld } from '../../src/simulator/world-file.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

describe('the simulator', () => {
  it('tells a client where it is and how to log in', async () => {
    await using simulator = new Simulator({ world: demoWorld(), alive: false })
    const { cloud } = await simulator.start()
    expect(cloud).toEqual({
      endpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      accessId: 'demo5q7w9e1r3t5y7u9i',
      accessSecret: 'demo0000secret1111demo2222secret',
      uid: 'eu1528964101460qLVPu',
    })
    const reply = await fetch(`${cloud.endpoint}/v1.0/token?grant_type=1`)
    expect(await reply.json()).toMatchObject({ success: false, code: 1105 })
  })

  it('lives from its start to its end, on the clock that it was given', async () => {
    const clock = new VirtualClock()
    const simulator = new Simulator({ world: demoWorld(), seed: 3, clock })
    await clock.advance(60_000)
    expect(simulator.journal.entries('report')).toEqual([])
    await simulator.start()
    await clock.advance(60_000)
    const reports = simulator.journal.entries('report')
    expect(reports.length).toBeGreaterThan(50)
    expect(reports[0]?.detail).toHaveProperty('values')
    await simulator[Symbol.asyncDispose]()
    await clock.advance(60_000)
    expect(simulator.journal.entries('report')).toHaveLength(reports.length)
    expect(clock.waiting).toBe(0)
  })

  it('stands still when that is asked for', async () => {
    const clock = new VirtualClock()
    await using simulator = new Simulator({ world: demoWorld(), clock, alive: false })
    await simulator.start()
    await clock.advance(600_000)
    expect(simulator.journal.entries('report')).toEqual([])
  })

  it('refuses faults that there are not', () => {
    expect(() => new Simulator({ world: demoWorld(), faults: ['latncy=5'] })).toThrow(/Did you mean latency/)
  })
})
