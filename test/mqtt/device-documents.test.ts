import { describe, expect, it } from 'vitest'
import { MirrorBench } from '../support/mirror-bench.ts'

/** A lamp that has said something, and somebody who waits for what it says next. */
async function lamp(settings: ConstructorParameters<typeof MirrorBench>[0] = {}) {
  const bench = new MirrorBench(settings)
  bench.put('lamp')
  bench.describe('lamp', 'bright', 'temp')
  bench.report('lamp', { bright: 1, temp: 1 })
  await bench.settled()
  bench.left.length = 0
  const told: string[] = []
  const report = (who: string, values: Record<string, unknown>, timeMs?: number) =>
    bench.report('lamp', values, 'queue', (delivered) => told.push(`${who} ${delivered}`), timeMs)
  const documents = () => bench.left.filter(({ topic }) => topic === 'tuya/state/device/lamp').length
  return { bench, told, report, documents }
}

describe('who waits for a report', () => {
  it('is told when the broker has the document, not before', async () => {
    const { bench, told, report } = await lamp()
    report('one', { bright: 2 })
    await bench.clock.advance(1_000)
    expect(told).toEqual([])
    bench.flush()
    expect(told).toEqual(['one true'])
  })

  it('waits for the document that is due, where one went out just now', async () => {
    const { bench, told, report, documents } = await lamp()
    report('one', { bright: 2 })
    bench.flush()
    report('two', { bright: 3 })
    report('three', { temp: 3 })
    bench.flush()
    expect(told).toEqual(['one true'])
    await bench.settled()
    expect(told).toEqual(['one true', 'two true', 'three true'])
    expect(documents()).toBe(2)
  })

  it('of an old value is told at once where the newer one is settled', async () => {
    const { bench, told, report } = await lamp()
    report('old', { bright: 9 }, bench.clock.now() - 5_000)
    expect(told).toEqual(['old true'])
    expect(bench.flush()).toEqual([])
  })

  it('of an old value waits for the newer one where that is on its way', async () => {
    const { bench, told, report } = await lamp()
    report('newer', { bright: 2 })
    const entry = bench.outbox.take(1)
    report('old', { bright: 9 }, bench.clock.now() - 5_000)
    await bench.clock.advance(1_000)
    expect(told).toEqual([])
    if (entry) bench.outbox.settled(entry)
    expect(told).toEqual(['newer true', 'old true'])
  })

  it('of the same value has its newer time in a document: after a kill nothing older gets in', async () => {
    const { bench, told, report } = await lamp()
    await bench.clock.advance(5_000)
    report('same', { bright: 1 })
    await bench.settled()
    expect(told).toEqual(['same true'])
    expect(bench.json('state/device/lamp')).toMatchObject({
      changed: [],
      source: 'queue',
      meta: { bright: { timeMs: bench.clock.now() - 200 } },
    })
  })

  it('of an old value waits for a document with the newer time, also where nobody waited for that', async () => {
    const { bench, told, report } = await lamp()
    await bench.clock.advance(5_000)
    bench.report('lamp', { bright: 1 }, 'lan')
    expect(bench.flush()).toEqual([])
    report('old', { bright: 9 }, bench.clock.now() - 1)
    expect(told).toEqual([])
    bench.flush()
    expect(told).toEqual(['old true'])
    expect(bench.json('state/device/lamp')['meta']).toMatchObject({ bright: { timeMs: bench.clock.now() } })
  })

  it('waits through a lost connection, and for the newest document alone', async () => {
    const { bench, told, report, documents } = await lamp()
    report('one', { bright: 2 })
    bench.outbox.take(1)
    bench.outbox.disconnected(false)
    bench.publisher.pause()
    report('two', { bright: 3 })
    await bench.clock.advance(60_000)
    report('three', { bright: 3 })
    await bench.clock.advance(1_000)
    expect(told).toEqual([])
    bench.publisher.resume()
    await bench.settled()
    expect(told).toEqual(['one true', 'two true', 'three true'])
    expect(documents()).toBeLessThanOrEqual(2)
  })

  it('of what was said while nobody listened waits for a broker', async () => {
    const { bench, told, report } = await lamp()
    bench.publisher.pause()
    bench.report('lamp', { bright: 5 }, 'poll')
    await bench.clock.advance(1_000)
    expect(bench.outbox.size).toBe(0)
    report('one', { bright: 4 }, bench.clock.now() - 5_000)
    await bench.clock.advance(1_000)
    expect(told).toEqual([])
    bench.publisher.resume()
    await bench.settled()
    expect(told).toEqual(['one true'])
    expect(bench.json('state/device/lamp')['dp']).toMatchObject({ bright: 5 })
  })

  it('waits for room in the outbox', async () => {
    const { bench, told, report } = await lamp({ caps: { states: 8 } })
    const { publisher } = bench
    for (let i = 0; i < 8; i++)
      publisher.retain(
        'x',
        'stateDp',
        { device: 'x', code: `${i}` },
        { text: '1', contentType: 'text/plain' },
      )
    report('one', { bright: 2 })
    expect(bench.refused).toContain('full tuya/state/device/lamp')
    bench.flush()
    expect(told).toEqual([])
    await bench.clock.advance(1_000)
    await bench.settled()
    expect(told).toEqual(['one true'])
    expect(bench.json('state/device/lamp')['dp']).toMatchObject({ bright: 2 })
  })

  it('is told that it was refused where the document cannot be delivered', async () => {
    const { bench, told, report } = await lamp()
    report('one', { bright: 2 })
    const entry = bench.outbox.take(1)
    if (entry) bench.outbox.dead(entry)
    expect(told).toEqual(['one false'])
    bench.flush()
    report('two', { bright: 2 })
    await bench.settled()
    expect(told).toEqual(['one false', 'two true'])
  })

  it('of a device that goes is told when its document is gone', async () => {
    const { bench, told, report } = await lamp()
    report('one', { bright: 2 })
    report('two', { bright: 3 })
    bench.remove('lamp')
    expect(told).toEqual([])
    await bench.settled()
    expect(told).toEqual(['one true', 'two true'])
    expect(bench.topics('state/device/lamp')).toEqual([])
  })

  it('is told at once where nothing is left to say', async () => {
    const { bench, told, report } = await lamp()
    report('nothing', {})
    expect(told).toEqual(['nothing true'])
    expect(bench.flush()).toEqual([])
  })
})

