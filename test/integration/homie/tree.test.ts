import { describe, expect, it } from 'vitest'
import { valueCodec } from '../../../src/codec/data-point/codec.ts'
import { abilitiesOf } from '../../../src/domain/ability.ts'
import type { Json } from '../../../src/domain/data-point.ts'
import { HomieTree } from '../../../src/integration/homie/tree.ts'
import type { DescribedDevice } from '../../../src/integration/homie/tree-parts.ts'
import { largestPayload } from '../../../src/mqtt/message.ts'
import { deviceOf } from '../../support/device.ts'
import { modelOf, specificationOf } from '../../support/model.ts'

class Bench {
  readonly said: (readonly [topic: string, payload: string, retain: boolean])[] = []
  readonly devices = new Map<string, DescribedDevice>()
  readonly values = new Map<string, Json>()
  readonly leftOut: number[] = []
  now = 1_000
  readonly tree = new HomieTree({
    domain: 'homie',
    instance: 'main',
    device: (id) => this.devices.get(id),
    say: (topic, payload, retain) => this.said.push([topic.replace('homie/5/', ''), payload, retain]),
    now: () => ++this.now,
    onCrowded: (leftOut) => this.leftOut.push(leftOut),
  })

  add(id: string, model: string, more: Partial<DescribedDevice> & { readonly online?: boolean } = {}): this {
    const { category, dps } = modelOf(model)
    const specification = specificationOf(dps)
    this.devices.set(id, {
      device: deviceOf(id, { name: id, category, homeId: '1', online: more.online ?? true }),
      abilities: abilitiesOf(category, specification),
      value: (code, view) => {
        const value = this.values.get(`${id}/${code}`)
        const point = specification.points.get(code)
        if (value === undefined || view === null || !point) return value
        return valueCodec.views(point, value).find(({ name }) => name === view)?.value
      },
      faults: [],
      ...more,
    })
    return this
  }

  take(): string[] {
    return this.said.splice(0).map(([topic, payload, retain]) => {
      const short = payload.startsWith('{') && topic.endsWith('$description') ? '{…}' : payload
      return `${topic} ${short}${retain ? '' : ' (once)'}`
    })
  }

  description(id: string): Record<string, unknown> {
    const found = this.said.findLast(([topic]) => topic === `${id}/$description`)
    return JSON.parse(found?.[1] ?? '{}')
  }
}

const lamp = 'tuya-main--lamp'

