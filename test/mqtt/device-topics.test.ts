import { describe, expect, it } from 'vitest'
import { firmwareModule } from '../support/firmware.ts'
import { MirrorBench } from '../support/mirror-bench.ts'
import { point } from '../support/point.ts'

const colour = point('json', { code: 'colour_data_v2', colour: { h: 360, s: 1000, v: 1000 } })
const temperature = point('integer', { code: 'temp', scale: 1 })

/** A lamp that has said something. */
async function lamp(settings: ConstructorParameters<typeof MirrorBench>[0] = {}): Promise<MirrorBench> {
  const bench = new MirrorBench(settings)
  bench.put('lamp', { name: 'Desk lamp' })
  bench.describe('lamp', 'bright', temperature, colour)
  bench.report('lamp', { bright: 420, temp: 215, colour_data_v2: { h: 201, s: 511, v: 899 } })
  await bench.settled()
  bench.left.length = 0
  return bench
}

it('a device without specification and values has its documents, and no values', async () => {
  const bench = new MirrorBench()
  bench.put('lamp', { online: false })
  await bench.settled()
  expect(bench.topics('state/device/lamp')).toEqual([
    'state/device/lamp/availability',
    'state/device/lamp/paths',
    'state/device/lamp',
  ])
  expect(bench.text('state/device/lamp/availability')).toBe('offline')
  expect(bench.json('state/device/lamp')).toMatchObject({ seq: 1, dp: {}, source: 'poll' })
})

it('a report is a document, scalars and views', async () => {
  const bench = await lamp()
  expect(bench.json('state/device/lamp')).toMatchObject({
    source: 'lan',
    dp: { bright: 420, temp: 21.5, colour_data_v2: { h: 201, s: 511, v: 899 } },
    raw: { temp: 215 },
  })
  expect(bench.text('state/device/lamp/dp/temp')).toBe('21.5')
  expect(bench.text('state/device/lamp/view/colour_data_v2/hsv')).toBe('201,51,90')
  bench.report('lamp', { bright: 500 })
  expect(bench.said().map((line) => line.split(' ')[0])).toEqual([
    'state/device/lamp',
    'state/device/lamp/dp/bright',
  ])
  expect(bench.json('state/device/lamp')['changed']).toEqual(['bright'])
})

it('I-2: nothing that a device says goes before the document that has it with its time', async () => {
  const bench = await lamp()
  // The document of the second report is due later; whatever is said again meanwhile must not be ahead of it.
  bench.report('lamp', { temp: 220 })
  bench.report('lamp', { temp: 225, colour_data_v2: { h: 10, s: 511, v: 899 } })
  bench.said()
  bench.mirror.totalChanged(bench.record('lamp'), 'colour_data_v2')
  expect(bench.said()).toEqual([])
  bench.mirror.settingsChanged()
  expect(bench.said().map((line) => line.split(' ').slice(0, 2))).toEqual([
    ['state/device/lamp', expect.stringContaining('22.5')],
    ['state/device/lamp/dp/temp', '22.5'],
    ['state/device/lamp/dp/colour_data_v2', expect.any(String)],
    ['state/device/lamp/view/colour_data_v2/hsv', '10,51,90'],
    ['state/device/lamp/view/colour_data_v2/rgb', expect.any(String)],
  ])
})

it('I-2: nor does its copy under a name', async () => {
  const bench = await lamp({ mirrorNames: true })
  bench.report('lamp', { temp: 220 })
  // The document is on its way, everything else still waits.
  const flying = bench.outbox.take(1)
  expect(flying?.message.topic).toBe('tuya/state/device/lamp')
  await bench.clock.advance(200)
  bench.report('lamp', { temp: 225 })
  if (flying) bench.outbox.settled(flying)
  const said = bench.said().map((line) => line.split(' ')[0] ?? '')
  expect(said.slice(0, said.indexOf('state/device/lamp'))).toEqual([])
  expect(said).toContain('state/named/device/desk_lamp')
})

it.each([true, false])(
  'I-3: copies under names follow a reload that makes them wanted: %s',
  async (wanted) => {
    const bench = await lamp({ mirrorNames: !wanted })
    bench.settings.mirrorNames = wanted
    bench.mirror.settingsChanged()
    await bench.settled()
    bench.report('lamp', { temp: 225 })
    await bench.settled()
    expect(bench.topics('state/named/').length > 0).toBe(wanted)
    if (wanted) expect(bench.json('state/named/device/desk_lamp')).toEqual(bench.json('state/device/lamp'))
  },
)

it('a point whose code is empty has a topic of its own, and leaves the document alone', async () => {
  const bench = new MirrorBench()
  bench.put('lamp')
  bench.describe('lamp', '')
  bench.report('lamp', { '': 7 })
  await bench.settled()
  expect(bench.json('state/device/lamp')['dp']).toEqual({ '': 7 })
  const [topic = ''] = bench.topics('state/device/lamp/dp/')
  expect(bench.text(topic)).toBe('7')
})

