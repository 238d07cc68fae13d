import type { Schema } from '../schema.ts'
import { finite, idText, listOrNull, number, text, type WireNumber, type WireText } from '../shape.ts'

export interface WirePairingToken {
  readonly token: string
  readonly region?: WireText
  readonly secret?: WireText
  readonly expire_time?: WireNumber
}

export const pairingTokenSchema: Schema = {
  type: 'object',
  required: ['token'],
  properties: {
    token: { type: 'string', minLength: 1, maxLength: 512 },
    region: text,
    secret: text,
    expire_time: number,
  },
}

export interface PairingToken {
  readonly token: string
  readonly region: string
  readonly secret: string
  readonly lifetimeMs: number
}

export function readPairingToken(token: WirePairingToken): PairingToken {
  return {
    token: token.token,
    region: token.region ?? '',
    secret: token.secret ?? '',
    lifetimeMs: (finite(token.expire_time) ?? 0) * 1000,
  }
}

interface WirePairedDevice {
  readonly id?: WireText
  readonly device_id?: WireText
  readonly name?: WireText
}

interface WirePairingFailure extends WirePairedDevice {
  readonly code?: WireNumber
  readonly msg?: WireText
}

export interface WirePairingProgress {
  readonly successDevices?: readonly WirePairedDevice[] | null
  readonly errorDevices?: readonly WirePairingFailure[] | null
}

const pairedDevice: Schema = {
  type: 'object',
  properties: {
    id: { anyOf: [idText, { type: 'null' }] },
    device_id: text,
    name: text,
    code: number,
    msg: text,
  },
}

export const pairingProgressSchema: Schema = {
  type: 'object',
  properties: { successDevices: listOrNull(pairedDevice), errorDevices: listOrNull(pairedDevice) },
}

/** Who has joined with a pairing token so far, and who could not. */
export interface PairingProgress {
  readonly joined: readonly { readonly id: string; readonly name: string }[]
  readonly failed: readonly { readonly id: string; readonly name: string; readonly reason: string }[]
}

export function readPairingProgress(progress: WirePairingProgress): PairingProgress {
  const device = (wire: WirePairedDevice) => ({ id: wire.id ?? wire.device_id ?? '', name: wire.name ?? '' })
  return {
    joined: (progress.successDevices ?? []).map(device),
    failed: (progress.errorDevices ?? []).map((wire) => ({
      ...device(wire),
      reason: wire.msg || String(wire.code ?? ''),
    })),
  }
}
