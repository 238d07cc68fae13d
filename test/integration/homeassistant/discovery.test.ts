import { describe, expect, it } from 'vitest'
import { abilitiesOf } from '../../../src/domain/ability.ts'
import type { Home } from '../../../src/domain/home.ts'
import type { Scene } from '../../../src/domain/scene.ts'
import { Discovery } from '../../../src/integration/homeassistant/discovery.ts'
import type { DocumentedDevice } from '../../../src/integration/homeassistant/document.ts'
import { largestPayload } from '../../../src/mqtt/message.ts'
import { TopicTree } from '../../../src/mqtt/topic.ts'
import { deviceOf } from '../../support/device.ts'
import { modelOf, specificationOf } from '../../support/model.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

function documented(id: string, dps = modelOf('plug').dps): DocumentedDevice {
  return {
    device: deviceOf(id, { category: 'cz', homeId: '1' }),
    abilities: abilitiesOf('cz', specificationOf(dps)),
    roomName: null,
    firmware: false,
    installs: false,
  }
}

/** Documents of an earlier run, of which nothing can be read. */
function left(...objects: readonly string[]): Map<string, string> {
  return new Map(objects.map((object) => [`homeassistant/device/tuya_main_${object}/config`, '']))
}

class Bench {
  readonly clock = new VirtualClock()
  readonly devices = new Map<string, DocumentedDevice>()
  readonly homes = new Map<string, Home>()
  scenes: readonly Scene[] = []
  readonly awaited = new Set<string>()
  readonly said: string[] = []
  readonly texts = new Map<string, string>()
  readonly discovery = new Discovery({
    prefix: 'homeassistant',
    instance: 'main',
    version: '1',
    tree: new TopicTree('tuya'),
    clock: this.clock,
    random: () => 0.5,
    house: {
      device: (id) => this.devices.get(id),
      home: (id) => this.homes.get(id),
      scenes: () => this.scenes,
      isAwaited: (id) => this.awaited.has(id),
      automations: () => [],
      actionNames: () => [],
    },
    sink: {
      retain: (topic, { text }) => {
        this.said.push(`+${short(topic)}`)
        this.texts.set(short(topic), text)
      },
      repeat: (topic) => this.said.push(`=${short(topic)}`),
      clear: (topic) => this.said.push(`-${short(topic)}`),
    },
  })

  on(...ids: string[]): this {
    for (const id of ids) this.devices.set(id, documented(id))
    this.discovery.switchOn(ids.map((id) => `device/${id}` as const))
    return this
  }

  async after(ms: number): Promise<string[]> {
    await this.clock.advance(ms)
    return this.said.splice(0)
  }

  components(object: string): Record<string, Record<string, unknown>> {
    return JSON.parse(this.texts.get(object) ?? '{}').components
  }
}

/** A home with as many scenes, whose ids and names are as long as they can be expected to be. */
function home(bench: Bench, scenes: number): Bench {
  bench.homes.set('7', { id: '7', name: 'Home', geoName: '', lat: 0, lon: 0 })
  bench.scenes = Array.from({ length: scenes }, (_, i) => sceneOf(i))
  bench.discovery.switchOn(['scenes/7'])
  return bench
}

function sceneOf(i: number): Scene {
  const id = `scene${String(i).padStart(11, '0')}`
  return { id, name: `Everything off, upstairs and downstairs ${i}`, homeId: '7', enabled: true } as Scene
}

function short(topic: string): string {
  return topic.replace(/^homeassistant\/device\/tuya_main_/, '').replace(/\/config$/, '')
}