it('source and source time go along as properties', async () => {
  const bench = await lamp()
  bench.report('lamp', { bright: 1 })
  const timeMs = String(bench.clock.now())
  for (const { properties } of bench.flush())
    expect(properties?.user).toEqual({ bridge: 'main', source: 'lan', timeMs })
})

it.each([
  [{ scalars: false }, ['view/colour_data_v2/hsv', 'view/colour_data_v2/rgb']],
  [{ views: false }, ['dp/bright', 'dp/colour_data_v2', 'dp/temp']],
  [{ scalars: false, views: false }, []],
])('with %j nothing but the document says values', async (settings, expected) => {
  const bench = await lamp(settings)
  const values = bench.topics('state/device/lamp/').map((topic) => topic.slice('state/device/lamp/'.length))
  expect(values.filter((topic) => /^(dp|view)/.test(topic)).sort()).toEqual(expected)
  expect(bench.json('state/device/lamp')['dp']).toMatchObject({ bright: 420 })
})

describe('documents', () => {
  it('go out ten times a second at most, and the newest always does', async () => {
    const bench = await lamp()
    const start = bench.clock.monotonic()
    for (let i = 1; i <= 1_000; i++) {
      bench.report('lamp', { bright: i })
      bench.flush()
      await bench.clock.advance(2)
    }
    const seconds = (bench.clock.monotonic() - start) / 1_000
    const documents = () => bench.left.filter(({ topic }) => topic === 'tuya/state/device/lamp').length
    expect(documents()).toBeLessThanOrEqual(10 * seconds + 1)
    expect(documents()).toBeGreaterThanOrEqual(10 * seconds - 1)
    await bench.settled()
    expect(bench.json('state/device/lamp')['dp']).toMatchObject({ bright: 1_000 })
    expect(bench.text('state/device/lamp/dp/bright')).toBe('1000')
  })

  it('are never behind where somebody asks for one', async () => {
    const bench = await lamp()
    bench.report('lamp', { bright: 500 })
    bench.report('lamp', { bright: 501 })
    const document = bench.mirror.devices.document('lamp') ?? ''
    expect(JSON.parse(document)).toMatchObject({ dp: { bright: 501 } })
    bench.flush()
    expect(bench.json('state/device/lamp')).toEqual(JSON.parse(document))
    bench.left.length = 0
    await bench.settled()
    expect(bench.left).toEqual([])
    expect(bench.mirror.devices.document('nobody')).toBeUndefined()
  })

  it('tell of everything that changed since the one before', async () => {
    const bench = await lamp()
    bench.report('lamp', { bright: 1 })
    bench.flush()
    bench.report('lamp', { temp: 1 })
    bench.report('lamp', { bright: 2 })
    await bench.settled()
    const changes = bench.left
      .filter(({ topic }) => topic === 'tuya/state/device/lamp')
      .map(({ payload }) => JSON.parse(payload))
    expect(changes.map(({ changed }) => changed)).toEqual([['bright'], ['temp', 'bright']])
    expect(changes[1].seq - changes[0].seq).toBe(1)
  })

  it('keep the pace also when the description changes with every report', async () => {
    const bench = await lamp()
    for (let i = 0; i < 20; i++)
      bench.describe('lamp', 'bright', ...Array.from({ length: i }, (_, n) => `p${n}`))
    await bench.settled()
    const documents = bench.left.filter(({ topic }) => topic === 'tuya/state/device/lamp')
    expect(documents.length).toBeLessThanOrEqual(2)
  })

  it('say when values turn stale and fresh again', async () => {
    const bench = await lamp()
    bench.stale.add('lan')
    bench.mirror.stalenessChanged(new Set(['lan']))
    await bench.settled()
    expect(bench.json('state/device/lamp')).toMatchObject({
      stale: true,
      changed: [],
      meta: { bright: { stale: true }, temp: { stale: true } },
    })
    bench.report('lamp', { bright: 5 }, 'poll')
    await bench.settled()
    expect(bench.json('state/device/lamp')).toMatchObject({ stale: true, source: 'poll' })
    expect(bench.json('state/device/lamp')['meta']).toMatchObject({ bright: { source: 'poll' } })
    bench.stale.delete('lan')
    bench.mirror.stalenessChanged(new Set(['lan']))
    await bench.settled()
    expect(bench.json('state/device/lamp')['stale']).toBe(false)
  })

  it('only of devices that hold such values', async () => {
    const bench = await lamp()
    bench.mirror.stalenessChanged(new Set(['queue']))
    expect(await bench.settled()).toEqual([])
  })
})

