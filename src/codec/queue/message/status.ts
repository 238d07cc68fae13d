import type { Json } from '../../../domain/data-point.ts'
import type { StatusMessage, StatusPoint } from '../../../domain/message.ts'
import { own } from '../../../util/json.ts'
import { firstTime } from '../time.ts'
import { dpIdOf, type Letter, type Members, membersOf, type Reader, textOf } from './letter.ts'

/** The older family: items `{code, t, value, "<number of the point>": value as text}`. */
export const statusReport: Reader = (letter) => {
  const items = own(letter.body, 'status')
  if (!Array.isArray(items)) return undefined
  return report(letter, own(letter.body, 'dataId'), items.flatMap(legacyPoint(letter)))
}

/** The newer family: `properties: [{code, dpId, value, time}]`. */
export const propertyMessage: Reader = (letter) => {
  const items = own(letter.bizData, 'properties')
  if (!Array.isArray(items)) return undefined
  return report(letter, own(letter.bizData, 'dataId'), items.flatMap(corePoint(letter)))
}

function report(letter: Letter, dataId: unknown, points: readonly StatusPoint[]): StatusMessage | undefined {
  const { deviceId, productId, protocol, bizCode } = letter
  if (deviceId === null) return undefined
  return {
    kind: 'status',
    protocol,
    bizCode,
    timeMs: points.length === 0 ? letter.timeMs : Math.max(...points.map(({ timeMs }) => timeMs)),
    data: null,
    deviceId,
    productId,
    dataId: textOf(dataId),
    points,
  }
}

function legacyPoint(letter: Letter): (item: unknown) => StatusPoint[] {
  return (item) => {
    const members = membersOf(item)
    const numbered = Object.keys(members).find((name) => dpIdOf(name) !== null)
    const value = Object.hasOwn(members, 'value') ? members['value'] : members[numbered ?? '']
    return point(letter, members, numbered, value)
  }
}

function corePoint(letter: Letter): (item: unknown) => StatusPoint[] {
  return (item) => {
    const members = membersOf(item)
    return point(letter, members, own(members, 'dpId'), members['value'])
  }
}

/** None where nothing says which point it is, or no value is there. */
function point(letter: Letter, members: Members, dp: unknown, value: Json | undefined): StatusPoint[] {
  const code = textOf(own(members, 'code'))
  const dpId = dpIdOf(dp)
  if (value === undefined || (code === null && dpId === null)) return []
  const timeMs = firstTime(own(members, 't'), own(members, 'time')) ?? letter.timeMs
  return [{ code, dpId, value, timeMs }]
}
