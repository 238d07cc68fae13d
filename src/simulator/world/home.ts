import type { HomeEntry } from '../world-file.ts'
import { makeAutomation, makeScene, type SimAutomation, type SimScene } from './rule.ts'

export interface SimRoom {
  readonly id: string
  name: string
}

export interface SimMember {
  readonly uid: string
  name: string
  admin: boolean
}

export interface SimHome {
  readonly id: string
  name: string
  geoName: string
  lat: number
  lon: number
  readonly owner: string
  readonly rooms: Map<string, SimRoom>
  readonly members: SimMember[]
  readonly scenes: Map<string, SimScene>
  readonly automations: Map<string, SimAutomation>
}

export type HomeChanges = Partial<Pick<SimHome, 'name' | 'geoName' | 'lat' | 'lon'>>

export function makeHome(entry: HomeEntry): SimHome {
  return {
    id: entry.id,
    name: entry.name,
    geoName: entry.geoName ?? '',
    lat: entry.lat ?? 0,
    lon: entry.lon ?? 0,
    owner: entry.owner,
    rooms: new Map(entry.rooms.map((room) => [room.id, { ...room }])),
    members: (entry.members ?? []).map((member) => ({ ...member })),
    scenes: new Map((entry.scenes ?? []).map((scene) => [scene.id, makeScene(scene)])),
    automations: new Map((entry.automations ?? []).map((rule) => [rule.id, makeAutomation(rule)])),
  }
}

export function livesIn(home: SimHome, uid: string): boolean {
  return home.owner === uid || home.members.some((member) => member.uid === uid)
}

export function isAdmin(home: SimHome, uid: string): boolean {
  return home.owner === uid || home.members.some((member) => member.uid === uid && member.admin)
}
