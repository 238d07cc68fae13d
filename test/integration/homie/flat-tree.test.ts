import { describe, expect, it } from 'vitest'
import { valueCodec } from '../../../src/codec/data-point/codec.ts'
import { abilitiesOf } from '../../../src/domain/ability.ts'
import type { DataPoint, Json } from '../../../src/domain/data-point.ts'
import { flatPrefix } from '../../../src/integration/homie/device.ts'
import { FlatTree } from '../../../src/integration/homie/flat-tree.ts'
import type { DescribedDevice } from '../../../src/integration/homie/tree-parts.ts'
import { builtinModels } from '../../../src/simulator/world-file.ts'
import { deviceOf } from '../../support/device.ts'
import { lifeFaults, readHomie4 } from '../../support/homie4-reader.ts'
import { specification } from '../../support/mirrored.ts'
import { modelOf, specificationOf } from '../../support/model.ts'
import { point } from '../../support/point.ts'

type More = Partial<DescribedDevice> & { readonly online?: boolean; readonly name?: string }

class Bench {
  readonly said: (readonly [topic: string, payload: string, retain: boolean])[] = []
  readonly retained = new Map<string, string>()
  readonly devices = new Map<string, DescribedDevice>()
  readonly values = new Map<string, Json>()
  readonly tree = new FlatTree({
    domain: 'homie',
    instance: 'main',
    device: (id) => this.devices.get(id),
    say: (topic, payload, retain) => {
      this.said.push([topic, payload, retain])
      if (retain && payload === '') this.retained.delete(topic)
      else if (retain) this.retained.set(topic, payload)
    },
    now: () => 0,
  })

  add(id: string, model: string, more: More = {}): this {
    const { category, dps } = modelOf(model)
    return this.#add(id, category, specificationOf(dps), more)
  }

  /** A device of no known kind, with these points. */
  plain(id: string, points: readonly DataPoint[], more: More = {}): this {
    return this.#add(id, 'unknown', specification(points), more)
  }

  #add(id: string, category: string, of: ReturnType<typeof specification>, more: More): this {
    this.devices.set(id, {
      device: deviceOf(id, { name: more.name ?? id, category, homeId: '1', online: more.online ?? true }),
      abilities: abilitiesOf(category, of),
      value: (code, view) => {
        const value = this.values.get(`${id}/${code}`)
        const found = of.points.get(code)
        if (value === undefined || view === null || !found) return value
        return valueCodec.views(found, value).find(({ name }) => name === view)?.value
      },
      faults: [],
      ...more,
    })
    return this
  }

  take(): string[] {
    return this.said
      .splice(0)
      .map(
        ([topic, payload, retain]) => `${topic.replace('homie/', '')} ${payload}${retain ? '' : ' (once)'}`,
      )
  }

  of(id: string, path: string): string | undefined {
    return this.retained.get(`homie/tuya-main-${id}/${path}`)
  }
}

const lamp = 'tuya-main-lamp'