describe('what is not said any more', () => {
  it('a point that the device has no more loses its topics', async () => {
    const bench = await lamp()
    bench.record('lamp').state.forget('temp')
    bench.record('lamp').state.forget('colour_data_v2')
    bench.describe('lamp', 'bright')
    await bench.settled()
    expect(bench.topics('state/device/lamp/dp')).toEqual(['state/device/lamp/dp/bright'])
    expect(bench.topics('state/device/lamp/view')).toEqual([])
  })

  it('a view that the point has no more goes, the point stays', async () => {
    const bench = await lamp()
    bench.describe('lamp', 'bright', temperature, { ...colour, colour: null })
    await bench.settled()
    expect(bench.topics('state/device/lamp/view')).toEqual([])
    expect(bench.topics('state/device/lamp/dp')).toHaveLength(3)
  })

  it('a view of a value that cannot be read goes until one can', async () => {
    const bench = await lamp()
    bench.report('lamp', { colour_data_v2: 'nonsense' })
    await bench.settled()
    expect(bench.topics('state/device/lamp/view')).toEqual([])
    bench.report('lamp', { colour_data_v2: { h: 0, s: 1000, v: 1000 } })
    await bench.settled()
    expect(bench.text('state/device/lamp/view/colour_data_v2/rgb')).toBe('255,0,0')
  })
})

describe('removal', () => {
  it('says offline first, then takes back what the device says, then what it is', async () => {
    const bench = await lamp({ mirrorNames: true })
    bench.devices.delete('lamp')
    bench.mirror.devices.remove('lamp')
    const lines = bench.said()
    expect(lines[0]).toBe('state/device/lamp/availability offline')
    expect(lines.slice(1).every((line) => !line.includes(' '))).toBe(true)
    const firstMeta = lines.findIndex((line) => line.startsWith('meta/'))
    expect(lines.slice(firstMeta)).toEqual(['meta/device/lamp', 'meta/device/lamp/spec'])
    expect(bench.topics('state/')).toEqual([])
  })

  it('no document follows a device that is gone', async () => {
    const bench = await lamp()
    bench.report('lamp', { bright: 1 })
    bench.report('lamp', { bright: 2 })
    bench.devices.delete('lamp')
    bench.mirror.devices.remove('lamp')
    await bench.settled()
    expect(bench.topics('state/')).toEqual([])
  })

  it('a removed device that says nothing on a topic is not said to be offline there', async () => {
    const bench = new MirrorBench()
    bench.mirror.devices.remove('never seen')
    expect(bench.said()).toEqual([])
  })
})

it('the way to the device is told on change', async () => {
  const bench = await lamp()
  bench.path = { state: 'down', sinceMs: 9, reason: 'quota', lastMs: 1 }
  bench.mirror.pathsChanged()
  bench.mirror.pathsChanged()
  expect(bench.said()).toEqual([
    'state/device/lamp/paths {"lan":{"state":"unused"},"cloud":{"state":"down","sinceMs":9,"reason":"quota"}}',
  ])
})

it('leaves no timer behind', async () => {
  const bench = await lamp()
  bench.report('lamp', { bright: 1 })
  bench.report('lamp', { bright: 2 })
  bench.mirror.stop()
  expect(bench.clock.waiting).toBe(0)
})

describe('the sum of energy portions', () => {
  const portions = point('integer', { code: 'add_ele', scale: 3 })

  it('4.4: is a view, told with the value and also when an equal portion came', async () => {
    const bench = new MirrorBench()
    bench.put('plug')
    bench.describe('plug', portions)
    bench.totals.set('plug/add_ele', 0.012)
    bench.report('plug', { add_ele: 12 })
    await bench.settled()
    expect(bench.text('state/device/plug/dp/add_ele')).toBe('0.012')
    expect(bench.text('state/device/plug/view/add_ele/total')).toBe('0.012')
    expect(bench.json('meta/device/plug/spec')['dp']).toMatchObject({ add_ele: { views: ['total'] } })
    expect(bench.json('state/device/plug')['meta']).toMatchObject({ add_ele: { total: 0.012 } })
    bench.totals.set('plug/add_ele', 0.024)
    bench.mirror.totalChanged(bench.record('plug'), 'add_ele')
    await bench.settled()
    expect(bench.json('state/device/plug')).toMatchObject({
      changed: ['add_ele'],
      meta: { add_ele: { total: 0.024 } },
    })
    expect(bench.text('state/device/plug/view/add_ele/total')).toBe('0.024')
  })

  it('is not told where views are off, nor before there is one', async () => {
    for (const [settings, total] of [
      [{ views: false }, 0.5],
      [{}, undefined],
    ] as const) {
      const bench = new MirrorBench(settings)
      bench.put('plug')
      bench.describe('plug', portions)
      if (total !== undefined) bench.totals.set('plug/add_ele', total)
      bench.report('plug', { add_ele: 12 })
      bench.mirror.totalChanged(bench.record('plug'), 'add_ele')
      await bench.settled()
      expect(bench.topics('state/device/plug/view/')).toEqual([])
    }
  })
})

it('9: the firmware of a device has a topic, which goes with the device', async () => {
  const bench = await lamp()
  bench.mirror.beside.firmware('lamp', [firmwareModule(0, { status: 'ready', latest: '2.0.0' })])
  await bench.settled()
  expect(bench.json('state/device/lamp/ota')).toMatchObject({
    installed_version: '1.0.0',
    latest_version: '2.0.0',
  })
  bench.remove('lamp')
  await bench.settled()
  expect(bench.topics('state/device/lamp')).toEqual([])
})
