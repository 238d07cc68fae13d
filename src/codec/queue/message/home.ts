import type { HomeChange } from '../../../domain/message.ts'
import { own } from '../../../util/json.ts'
import { idOf, type Reader } from './letter.ts'
import { toldBy } from './told.ts'

/** Homes are spaces in the newer family. */
export function home(change: HomeChange, member: 'homeId' | 'spaceId' = 'homeId'): Reader {
  return (letter) => {
    const homeId = idOf(own(letter.bizData, member))
    return homeId === null ? undefined : { kind: 'home', ...toldBy(letter), homeId, change }
  }
}