describe('a tree of Homie 4', () => {
  it('tells a device between init and ready, what a list names before the list', () => {
    const bench = new Bench().add('door', 'contact')
    bench.values.set('door/doorcontact_state', true).set('door/battery_percentage', 87)
    bench.tree.tell(['door'])
    const door = 'tuya-main-door'
    const contact = `${door}/doorcontact-state`
    const battery = `${door}/battery-percentage`
    expect(bench.take()).toEqual([
      `${door}/$state init`,
      `${door}/$extensions `,
      `${door}/$homie 4.0.0`,
      `${door}/$name door`,
      `${door}/$implementation dp2mqtt`,
      `${contact}/doorcontact-state/$name Door`,
      `${contact}/doorcontact-state/$datatype boolean`,
      `${contact}/$name Door`,
      `${contact}/$type binary`,
      `${contact}/$properties doorcontact-state`,
      `${battery}/battery-percentage/$name Battery`,
      `${battery}/battery-percentage/$datatype integer`,
      `${battery}/battery-percentage/$format 0:100`,
      `${battery}/battery-percentage/$unit %`,
      `${battery}/$name Battery`,
      `${battery}/$type sensor`,
      `${battery}/$properties battery-percentage`,
      `${door}/temper-alarm/temper-alarm/$name Tampering`,
      `${door}/temper-alarm/temper-alarm/$datatype boolean`,
      `${door}/temper-alarm/$name Tampering`,
      `${door}/temper-alarm/$type binary`,
      `${door}/temper-alarm/$properties temper-alarm`,
      `${door}/$nodes doorcontact-state,battery-percentage,temper-alarm`,
      `${contact}/doorcontact-state true`,
      `${battery}/battery-percentage 87`,
      `${door}/$state ready`,
    ])
  })

  it('has for colours a form and no word before them, and for ranges two numbers', () => {
    const bench = new Bench().add('lamp', 'lamp_v2')
    bench.values.set('lamp/colour_data_v2', { h: 201, s: 511, v: 899 })
    bench.tree.tell(['lamp'])
    expect(bench.of('lamp', 'light/colour-data-v2/$format')).toBe('hsv')
    expect(bench.of('lamp', 'light/colour-data-v2')).toBe('201,51,90')
    expect(bench.of('lamp', 'light/bright-value-v2/$format')).toBe('10:1000')
    expect(bench.of('lamp', 'light/bright-value-v2/$settable')).toBe('true')
  })

  it.each(Object.keys(builtinModels()))(
    'of a %s is one that a strict reader takes, whatever it reports',
    (model) => {
      const bench = new Bench().add('one', model)
      const { dps } = modelOf(model)
      for (const found of specificationOf(dps).points.values())
        bench.values.set(`one/${found.code}`, sample(found))
      bench.tree.tell(['one'])
      const { devices, faults } = readHomie4(bench.retained)
      expect(faults).toEqual([])
      expect(lifeFaults(bench.said)).toEqual([])
      expect(devices.get('tuya-main-one')?.properties.size).toBeGreaterThan(0)
    },
  )

  it('is told in lists and objects as text', () => {
    const bench = new Bench().plain('one', [point('bitmap', { code: 'fault', labels: ['a', 'b'] })])
    bench.values.set('one/fault', ['a'])
    bench.tree.tell(['one'])
    expect(bench.of('one', 'fault/fault/$datatype')).toBe('string')
    expect(bench.of('one', 'fault/fault')).toBe('["a"]')
  })

  it('an empty text leaves nothing behind', () => {
    const bench = new Bench().plain('one', [point('string', { code: 'note' })])
    bench.values.set('one/note', 'x')
    bench.tree.tell(['one'])
    expect(bench.of('one', 'note/note')).toBe('x')
    bench.values.set('one/note', '')
    bench.tree.reported('one', ['note'])
    expect(bench.of('one', 'note/note')).toBeUndefined()
    bench.take()
    bench.tree.reported('one', ['note'])
    expect(bench.take()).toEqual([])
  })

  it.each([
    ['', 'an empty name'],
    ['  ', 'blanks'],
    ['x'.repeat(10_000), 'a long one'],
    ['homie/+/#,$nodes\u0000', 'words of topics'],
  ])('%.20s: a device called by %s is found by a name', (name) => {
    const bench = new Bench().add('lamp', 'lamp_v2', { name })
    bench.tree.tell(['lamp'])
    expect(readHomie4(bench.retained).faults).toEqual([])
    expect(bench.of('lamp', '$name')?.length).toBeLessThanOrEqual(256)
  })

  it('ids and codes of any letters never leave the place of their device, nor take that of Homie 5', () => {
    const codes = ['$name', '5', 'set', 'a/b', '#', 'ünïcode', 'A', 'a']
    const bench = new Bench()
    const ids = ['5', '5/x', '$broadcast', '../up', 'UPPER', 'upper']
    for (const id of ids)
      bench.plain(
        id,
        codes.map((code) => point('boolean', { code })),
      )
    for (const id of ids) for (const code of codes) bench.values.set(`${id}/${code}`, true)
    bench.tree.tell(ids)
    const { devices, faults } = readHomie4(bench.retained)
    expect(faults).toEqual([])
    expect(devices.size).toBe(ids.length)
    for (const { properties } of devices.values()) expect(properties.size).toBe(codes.length)
    for (const topic of bench.retained.keys()) expect(topic).toMatch(/^homie\/tuya-main-/)
  })

  it('a range that is none, and an enum without words, are left out', () => {
    const bench = new Bench().plain('one', [
      point('integer', { code: 'level', min: 5, max: 5 }),
      point('enum', { code: 'mode', range: ['a,b', ''] }),
    ])
    bench.tree.tell(['one'])
    expect(bench.of('one', 'level/level/$format')).toBeUndefined()
    expect(bench.of('one', 'mode/mode/$datatype')).toBe('string')
  })

  it('a device that can do nothing says so by naming no node', () => {
    const bench = new Bench().plain('one', [])
    bench.tree.tell(['one'])
    expect(bench.of('one', '$nodes')).toBeUndefined()
    expect(readHomie4(bench.retained).faults).toEqual([])
  })
})

