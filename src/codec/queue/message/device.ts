import type { Json } from '../../../domain/data-point.ts'
import type { BindingMessage, DeviceEventMessage } from '../../../domain/message.ts'
import { asNumber, own } from '../../../util/json.ts'
import { dpIdOf, idOf, type Letter, type Reader, textOf } from './letter.ts'
import { toldBy } from './told.ts'

export const online: Reader = (letter) => presence(letter, true)
export const offline: Reader = (letter) => presence(letter, false)

function presence(letter: Letter, isOnline: boolean): ReturnType<Reader> {
  const { deviceId, productId } = letter
  if (deviceId === null) return undefined
  return { kind: 'presence', ...toldBy(letter), deviceId, productId, online: isOnline }
}

export const deviceRenamed: Reader = (letter) => {
  const { deviceId, productId, bizData } = letter
  const name = own(bizData, 'name')
  if (deviceId === null || typeof name !== 'string') return undefined
  return { kind: 'deviceRenamed', ...toldBy(letter), deviceId, productId, name }
}

export const pointRenamed: Reader = (letter) => {
  const { deviceId, bizData } = letter
  const name = own(bizData, 'name')
  const dpId = dpIdOf(own(bizData, 'dpId'))
  if (deviceId === null || dpId === null || typeof name !== 'string') return undefined
  return { kind: 'pointRenamed', ...toldBy(letter), deviceId, dpId, name }
}

export const bound: Reader = (letter) => binding(letter, 'bound')
export const unbound: Reader = (letter) => binding(letter, 'unbound')

/** The home is the owner in the older family, the space in the newer. */
function binding(letter: Letter, kind: BindingMessage['kind']): BindingMessage | undefined {
  const { deviceId, bizData } = letter
  if (deviceId === null) return undefined
  const homeId = homeIdOf(own(bizData, 'ownerId')) ?? homeIdOf(own(bizData, 'spaceId'))
  return { kind, ...toldBy(letter), deviceId, homeId }
}

/** An owner may be an account instead, whose id has letters. */
function homeIdOf(value: unknown): string | null {
  const id = idOf(value)
  return id !== null && /^\d{1,20}$/.test(id) ? id : null
}

export const upgradeStatus: Reader = (letter) => {
  const { deviceId, bizData } = letter
  if (deviceId === null) return undefined
  return {
    kind: 'upgrade',
    ...toldBy(letter),
    deviceId,
    module: wordOf(own(bizData, 'moduleType')),
    status: wordOf(own(bizData, 'upgradeStatus')),
    percent: percentOf(own(bizData, 'progress')),
  }
}

function wordOf(value: unknown): string | null {
  return typeof value === 'number' ? String(value) : textOf(value)
}

function percentOf(value: unknown): number | null {
  const percent = asNumber(value)
  return percent >= 0 && percent <= 100 ? percent : null
}

export const eventNotify: Reader = (letter) => deviceEvent(letter, 'etype')
export const thingEvent: Reader = (letter) => deviceEvent(letter, 'eventCode')
export const actionResponse: Reader = (letter) => deviceEvent(letter, 'actionCode')

function deviceEvent(letter: Letter, member: string): DeviceEventMessage | undefined {
  const { deviceId, bizData } = letter
  const code = textOf(own(bizData, member))
  if (deviceId === null || code === null) return undefined
  return { kind: 'deviceEvent', ...toldBy(letter), deviceId, code }
}

/** To whom is an account's business. */
export const shared: Reader = (letter) => {
  const { bizData, deviceId } = letter
  const named = ['addDevIds', 'removedDevIds'].flatMap((member) => idsOf(own(bizData, member)))
  const deviceIds = [...new Set(deviceId === null ? named : [...named, deviceId])]
  return { kind: 'shared', ...toldBy(letter), deviceIds }
}

function idsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map((id: Json) => idOf(id)).filter((id) => id !== null) : []
}

export const deviceChanged: Reader = (letter) => {
  const { deviceId } = letter
  return deviceId === null ? undefined : { kind: 'deviceChanged', ...toldBy(letter), deviceId }
}