it('a report that says nothing new is no document where nobody waits', async () => {
  const { bench } = await lamp()
  await bench.clock.advance(5_000)
  bench.report('lamp', { bright: 1 }, 'lan')
  expect(await bench.settled()).toEqual([])
})

it('a broker that answers slowly is not given more documents than somebody waits for', async () => {
  const { bench, told, report, documents } = await lamp()
  for (let i = 0; i < 100; i++) {
    report(`${i}`, { bright: i + 10 })
    await bench.clock.advance(100)
  }
  expect(told).toEqual([])
  expect(bench.outbox.size).toBeLessThanOrEqual(2)
  await bench.settled()
  await bench.settled()
  expect(told).toEqual(Array.from({ length: 100 }, (_, i) => `${i} true`))
  expect(documents()).toBeLessThanOrEqual(2)
})

describe('who says the same elsewhere', () => {
  it('I-2: learns when the broker has the document that was said', async () => {
    const { bench, told, documents } = await lamp()
    const said: string[] = []
    bench.mirror.devices.events.on('said', ({ changed }) => said.push(changed.join(',')))
    const wait = (who: string) =>
      bench.mirror.devices.whenHeld('lamp', (delivered) => told.push(`${who} ${delivered}`))
    wait('early')
    expect(told).toEqual(['early true'])
    bench.report('lamp', { bright: 2 }, 'lan')
    expect(said).toEqual(['bright'])
    wait('one')
    // What is due later is no business of who waits for what was said.
    bench.report('lamp', { bright: 3 }, 'lan')
    expect(told).toEqual(['early true'])
    bench.flush()
    expect(told).toEqual(['early true', 'one true'])
    await bench.settled()
    expect(documents()).toBe(2)
  })

  it('waits no longer for a document because a newer time came that nobody is told', async () => {
    const { bench, told, documents } = await lamp()
    bench.report('lamp', { bright: 2 }, 'lan')
    bench.report('lamp', { bright: 2 }, 'lan')
    bench.mirror.devices.whenHeld('lamp', (delivered) => told.push(`one ${delivered}`))
    bench.flush()
    await bench.settled()
    expect(told).toEqual(['one true'])
    expect(documents()).toBe(1)
  })

  it('has what was said without a connection when there is one again', async () => {
    const { bench, told } = await lamp()
    bench.publisher.pause()
    bench.report('lamp', { bright: 2 }, 'lan')
    bench.mirror.devices.whenHeld('lamp', (delivered) => told.push(`one ${delivered}`))
    await bench.clock.advance(1_000)
    expect(told).toEqual([])
    bench.publisher.resume()
    await bench.settled()
    expect(told).toEqual(['one true'])
  })

  it('is not kept waiting for a device that is not there', async () => {
    const { bench, told } = await lamp()
    bench.mirror.devices.whenHeld('nobody', (delivered) => told.push(`one ${delivered}`))
    expect(told).toEqual(['one false'])
  })
})