describe('a device of Homie 4 that changes', () => {
  it('is described anew in init, and what it has no more is taken back', () => {
    const bench = new Bench().add('lamp', 'lamp_v2')
    bench.values.set('lamp/switch_led', true).set('lamp/do_not_disturb', false)
    bench.tree.tell(['lamp'])
    bench.said.length = 0
    bench.add('lamp', 'lamp_v1')
    bench.tree.changed('lamp')
    expect(lifeFaults(bench.said)).toEqual([])
    expect(bench.said[0]).toEqual([`homie/${lamp}/$state`, 'init', true])
    expect(bench.said.at(-1)).toEqual([`homie/${lamp}/$state`, 'ready', true])
    expect(readHomie4(bench.retained).faults).toEqual([])
    expect(bench.of('lamp', 'do-not-disturb/do-not-disturb')).toBeUndefined()
    bench.take()
    bench.tree.changed('lamp')
    expect(bench.take()).toEqual([])
  })

  it('that cannot be set any more is heard of by who keeps what was heard', () => {
    const at = (access: 'rw' | 'ro') => new Bench().plain('one', [point('boolean', { code: 'on', access })])
    const bench = at('rw')
    bench.tree.tell(['one'])
    bench.take()
    bench.devices.set('one', at('ro').devices.get('one') as DescribedDevice)
    bench.tree.changed('one')
    const said = bench.take().filter((line) => line.includes('$settable'))
    expect(said.map((line) => line.split(' ')[1])).toEqual(['false', ''])
  })

  it('is ready, lost where it cannot be reached, and in alert while it reports a fault', () => {
    const bench = new Bench().add('plug', 'plug')
    bench.tree.tell(['plug'])
    bench.take()
    const state = (more: More, tell: () => void) => {
      bench.add('plug', 'plug', more)
      tell()
      return bench.of('plug', '$state')
    }
    expect(state({ faults: ['fault ov_cr'] }, () => bench.tree.reported('plug', ['fault']))).toBe('alert')
    expect(state({ online: false }, () => bench.tree.reachable('plug'))).toBe('lost')
    expect(state({}, () => bench.tree.reachable('plug'))).toBe('ready')
  })

  it('says its state once more where a Will has spoken', () => {
    const bench = new Bench().add('lamp', 'lamp_v2')
    bench.tree.assert('lamp')
    bench.tree.tell(['lamp'])
    bench.take()
    bench.tree.assert('lamp')
    expect(bench.take()).toEqual([`${lamp}/$state ready`])
  })

  it('that goes is disconnected first, then no device any more, then nothing', () => {
    const bench = new Bench().add('lamp', 'lamp_v2')
    bench.values.set('lamp/switch_led', true)
    bench.tree.tell(['lamp'])
    bench.take()
    bench.tree.removed('lamp')
    expect(bench.take().slice(0, 3)).toEqual([
      `${lamp}/$state disconnected`,
      `${lamp}/$homie `,
      `${lamp}/$state `,
    ])
    expect(bench.retained.size).toBe(0)
    expect(bench.tree.topics.size).toBe(0)
  })

  it('says goodbye and stays', () => {
    const bench = new Bench().add('lamp', 'lamp_v2')
    bench.tree.tell(['lamp'])
    bench.tree.farewell()
    expect(bench.of('lamp', '$state')).toBe('disconnected')
    expect(bench.of('lamp', '$homie')).toBe('4.0.0')
  })
})

