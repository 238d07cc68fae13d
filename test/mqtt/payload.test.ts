import { describe, expect, it } from 'vitest'
import { valueCodec } from '../../src/codec/data-point/codec.ts'
import { unusedLan } from '../../src/domain/link.ts'
import {
  deviceMeta,
  homeMeta,
  indexPages,
  json,
  namePages,
  pathState,
  roomMeta,
  scalar,
  specMeta,
  words,
} from '../../src/mqtt/payload.ts'
import { device, specification } from '../support/mirrored.ts'
import { point } from '../support/point.ts'

describe('a scalar', () => {
  it.each([
    [true, 'true', 'application/json'],
    [false, 'false', 'application/json'],
    [21.5, '21.5', 'application/json'],
    [-5, '-5', 'application/json'],
    [0, '0', 'application/json'],
    [0.001, '0.001', 'application/json'],
    ['white', 'white', 'text/plain'],
    ['21', '21', 'text/plain'],
    ['Küche\n灯', 'Küche\n灯', 'text/plain'],
    ['AQID', 'AQID', 'text/plain'],
    [{ h: 201, s: 511, v: 899 }, '{"h":201,"s":511,"v":899}', 'application/json'],
    [[], '[]', 'application/json'],
    [['E1', 'E2'], '["E1","E2"]', 'application/json'],
    [null, 'null', 'application/json'],
    ['', '""', 'application/json'],
  ] as const)('%j is written as %s', (value, text, contentType) => {
    expect(scalar(value)).toEqual({ text, contentType })
  })
})

describe('lists', () => {
  const items = (count: number, bytes: number) =>
    Array.from({ length: count }, (_, i) => ({ id: String(i), name: 'n'.repeat(bytes) }))
  const pages = (list: readonly object[]) => indexPages(list).map(({ text }) => JSON.parse(text))

  it('an empty one has one empty page', () => {
    expect(pages([])).toEqual([{ page: 1, pages: 1, items: [] }])
  })

  it('has at most 500 items a page', () => {
    const all = pages(items(1_001, 1))
    expect(all.map((page) => [page.page, page.pages, page.items.length])).toEqual([
      [1, 3, 500],
      [2, 3, 500],
      [3, 3, 1],
    ])
  })

  it.each([10, 60, 100, 333, 10_000])('has at most 48 KiB a page (items of %s bytes)', (bytes) => {
    const list = items(600, bytes)
    const texts = indexPages(list).map(({ text }) => text)
    for (const text of texts) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(48 * 1024)
    expect(texts.flatMap((text) => JSON.parse(text).items)).toEqual(list)
  })

  it('an item that is longer than a page stands alone', () => {
    expect(pages([...items(1, 60_000), ...items(2, 1)]).map(({ items: { length } }) => length)).toEqual([
      1, 2,
    ])
  })

  it('names that fit on a page stand there together, by kind', () => {
    const names = namePages({ device: [['lamp', 'a']], scene: [['night', 's']], automation: [] })
    expect(names.map(({ text }) => JSON.parse(text))).toEqual([
      { device: { lamp: 'a' }, scene: { night: 's' }, automation: {} },
    ])
  })

  it('no names are one page too', () => {
    expect(namePages({ device: [], scene: [], automation: [] })).toEqual([
      json({ device: {}, scene: {}, automation: {} }),
    ])
  })

  it('many long names are split like other lists, and none is lost', () => {
    const device = Array.from({ length: 2_000 }, (_, i) => [`${'ü'.repeat(28)}${i}`, `id${i}`] as const)
    const texts = namePages({ device, scene: [], automation: [['a', 'b']] }).map(({ text }) => text)
    for (const text of texts) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(48 * 1024)
    const all = texts.map((text) => JSON.parse(text))
    expect(Object.assign({}, ...all.map((page) => page.device))).toEqual(Object.fromEntries(device))
    expect(Object.assign({}, ...all.map((page) => page.automation))).toEqual({ a: 'b' })
  })
})