describe('discovery for Home Assistant', () => {
  it('tells of the bridge first and of one thing after the other', async () => {
    const bench = new Bench().on('a', 'b')
    expect(await bench.after(10)).toEqual(['+bridge'])
    expect(await bench.after(10)).toEqual(['+a'])
    expect(await bench.after(10)).toEqual(['+b'])
    expect(await bench.after(1_000)).toEqual([])
  })

  it('says nothing while it is off', async () => {
    const bench = new Bench()
    bench.devices.set('a', documented('a'))
    bench.discovery.touch('device/a')
    bench.discovery.born()
    expect(await bench.after(20_000)).toEqual([])
  })

  it('a burst of changes is one document', async () => {
    const bench = new Bench().on('a')
    for (let i = 0; i < 50; i++) bench.discovery.touch('device/a')
    expect(await bench.after(1_000)).toEqual(['+bridge', '+a'])
  })

  it('says everything again within ten seconds of a birth, once', async () => {
    const bench = new Bench().on('a')
    await bench.after(1_000)
    bench.discovery.born()
    bench.discovery.born()
    expect(await bench.after(4_900)).toEqual([])
    expect(await bench.after(5_000)).toEqual(['=bridge', '=a'])
  })

  it('a device that goes is taken back at once', async () => {
    const bench = new Bench().on('a')
    await bench.after(1_000)
    bench.devices.delete('a')
    bench.discovery.remove('device/a')
    expect(await bench.after(0)).toEqual(['-a'])
    bench.discovery.touch('device/a')
    expect(await bench.after(1_000)).toEqual([])
  })

  function withoutChildLock(bench: Bench): void {
    const dps = modelOf('plug').dps.filter(({ code }) => code !== 'child_lock')
    bench.devices.set('a', documented('a', dps))
    bench.discovery.touch('device/a')
  }

  it('an entity that goes is named once more, with its platform alone', async () => {
    const bench = new Bench().on('a')
    await bench.after(1_000)
    withoutChildLock(bench)
    await bench.after(1_000)
    expect(bench.components('a')['child_lock']).toEqual({ platform: 'switch' })
    expect(bench.components('a')['switch_1']).toHaveProperty('unique_id')
  })

  it('after a minute the document does without what went, as openHAB takes none that names it', async () => {
    const bench = new Bench().on('a')
    await bench.after(1_000)
    withoutChildLock(bench)
    await bench.after(1_000)
    bench.discovery.touch('device/a')
    await bench.after(58_000)
    expect(bench.components('a')['child_lock']).toEqual({ platform: 'switch' })
    expect(await bench.after(2_000)).toEqual(['+a'])
    expect(bench.components('a')).not.toHaveProperty('child_lock')
    expect(bench.components('a')['switch_1']).toHaveProperty('unique_id')
    expect(await bench.after(600_000)).toEqual([])
  })

  it('a Home Assistant that comes up later reads what went as well', async () => {
    const bench = new Bench().on('a')
    await bench.after(1_000)
    withoutChildLock(bench)
    await bench.after(100_000)
    bench.discovery.born()
    await bench.after(11_000)
    expect(bench.components('a')['child_lock']).toEqual({ platform: 'switch' })
    await bench.after(60_000)
    expect(bench.components('a')).not.toHaveProperty('child_lock')
  })

  it('an entity that comes back is whole, also when the minute is over', async () => {
    const bench = new Bench().on('a')
    await bench.after(1_000)
    withoutChildLock(bench)
    await bench.after(1_000)
    bench.devices.set('a', documented('a'))
    bench.discovery.touch('device/a')
    await bench.after(100_000)
    expect(bench.components('a')['child_lock']).toHaveProperty('unique_id')
  })

  it('switched off it takes everything back, what an earlier run left as well', async () => {
    const bench = new Bench().on('a')
    await bench.after(1_000)
    bench.discovery.adopt(left('old'))
    bench.discovery.switchOff()
    expect(await bench.after(0)).toEqual(['-bridge', '-a', '-old'])
  })

  it('what an earlier run left goes when everything was read and said, and nothing else does', async () => {
    const bench = new Bench().on('a')
    bench.discovery.adopt(left('a', 'old'))
    expect(await bench.after(1_000)).toEqual(['+bridge', '+a'])
    bench.discovery.everythingRead()
    expect(await bench.after(0)).toEqual(['-old'])
  })

  it('what an earlier run left goes at once where it is switched off', async () => {
    const bench = new Bench()
    bench.discovery.adopt(left('old'))
    expect(await bench.after(0)).toEqual(['-old'])
  })

  it.each([
    ['before', 0],
    ['after', 1_000],
  ])(
    'an entity that went while nobody published is taken back: %s the new document was made',
    async (_, ms) => {
      const first = new Bench().on('a')
      await first.after(1_000)
      const second = new Bench().on('a')
      withoutChildLock(second)
      await second.after(ms)
      second.discovery.adopt(
        new Map([['homeassistant/device/tuya_main_a/config', first.texts.get('a') ?? '']]),
      )
      await second.after(1_000)
      expect(second.components('a')['child_lock']).toEqual({ platform: 'switch' })
      expect(second.components('a')['switch_1']).toHaveProperty('unique_id')
      await second.after(60_000)
      expect(second.components('a')).not.toHaveProperty('child_lock')
    },
  )

  it.each(['', '{', '[]', '{"components":[1]}', '{"components":{"x":{"platform":7},"y":3}}'])(
    'a document of an earlier run that cannot be read is no matter: %s',
    async (text) => {
      const bench = new Bench().on('a')
      bench.discovery.adopt(new Map([['homeassistant/device/tuya_main_a/config', text]]))
      await bench.after(1_000)
      for (const component of Object.values(bench.components('a')))
        expect(component).toHaveProperty('unique_id')
    },
  )

  it('documents of other bridges are not ours', () => {
    const { discovery } = new Bench()
    expect(discovery.topics.isOurs('homeassistant/device/tuya_main_a/config')).toBe(true)
    expect(discovery.topics.isOurs('homeassistant/device/tuya_main2_a/config')).toBe(false)
    expect(discovery.topics.isOurs('homeassistant/device/zigbee_a/config')).toBe(false)
  })
})