describe('a tree of Homie 5', () => {
  it('tells a device between init and ready, and the root after its children', () => {
    const bench = new Bench().add('door', 'contact')
    bench.values.set('door/doorcontact_state', true).set('door/battery_percentage', 87)
    bench.tree.tell(['door'])
    expect(bench.take()).toEqual([
      'tuya-main/$state init',
      'tuya-main--door/$state init',
      'tuya-main--door/$description {…}',
      'tuya-main--door/doorcontact-state/doorcontact-state true',
      'tuya-main--door/battery-percentage/battery-percentage 87',
      'tuya-main--door/$state ready',
      'tuya-main/$state init',
      'tuya-main/$description {…}',
      'tuya-main/$state ready',
    ])
  })

  it('describes what each point is', () => {
    const bench = new Bench().add('lamp', 'lamp_v2')
    bench.tree.tell(['lamp'])
    expect(bench.description(lamp)).toMatchObject({
      homie: '5.0',
      name: 'lamp',
      root: 'tuya-main',
      parent: 'tuya-main',
      nodes: {
        light: {
          name: 'Light',
          type: 'light',
          properties: {
            'switch-led': { datatype: 'boolean', settable: true },
            'work-mode': { datatype: 'enum', format: 'white,colour,scene,music', settable: true },
            'bright-value-v2': { datatype: 'integer', format: '10:1000:1', settable: true },
            'colour-data-v2': { datatype: 'color', format: 'hsv,rgb', settable: true },
          },
        },
      },
    })
    expect(bench.description('tuya-main')).toMatchObject({ children: [lamp], type: 'bridge' })
  })

  it('every version of a description is higher than the one before', () => {
    const bench = new Bench().add('lamp', 'lamp_v2')
    bench.tree.tell(['lamp'])
    const before = bench.description(lamp)['version']
    bench.add('lamp', 'lamp_v1')
    bench.tree.changed('lamp')
    expect(Number(bench.description(lamp)['version'])).toBeGreaterThan(Number(before))
  })

  it('a description changes in init, and what it has no more is taken back', () => {
    const bench = new Bench().add('lamp', 'lamp_v2')
    bench.values.set('lamp/switch_led', true).set('lamp/do_not_disturb', false)
    bench.tree.tell(['lamp'])
    bench.take()
    bench.add('lamp', 'lamp_v1')
    bench.tree.changed('lamp')
    const said = bench.take()
    expect(said[0]).toBe(`${lamp}/$state init`)
    expect(said).toContain(`${lamp}/do-not-disturb/do-not-disturb `)
    expect(said.at(-1)).toBe(`${lamp}/$state ready`)
    bench.tree.changed('lamp')
    expect(bench.take()).toEqual([])
  })

  it('a value is told when it is another one', () => {
    const bench = new Bench().add('lamp', 'lamp_v2')
    bench.tree.tell(['lamp'])
    bench.take()
    bench.values.set('lamp/colour_data_v2', { h: 201, s: 511, v: 899 }).set('lamp/switch_led', true)
    bench.tree.reported('lamp', ['colour_data_v2', 'switch_led'])
    bench.tree.reported('lamp', ['switch_led'])
    expect(bench.take()).toEqual([
      `${lamp}/light/switch-led true`,
      `${lamp}/light/colour-data-v2 hsv,201,51,90`,
    ])
  })

  it('an empty text is a zero byte, because nothing would take the topic back', () => {
    const bench = new Bench().add('plug', 'plug')
    bench.values.set('plug/cycle_time', '')
    bench.tree.tell(['plug'])
    expect(bench.take()).toContain('tuya-main--plug/cycle-time/cycle-time \u0000')
  })

  it('a fault is an alert for as long as it lasts', () => {
    const bench = new Bench().add('plug', 'plug', { faults: ['fault ov_cr'] })
    bench.tree.tell(['plug'])
    const said = bench.take()
    expect(said.some((line) => line.startsWith('tuya-main--plug/$alert/') && line.includes('ov_cr'))).toBe(
      true,
    )
    bench.add('plug', 'plug')
    bench.tree.reported('plug', ['fault'])
    expect(bench.take()).toEqual([expect.stringMatching(/^tuya-main--plug\/\$alert\/\S+ $/)])
  })

  it('a device that cannot be reached is lost', () => {
    const bench = new Bench().add('lamp', 'lamp_v2')
    bench.tree.tell(['lamp'])
    bench.take()
    bench.add('lamp', 'lamp_v2', { online: false })
    bench.tree.reachable('lamp')
    expect(bench.take()).toEqual([`${lamp}/$state lost`])
  })

  it('a device that goes leaves the root first and its state before the rest', () => {
    const bench = new Bench().add('lamp', 'lamp_v2')
    bench.values.set('lamp/switch_led', true)
    bench.tree.tell(['lamp'])
    bench.take()
    bench.tree.removed('lamp')
    const said = bench.take()
    expect(said.slice(0, 4)).toEqual([
      'tuya-main/$state init',
      'tuya-main/$description {…}',
      'tuya-main/$state ready',
      `${lamp}/$state `,
    ])
    expect(said.slice(4).sort()).toEqual([`${lamp}/$description `, `${lamp}/light/switch-led `])
  })

  it('presses are told once and kept nowhere', () => {
    const bench = new Bench().add('keys', 'button_zigbee')
    bench.tree.tell(['keys'])
    bench.take()
    bench.tree.happened('keys', 'switch_mode1', 'click')
    bench.tree.happened('keys', 'switch_mode1', 'click')
    const press = 'tuya-main--keys/switch-mode1/switch-mode1 click (once)'
    expect(bench.take()).toEqual([press, press])
  })

  it.each([
    ['light/switch-led', 'true', { code: 'switch_led', view: null, payload: 'true' }],
    ['light/bright-value-v2', '500', { code: 'bright_value_v2', view: null, payload: '500' }],
    ['light/work-mode', 'scene', { code: 'work_mode', view: null, payload: 'scene' }],
    ['light/colour-data-v2', 'hsv,300,50,80', { code: 'colour_data_v2', view: 'hsv', payload: '300,50,80' }],
    ['light/colour-data-v2', 'rgb,255,0,10', { code: 'colour_data_v2', view: 'rgb', payload: '255,0,10' }],
  ])('%s takes %s', (path, payload, setting) => {
    const bench = new Bench().add('lamp', 'lamp_v2')
    bench.tree.tell(['lamp'])
    expect(bench.tree.wish(`homie/5/${lamp}/${path}/set`, payload)).toMatchObject({
      deviceId: 'lamp',
      setting,
    })
  })

  it.each([
    ['light/switch-led', 'on'],
    ['light/bright-value-v2', '5.5'],
    ['light/work-mode', 'disco'],
    ['light/colour-data-v2', '300,50,80'],
    ['light/nothing', 'true'],
    ['nothing/switch-led', 'true'],
  ])('%s does not take %s', (path, payload) => {
    const bench = new Bench().add('lamp', 'lamp_v2')
    bench.tree.tell(['lamp'])
    expect(bench.tree.wish(`homie/5/${lamp}/${path}/set`, payload)).toBeUndefined()
  })

  it('what is only reported cannot be set', () => {
    const bench = new Bench().add('door', 'contact')
    bench.tree.tell(['door'])
    const topic = 'homie/5/tuya-main--door/doorcontact-state/doorcontact-state/set'
    expect(bench.tree.wish(topic, 'true')).toBeUndefined()
  })

  it('an accepted wish is a target, byte for byte', () => {
    const bench = new Bench().add('lamp', 'lamp_v2')
    bench.tree.tell(['lamp'])
    const wish = bench.tree.wish(`homie/5/${lamp}/light/colour-data-v2/set`, 'hsv,300,50,80')
    if (!wish) throw new Error('no wish')
    bench.take()
    bench.tree.target(wish, 'hsv,300,50,80')
    expect(bench.take()).toEqual([`${lamp}/light/colour-data-v2/$target hsv,300,50,80`])
  })

  it('knows its own topics from those of others', () => {
    const { tree } = new Bench()
    expect(tree.isOurs('homie/5/tuya-main/$state')).toBe(true)
    expect(tree.isOurs(`homie/5/${lamp}/light/switch-led`)).toBe(true)
    expect(tree.isOurs('homie/5/tuya-main-2/$state')).toBe(false)
    expect(tree.isOurs('homie/5/somebody/$state')).toBe(false)
  })

  it('everything is taken back, states first', () => {
    const bench = new Bench().add('door', 'contact')
    bench.tree.tell(['door'])
    bench.take()
    bench.tree.clear()
    const said = bench.take()
    expect(said[0]).toBe('tuya-main/$state ')
    expect(said).toContain('tuya-main--door/$state ')
    expect(said.every((line) => line.endsWith(' '))).toBe(true)
  })

  it('a root names as many children as its one message can hold, says how many it does not, and tells them all', () => {
    const bench = new Bench()
    const ids = Array.from({ length: 3_600 }, (_, i) => `bf${String(i).padStart(20, '0')}`)
    for (const id of ids) bench.add(id, 'contact')
    bench.tree.tell(ids)
    const [, text = ''] = bench.said.findLast(([topic]) => topic === 'tuya-main/$description') ?? []
    const { children } = JSON.parse(text)
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(largestPayload)
    expect(bench.leftOut).toEqual([3_600 - children.length])
    expect(children.length).toBeGreaterThan(3_000)
    const ready = bench.said.filter(([topic, payload]) => topic.endsWith('/$state') && payload === 'ready')
    expect(ready).toHaveLength(3_601)
    for (const id of ids.slice(children.length)) bench.tree.removed(id)
    expect(bench.leftOut.at(-1)).toBe(0)
  })

  it('devices that come together change the root once', () => {
    const bench = new Bench().add('a', 'contact').add('b', 'contact')
    bench.tree.tell([])
    bench.take()
    bench.tree.changed('a', 'b')
    const root = bench.said.filter(([topic]) => topic === 'tuya-main/$description')
    expect(root.map(([, text]) => JSON.parse(text).children)).toEqual([['tuya-main--a', 'tuya-main--b']])
  })
})
