import type { DataPoint } from '../data-point.ts'
import {
  type AbilityBase,
  type AbilityRule,
  type Composite,
  isWritable,
  noSuchPart,
  ofType,
  type Written,
  whole,
} from './base.ts'

export interface LockAbility extends AbilityBase {
  readonly kind: 'lock'
  /** The bolt; true where it is drawn back. */
  readonly bolt: DataPoint
}

export function lock(name: string, codes: readonly string[]): AbilityRule<LockAbility> {
  return (points) => {
    const bolt = points.find(codes, ofType('boolean'))
    return bolt ? [{ kind: 'lock', key: 'lock', name, role: 'main', points: [bolt], bolt }] : []
  }
}

function write({ bolt }: LockAbility, part: string, payload: string): Written {
  if (part !== whole) return noSuchPart(part)
  const word = payload.trim().toUpperCase()
  if (!isWritable(bolt)) return noSuchPart(whole)
  if (word !== 'LOCK' && word !== 'UNLOCK') return { fault: 'A lock takes LOCK or UNLOCK.' }
  return { values: { [bolt.code]: word === 'UNLOCK' } }
}

export const lockComposite: Composite<LockAbility> = {
  state: ({ bolt }, values) => {
    const open = values(bolt.code)
    return typeof open === 'boolean' ? { state: open ? 'UNLOCKED' : 'LOCKED' } : undefined
  },
  accepts: ({ bolt }) => (isWritable(bolt) ? [whole] : []),
  write,
}