describe('a home with too much for one document', () => {
  const pages = (bench: Bench) => [...bench.texts.keys()].filter((object) => object.startsWith('scenes_7'))
  /** Which document has which scene, stubs of gone ones left out. */
  const places = (bench: Bench) =>
    new Map(
      pages(bench).flatMap((object) =>
        Object.entries(bench.components(object))
          .filter(([key, { unique_id }]) => unique_id !== undefined && !key.endsWith('_enabled'))
          .map(([key]) => [key, object] as const),
      ),
    )

  it.each([100, 1_000, 3_000])(
    '%i scenes are all told, in messages of a size that may be sent',
    async (count) => {
      const bench = home(new Bench(), count)
      await bench.after(1_000)
      expect(places(bench).size).toBe(count)
      for (const object of pages(bench))
        expect(Buffer.byteLength(bench.texts.get(object) ?? '')).toBeLessThanOrEqual(largestPayload)
    },
  )

  it('few scenes have one document with the name that it always had', async () => {
    expect(await home(new Bench(), 20).after(1_000)).toEqual(['+bridge', '+scenes_7'])
  })

  it('scenes that come leave the others where they are, or take half of them to new documents', async () => {
    const bench = home(new Bench(), 400)
    await bench.after(1_000)
    const before = places(bench)
    bench.scenes = [...bench.scenes, sceneOf(400)]
    bench.discovery.touch('scenes/7')
    await bench.after(1_000)
    for (const [key, object] of before) expect(places(bench).get(key)).toBe(object)

    bench.scenes = Array.from({ length: 1_200 }, (_, i) => sceneOf(i))
    bench.discovery.touch('scenes/7')
    await bench.after(1_000)
    const after = places(bench)
    expect(after.size).toBe(1_200)
    const [moved] = [...before].filter(([key, object]) => after.get(key) !== object)
    const [key, object] = moved ?? ['', '']
    // Home Assistant is told that it is gone there before it is told where it is.
    expect(bench.components(object)[key]).toEqual({ platform: 'scene' })
  })

  it('scenes that go leave the others where they are, also after a restart', async () => {
    const first = home(new Bench(), 1_000)
    await first.after(1_000)
    const before = places(first)
    const second = home(new Bench(), 30)
    second.discovery.adopt(left(...pages(first)))
    second.discovery.everythingRead()
    await second.after(1_000)
    expect(places(second).size).toBe(30)
    for (const [key, object] of places(second)) expect(object).toBe(before.get(key))
  })

  it('a home that goes takes all of its documents with it', async () => {
    const bench = home(new Bench(), 1_000)
    const said = (await bench.after(1_000)).filter((one) => one.startsWith('+scenes'))
    bench.discovery.remove('scenes/7')
    expect(await bench.after(0)).toEqual(said.map((one) => one.replace('+', '-')))
  })
})
