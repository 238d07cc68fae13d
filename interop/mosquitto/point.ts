import type { Rig } from './rig.ts'

/** One promise of the contract, shown on a bridge that runs. */
export interface Point {
  readonly name: string
  readonly show: (rig: Rig) => Promise<unknown>
}

export const lamp = 'bf3c9a7d41e0b2f6aaw1vn'
export const plug = 'bf5b8310dfe2a947c3jy2h'
export const offlineLamp = 'bf63d8a9f2c70e41b5ri1x'
