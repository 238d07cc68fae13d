import { describe, expect, it } from 'vitest'
import { DerivedBench, documentTopic } from '../support/derived-bench.ts'

describe('the trees of other conventions', () => {
  it('are named as they are switched on and off', async () => {
    const bench = new DerivedBench({ homeassistant: true })
    expect(bench.derived.names).toEqual(['homeassistant'])
    bench.publish({ homie5: true })
    expect(bench.derived.names).toEqual(['homeassistant', 'homie5'])
    bench.publish({ homeassistant: false })
    expect(bench.derived.names).toEqual(['homie5'])
    bench.publish({ homie5: false })
    expect(bench.derived.names).toEqual([])
    await bench.clock.advance(5_000)
  })

  it('take back every document when they are switched off, and say them anew when they are on again', async () => {
    const bench = new DerivedBench({ homeassistant: true }).add('a')
    await bench.found()
    bench.publish({ homeassistant: false })
    expect(await bench.found()).toEqual(['-bridge', '-a'])
    bench.add('b')
    bench.publish({ homeassistant: true })
    expect(await bench.found()).toEqual(['bridge', 'a', 'b'])
  })

  it('say nothing twice where the settings that changed are none of theirs', async () => {
    const bench = new DerivedBench({ homeassistant: true }).add('a')
    await bench.found()
    bench.publish({ reports: !bench.config.publish.reports })
    expect(await bench.found()).toEqual([])
  })

  it('look where they are, and where an earlier run had them', () => {
    const filters = { homeassistant: 'homeassistant/device/+/config', homie5: 'homie/5/+/#' }
    expect(new DerivedBench().derived.leftAt([])).toEqual([])
    expect(new DerivedBench().derived.leftAt(['native', 'homeassistant', 'homie5'])).toEqual([
      filters.homeassistant,
      filters.homie5,
    ])
    expect(new DerivedBench({ homeassistant: true, homie5: true }).derived.leftAt([])).toEqual([
      filters.homeassistant,
      filters.homie5,
    ])
  })

  it('know their own topics from those of other programs and other bridges', () => {
    const { derived } = new DerivedBench()
    expect(derived.isOurs(documentTopic('a'))).toBe(true)
    expect(derived.isOurs('homie/5/tuya-main--a/$state')).toBe(true)
    expect(derived.isOurs('homeassistant/device/zigbee_a/config')).toBe(false)
    expect(derived.isOurs('homie/5/other--a/$state')).toBe(false)
  })

  it('take the birth of Home Assistant for themselves, and leave commands to others', () => {
    const { derived } = new DerivedBench({ homeassistant: true })
    const of = (topic: string) =>
      derived.take({ topic, payload: Buffer.from('x'), retain: false, dup: false })
    expect(of('homeassistant/status')).toBe(true)
    expect(of('tuya/cmd/device/a')).toBe(false)
  })

  it('leave no timer behind when they stop', async () => {
    const bench = new DerivedBench({ homeassistant: true, homie5: true }).add('a')
    await bench.up()
    bench.derived.take({
      topic: 'homeassistant/status',
      payload: Buffer.from('online'),
      retain: false,
      dup: false,
    })
    await bench.clock.advance(5)
    await bench.clock.during(bench.derived.stop(), 1)
    expect(bench.clock.waiting).toBe(0)
  })
})
