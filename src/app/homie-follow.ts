import type { Json } from '../domain/data-point.ts'
import { automationCode, homeSubject } from '../integration/homie/home.ts'
import type { Inventory } from '../inventory/inventory.ts'
import type { HeldValues } from './held-values.ts'

/** What a tree of Homie makes of changes; devices and homes are its subjects. */
export interface HomieFollower {
  isOn(): boolean
  /** It may be described otherwise by now. */
  touch(subject: string): void
  /** What its properties of these codes tell has changed. */
  reported(subject: string, codes: readonly string[]): void
  happened(deviceId: string, code: string, value: Json): void
  reachable(deviceId: string): void
  gone(subject: string): void
}

export function followForHomie(inventory: Inventory, held: HeldValues, follower: HomieFollower): void {
  followDevices(inventory, follower)
  held.on((deviceId, codes, isFirst) => {
    if (isFirst) follower.touch(deviceId)
    else if (follower.isOn()) follower.reported(deviceId, codes)
  })
  followHomes(inventory, follower)
}

function followDevices({ events }: Inventory, follower: HomieFollower): void {
  events.on('device', ({ record, before }) => {
    if (before && before.online !== record.device.online) follower.reachable(record.device.id)
    follower.touch(record.device.id)
  })
  events.on('lan', ({ device }) => follower.reachable(device.id))
  events.on('specification', ({ record }) => follower.touch(record.device.id))
  events.on('deviceRemoved', ({ device }) => follower.gone(device.id))
  events.on('report', ({ record, source, said }) => {
    if (!follower.isOn()) return
    if (source !== 'lan' && source !== 'queue') return
    for (const { point, value } of said)
      if (point.momentary) follower.happened(record.device.id, point.code, value)
  })
}

function followHomes({ events, scenes, automations }: Inventory, follower: HomieFollower): void {
  const touch = (homeId: string) => follower.touch(homeSubject(homeId))
  events.on('home', ({ home }) => touch(home.id))
  events.on('homeRemoved', ({ id }) => follower.gone(homeSubject(id)))
  scenes.events.on('changed', ({ now }) => touch(now.homeId))
  scenes.events.on('removed', ({ homeId }) => touch(homeId))
  automations.events.on('changed', ({ now: { id, homeId } }) => {
    if (follower.isOn()) follower.reported(homeSubject(homeId), [automationCode(id)])
    touch(homeId)
  })
  automations.events.on('removed', ({ homeId }) => touch(homeId))
}