describe('what only happens', () => {
  it('is told once and kept nowhere', () => {
    const bench = new Bench().add('keys', 'button_zigbee')
    bench.tree.tell(['keys'])
    bench.take()
    bench.tree.happened('keys', 'switch_mode1', 'click')
    expect(bench.take()).toEqual(['tuya-main-keys/switch-mode1/switch-mode1 click (once)'])
    expect(bench.of('keys', 'switch-mode1/switch-mode1/$retained')).toBe('false')
  })
})

describe('what is written in Homie 4', () => {
  it.each([
    ['light/switch-led', 'true', { code: 'switch_led', view: null, payload: 'true' }],
    ['light/bright-value-v2', '500', { code: 'bright_value_v2', view: null, payload: '500' }],
    ['light/work-mode', 'scene', { code: 'work_mode', view: null, payload: 'scene' }],
    ['light/colour-data-v2', '300,50,80', { code: 'colour_data_v2', view: 'hsv', payload: '300,50,80' }],
    ['light/colour-data-v2', '300.4,50,80', { code: 'colour_data_v2', view: 'hsv', payload: '300,50,80' }],
  ])('%s takes %s', (path, payload, setting) => {
    const bench = new Bench().add('lamp', 'lamp_v2')
    bench.tree.tell(['lamp'])
    const wish = bench.tree.wish(`homie/${lamp}/${path}/set`, payload)
    expect(wish).toEqual({ deviceId: 'lamp', setting })
  })

  it.each([
    ['light/switch-led', 'on'],
    ['light/bright-value-v2', '5.5'],
    ['light/colour-data-v2', 'hsv,300,50,80'],
    ['light/colour-data-v2', '300,50'],
    ['light/nothing', 'true'],
    ['nothing/switch-led', 'true'],
  ])('%s does not take %s', (path, payload) => {
    const bench = new Bench().add('lamp', 'lamp_v2').add('door', 'contact')
    bench.tree.tell(['lamp'])
    expect(bench.tree.wish(`homie/${lamp}/${path}/set`, payload)).toBeUndefined()
  })

  it('is not taken by what is only reported', () => {
    const bench = new Bench().add('door', 'contact')
    bench.tree.tell(['door'])
    const topic = 'homie/tuya-main-door/doorcontact-state/doorcontact-state/set'
    expect(bench.tree.wish(topic, 'true')).toBeUndefined()
  })
})

it('knows its own topics from those of Homie 5, of others and of other bridges', () => {
  const { tree } = new Bench()
  expect(tree.isOurs(`homie/${lamp}/light/switch-led`)).toBe(true)
  expect(tree.isOurs(`homie/5/${lamp}/light/switch-led`)).toBe(false)
  expect(tree.isOurs('homie/somebody/$homie')).toBe(false)
})

/** A value that the point may well have. */
function sample({ type, range, labels, colour }: DataPoint): Json {
  switch (type) {
    case 'boolean':
      return true
    case 'integer':
      return 1
    case 'enum':
      return range?.[0] ?? ''
    case 'json':
      return colour ? { h: 120, s: 500, v: 500 } : { a: 1 }
    case 'bitmap':
      return labels?.slice(0, 1) ?? []
    case 'string':
    case 'raw':
    case 'unknown':
      return 'text'
  }
}

it('devices of a bridge whose name begins with that of another are never taken for its own', () => {
  const prefixes = ['main', 'main-2', 'main2', 'main-', '-main', 'm-a-i-n', '-'].map(flatPrefix)
  expect(prefixes[0]).toBe('tuya-main-')
  for (const one of prefixes) {
    expect(`${one}a`).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/)
    expect(prefixes.filter((other) => `${other}a`.startsWith(one))).toEqual([one])
  }
})
