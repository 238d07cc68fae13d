import { createHash } from 'node:crypto'
import type { Automation } from '../../domain/automation.ts'
import type { DataPoint, Json, Specification } from '../../domain/data-point.ts'
import { isLock } from '../../domain/device.ts'
import type { Scene } from '../../domain/scene.ts'
import type { PointFact } from '../../domain/state.ts'
import type { DeviceRecord } from '../../inventory/events.ts'
import type { Inventory } from '../../inventory/inventory.ts'
import type { ListName } from './follow-house.ts'
import { derivedOf, pointPictures } from './point-picture.ts'
import {
  factMark,
  type PageDefinition,
  type PageDevice,
  type PageFact,
  type PagePlace,
  type PageWay,
} from './protocol.ts'

/** What a record does not tell of its device. */
export interface Surroundings {
  /** A view of a value that the device has said; undefined where it has none. */
  readonly view: (point: DataPoint, view: string, value: Json) => Json | undefined
  readonly isStale: (fact: PointFact) => boolean
  /** The published document of the ways to the device; undefined where none is published yet. */
  readonly ways: string | undefined
  readonly locksAllowed: boolean
}

const unused: PageWay = { state: 'unused' }

/** A device as the page shows it. Picked member by member: whatever else the bridge learns of devices stays here. */
export function devicePicture(record: DeviceRecord, model: string | null, around: Surroundings): PageDevice {
  const { device, state, specification } = record
  const heard = [...state.entries()].flatMap(([, { source, receivedMs }]) =>
    source === 'snapshot' ? [] : [receivedMs],
  )
  const ways = around.ways === undefined ? {} : (JSON.parse(around.ways) as Partial<PageDevice['ways']>)
  return {
    id: device.id,
    name: device.name,
    home: device.homeId,
    room: device.roomId,
    category: device.category,
    product: device.product.name,
    gateway: device.gatewayId,
    sub: device.sub,
    online: device.online,
    barred: isLock(device) && !around.locksAllowed,
    model: specification ? model : null,
    dp: factsOf(record, around),
    ways: { lan: ways.lan ?? unused, cloud: ways.cloud ?? unused },
    heardMs: heard.length > 0 ? Math.max(...heard) : null,
  }
}

/** What is known of each point that may be found, and what follows from it. */
function factsOf({ device, state, specification }: DeviceRecord, around: Surroundings): PageDevice['dp'] {
  const dp: Record<string, PageFact> = Object.create(null)
  for (const [code, fact] of state.entries()) {
    if (specification?.points.get(code)?.hidden) continue
    const stale = around.isStale(fact) ? factMark.stale : 0
    const odd = fact.odd ? factMark.odd : 0
    dp[code] = [fact.value, fact.timeMs, fact.source, stale | odd]
  }
  for (const { code, view, ability } of specification ? derivedOf(device.category, specification) : []) {
    const known = dp[ability.point.code]
    const value = known && around.view(ability.point, view, known[0])
    if (known && value !== undefined) dp[code] = [value, known[1], known[2], known[3]]
  }
  return dp
}

/** The points of a device, under a key that all devices with the same ones share. */
export function modelPicture(
  category: string,
  specification: Specification,
): { readonly key: string; readonly text: string } {
  const text = JSON.stringify(pointPictures(category, specification))
  return { key: createHash('sha256').update(text).digest('base64url').slice(0, 12), text }
}

/** A whole list of the house. */
export function listPicture(
  { homes, rooms, scenes, automations }: Inventory,
  name: ListName,
): readonly (PagePlace | PageDefinition)[] {
  switch (name) {
    case 'homes':
      return [...homes.values()].map((home) => ({ id: home.id, name: home.name }))
    case 'rooms':
      return [...rooms.values()].map((room) => ({ id: room.id, name: room.name, home: room.homeId }))
    case 'scenes':
      return [...scenes.all.values()].map((scene) => ({ ...definition(scene), conditions: 0 }))
    case 'automations':
      return [...automations.all.values()].map((automation) => ({
        ...definition(automation),
        conditions: automation.conditions.length,
      }))
  }
}

function definition(made: Scene | Automation): Omit<PageDefinition, 'conditions'> {
  const { id, name, homeId: home, enabled, valid } = made
  return { id, name, home, enabled, valid, actions: made.actions.length }
}
