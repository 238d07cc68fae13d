import { isRecord, own } from '../../util/json.ts'

/** One phase of a meter: volts, amperes, kilowatts. */
export interface Phase {
  readonly voltage: number
  readonly current: number
  readonly power: number
}

export function isPhaseCode(code: string): boolean {
  return /^phase_[a-c]$/.test(code)
}

/** The raw form: voltage x 0.1 V (2 bytes), current x 0.001 A (3), power x 0.001 kW (3), big endian; or an object. */
export function parsePhase(value: unknown): Phase | undefined {
  if (typeof value === 'string') return parsePhaseBytes(Buffer.from(value, 'base64'))
  if (!isRecord(value)) return undefined
  const [voltage, current, power] = [
    own(value, 'voltage'),
    own(value, 'electricCurrent'),
    own(value, 'power'),
  ]
  if (typeof voltage !== 'number' || typeof current !== 'number' || typeof power !== 'number')
    return undefined
  return { voltage, current, power }
}

function parsePhaseBytes(bytes: Buffer): Phase | undefined {
  if (bytes.length < 8) return undefined
  return {
    voltage: Number(`${bytes.readUIntBE(0, 2)}e-1`),
    current: Number(`${bytes.readUIntBE(2, 3)}e-3`),
    power: Number(`${bytes.readUIntBE(5, 3)}e-3`),
  }
}
