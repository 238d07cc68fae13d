import { entitiesOf } from '../domain/ability.ts'
import {
  type DataPoint,
  type Json,
  type Specification,
  toShown,
  type ValueCodec,
} from '../domain/data-point.ts'
import type { Device } from '../domain/device.ts'
import type { Home, Room } from '../domain/home.ts'
import type { DevicePaths, LinkHealth } from '../domain/link.ts'

/** Builders of every published document; the topic contract says what each holds. */

export type ContentType = 'application/json' | 'text/plain'

export interface Payload {
  readonly text: string
  readonly contentType: ContentType
}

export function json(value: unknown): Payload {
  return { text: JSON.stringify(value), contentType: 'application/json' }
}

const plainText = /^[\w .:-]*$/

/** JSON.stringify, quicker for what nearly all values and codes are; what JSON has no word for is null. */
export function jsonText(value: Json): string {
  if (typeof value === 'string' && plainText.test(value)) return `"${value}"`
  if (typeof value === 'number' && Number.isFinite(value)) return String(value === 0 ? 0 : value)
  return JSON.stringify(value) ?? 'null'
}

export function words(text: string): Payload {
  return { text, contentType: 'text/plain' }
}

/** A shown value as a bare payload: texts stand for themselves, all else is JSON; an empty text must not clear. */
export function scalar(value: Json): Payload {
  if (typeof value === 'string' && value !== '') return words(value)
  return { text: jsonText(value), contentType: 'application/json' }
}

export interface DevicePlaces {
  readonly slug: string
  readonly homeName: string | null
  readonly roomName: string | null
}

export function deviceMeta(
  device: Device,
  places: DevicePlaces,
  specification: Specification | undefined,
  paths: DevicePaths,
): Payload {
  const overridden = specification
    ? [...specification.points.values()].some((point) => point.overridden)
    : false
  return json({
    id: device.id,
    name: device.name,
    slug: places.slug,
    category: device.category,
    product: device.product,
    home: device.homeId,
    homeName: places.homeName,
    room: device.roomId,
    roomName: places.roomName,
    gateway: device.gatewayId,
    sub: device.sub,
    paths: (['lan', 'cloud'] as const).filter((path) => paths[path].state !== 'unused'),
    lan: paths.lan.state === 'unused' ? null : { version: paths.lan.version },
    icon: device.icon,
    timeZone: device.timeZone,
    createdMs: device.createdMs,
    updatedMs: device.updatedMs,
    entities: entitiesOf(device.category, specification).map(({ key }) => key),
    overridden,
  })
}

export function specMeta(
  { id, category }: Pick<Device, 'id' | 'category'>,
  specification: Specification,
  codec: Pick<ValueCodec, 'viewNames'>,
): Payload {
  const entities = entitiesOf(category, specification)
  const entityOf = (point: DataPoint) => entities.find(({ points }) => points.includes(point))?.key
  const points = [...specification.points.values()].map(
    (point) => [point.code, { ...pointMeta(point, codec), entity: entityOf(point) }] as const,
  )
  return json({ id, source: specification.source, dp: Object.fromEntries(points) })
}

function pointMeta(point: DataPoint, codec: Pick<ValueCodec, 'viewNames'>): object {
  const shown = (raw: number | null) => (raw === null ? undefined : toShown(raw, point.scale))
  return {
    dpId: point.dpId,
    type: point.type,
    access: point.access,
    name: point.name,
    unit: point.unit ?? undefined,
    min: shown(point.min),
    max: shown(point.max),
    step: shown(point.step),
    scale: point.type === 'integer' ? point.scale : undefined,
    range: point.range ?? undefined,
    labels: point.labels ?? undefined,
    maxlen: point.maxlen ?? undefined,
    momentary: point.momentary,
    once: point.once,
    views: codec.viewNames(point).map(({ name }) => name),
    colour: point.colour ?? undefined,
    hidden: point.hidden,
    ability: point.ability,
    overridden: point.overridden ? true : undefined,
  }
}

export function homeMeta(
  home: Home,
  rooms: readonly Room[],
  devices: number,
  exposeLocation: boolean,
  counts: { readonly scenes: number; readonly automations: number } = { scenes: 0, automations: 0 },
): Payload {
  return json({
    id: home.id,
    name: home.name,
    ...(exposeLocation ? { geoName: home.geoName, lat: home.lat, lon: home.lon } : {}),
    rooms: rooms.map(({ id }) => id),
    devices,
    scenes: counts.scenes,
    automations: counts.automations,
  })
}

export function roomMeta(room: Room, deviceIds: readonly string[]): Payload {
  return json({ id: room.id, name: room.name, home: room.homeId, devices: deviceIds })
}

const pageBytes = 48 * 1024
const pageItems = 500
/** What stands around the items of a page. */
const frameBytes = 64

/** A list as pages of at most 48 KiB or 500 items; an empty list has one empty page. */
export function indexPages(items: readonly object[]): readonly Payload[] {
  const pages = split(items, (item) => Buffer.byteLength(JSON.stringify(item)) + 1)
  return pages.map((page, i) => json({ page: i + 1, pages: pages.length, items: page }))
}

export type NamedKind = 'device' | 'scene' | 'automation'
type Name = readonly [slug: string, id: string]

/** Who has which name, in pages like the other lists; one that fits on a page has all of it. */
export function namePages(names: Readonly<Record<NamedKind, readonly Name[]>>): readonly Payload[] {
  const kinds = Object.keys(names) as NamedKind[]
  const all = kinds.flatMap((kind) => names[kind].map(([slug, id]) => ({ kind, slug, id })))
  const pages = split(all, ({ slug, id }) => Buffer.byteLength(JSON.stringify({ [slug]: id })))
  return pages.map((page) => {
    const of = (kind: NamedKind) =>
      Object.fromEntries(page.filter((name) => name.kind === kind).map(({ slug, id }) => [slug, id]))
    return json({ device: of('device'), scene: of('scene'), automation: of('automation') })
  })
}

function split<T>(items: readonly T[], bytesOf: (item: T) => number): T[][] {
  let page: T[] = []
  const pages = [page]
  let bytes = frameBytes
  for (const item of items) {
    const size = bytesOf(item)
    if (page.length >= pageItems || (page.length > 0 && bytes + size > pageBytes)) {
      page = []
      pages.push(page)
      bytes = frameBytes
    }
    page.push(item)
    bytes += size
  }
  return pages
}

/** The public state of the LAN's way to a device; where there is none, nothing more is to be said. */
export function lanState(lan: DevicePaths['lan']): object {
  return lan.state === 'unused' ? { state: lan.state } : { ...pathState(lan), version: lan.version }
}

/** The public state of a way to a device. */
export function pathState(health: LinkHealth): object {
  const { state, sinceMs, reason } = health
  return { state: state === 'degraded' ? 'up' : state, sinceMs, reason }
}
