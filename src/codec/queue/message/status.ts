import type { Json } from '../../../domain/data-point.ts'
import type { StatusMessage, StatusPoint } from '../../../domain/message.ts'
import { own } from '../../../util/json.ts'
import { readTime } from '../time.ts'
import { dpIdOf, type Letter, type Members, membersOf, type Reader, textOf } from './letter.ts'

/** The older family: items `{code, t, value, "<number of the point>": value as text}`. */
export const statusReport: Reader = (letter) =>
  report(letter, own(letter.body, 'dataId'), own(letter.body, 'status'), legacyPoint)

/** The newer family: `properties: [{code, dpId, value, time}]`. */
export const propertyMessage: Reader = (letter) =>
  report(letter, own(letter.bizData, 'dataId'), own(letter.bizData, 'properties'), corePoint)

type PointReader = (members: Members, letter: Letter) => StatusPoint | undefined

function report(
  letter: Letter,
  dataId: unknown,
  items: unknown,
  read: PointReader,
): StatusMessage | undefined {
  const { deviceId, productId, protocol, bizCode } = letter
  if (!Array.isArray(items) || deviceId === null) return undefined
  const points: StatusPoint[] = []
  let newestMs = Number.NEGATIVE_INFINITY
  for (const item of items) {
    const point = read(membersOf(item), letter)
    if (point === undefined) continue
    points.push(point)
    if (point.timeMs > newestMs) newestMs = point.timeMs
  }
  return {
    kind: 'status',
    protocol,
    bizCode,
    timeMs: points.length === 0 ? letter.timeMs : newestMs,
    data: null,
    deviceId,
    productId,
    dataId: textOf(dataId),
    points,
  }
}

function legacyPoint(members: Members, letter: Letter): StatusPoint | undefined {
  let dpId: number | null = null
  let text: Json | undefined
  for (const name in members) {
    dpId = dpIdOf(name)
    if (dpId === null) continue
    text = members[name]
    break
  }
  const value = Object.hasOwn(members, 'value') ? members['value'] : text
  return point(members, letter, dpId, value)
}

function corePoint(members: Members, letter: Letter): StatusPoint | undefined {
  return point(members, letter, dpIdOf(own(members, 'dpId')), members['value'])
}

/** None where nothing says which point it is, or no value is there. */
function point(
  members: Members,
  letter: Letter,
  dpId: number | null,
  value: Json | undefined,
): StatusPoint | undefined {
  const code = textOf(own(members, 'code'))
  if (value === undefined || (code === null && dpId === null)) return undefined
  const timeMs = readTime(own(members, 't')) ?? readTime(own(members, 'time')) ?? letter.timeMs
  return { code, dpId, value, timeMs }
}