describe('what exists', () => {
  const cloud = { state: 'up', sinceMs: 0, reason: null, lastMs: null } as const
  const paths = { lan: unusedLan, cloud }

  it('a device with a way on the LAN says so, and which version it speaks', () => {
    const lan = { ...cloud, version: '3.4' }
    const { text } = deviceMeta(device('a'), { slug: 'a', homeName: null, roomName: null }, undefined, {
      lan,
      cloud,
    })
    expect(JSON.parse(text)).toMatchObject({ paths: ['lan', 'cloud'], lan: { version: '3.4' } })
  })

  it('a device is described without what is personal', () => {
    const { text } = deviceMeta(
      device('a', {
        name: 'Desk lamp',
        ownerUid: 'eu123',
        roomId: '7',
        product: { id: 'p', name: 'P', model: 'M' },
      }),
      { slug: 'desk_lamp', homeName: 'Home', roomName: 'Office' },
      specification(['x']),
      paths,
    )
    expect(JSON.parse(text)).toEqual({
      id: 'a',
      name: 'Desk lamp',
      slug: 'desk_lamp',
      category: 'dj',
      product: { id: 'p', name: 'P', model: 'M' },
      home: '1',
      homeName: 'Home',
      room: '7',
      roomName: 'Office',
      gateway: null,
      sub: false,
      paths: ['cloud'],
      lan: null,
      icon: null,
      timeZone: null,
      createdMs: null,
      updatedMs: null,
      entities: [],
      overridden: false,
    })
  })

  it('a correction from the configuration shows', () => {
    const corrected = specification([point('integer', { code: 'x', overridden: true })])
    const { text } = deviceMeta(device('a'), { slug: 'a', homeName: null, roomName: null }, corrected, paths)
    expect(JSON.parse(text).overridden).toBe(true)
  })

  it('a specification gives limits in shown units', () => {
    const temperature = point('integer', {
      code: 't',
      dpId: 4,
      access: 'ro',
      name: 'Temperature',
      unit: '°C',
      min: -200,
      max: 600,
      step: 5,
      scale: 1,
    })
    const { text } = specMeta(
      { id: 'a', category: 'wsdcg' },
      specification([temperature, point('bitmap', { labels: ['E1'] })]),
      valueCodec,
    )
    expect(JSON.parse(text)).toEqual({
      id: 'a',
      source: 'cloud',
      dp: {
        t: {
          dpId: 4,
          type: 'integer',
          access: 'ro',
          name: 'Temperature',
          unit: '°C',
          min: -20,
          max: 60,
          step: 0.5,
          scale: 1,
          momentary: false,
          once: false,
          views: [],
        },
        bitmap: {
          dpId: null,
          type: 'bitmap',
          access: 'rw',
          name: null,
          labels: ['E1'],
          momentary: false,
          once: false,
          views: ['mask', 'active'],
        },
      },
    })
  })

  it('a home tells where it lies only when it may', () => {
    const home = { id: '1', name: 'Home', geoName: 'Berlin', lat: 52.5, lon: 13.4 }
    const rooms = [{ id: '7', name: 'Office', homeId: '1' }]
    expect(JSON.parse(homeMeta(home, rooms, 3, false).text)).toEqual({
      id: '1',
      name: 'Home',
      rooms: ['7'],
      devices: 3,
      scenes: 0,
      automations: 0,
    })
    expect(JSON.parse(homeMeta(home, rooms, 3, true).text)).toMatchObject({
      geoName: 'Berlin',
      lat: 52.5,
      lon: 13.4,
    })
  })

  it('a room lists its devices', () => {
    expect(roomMeta({ id: '7', name: 'Office', homeId: '1' }, ['a', 'b'])).toEqual(
      json({ id: '7', name: 'Office', home: '1', devices: ['a', 'b'] }),
    )
  })

  it('a degraded way to a device is still a way', () => {
    const health = { state: 'degraded', sinceMs: 5, reason: 'quota', lastMs: 1 } as const
    expect(pathState(health)).toEqual({ state: 'up', sinceMs: 5, reason: 'quota' })
  })
})

it('words are plain text', () => {
  expect(words('online')).toEqual({ text: 'online', contentType: 'text/plain' })
})
