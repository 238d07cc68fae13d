import type { Random } from '../../util/random.ts'
import type { FaultName, Faults } from '../fault.ts'
import type { FeedMessage } from '../feed.ts'
import { type ContentWishes, poisons } from './content.ts'

export interface Distorted {
  readonly message: FeedMessage
  readonly wishes: ContentWishes
}

const hourMs = 3_600_000
const largeBytes = 1024 * 1024

/** Members that hold a time, wherever they stand. */
const timeMembers = new Set(['t', 'ts', 'time', 'executeTime'])

type Change = (distorted: Distorted, detail: number | undefined, random: Random) => Distorted

const ofBody =
  (change: (body: FeedMessage['body'], detail: number | undefined) => FeedMessage['body']): Change =>
  ({ message, wishes }, detail) => ({ message: { ...message, body: change(message.body, detail) }, wishes })

const withWishes =
  (more: ContentWishes): Change =>
  ({ message, wishes }) => ({ message, wishes: { ...wishes, ...more } })

/** What the faults do to a message before it goes into the queue; it stays so, however often it is delivered. */
const changes: Partial<Record<FaultName, Change>> = {
  'queue-old-times': ofBody((body, ms) => timesOf(body, (time) => time - (ms ?? hourMs))),
  'queue-seconds': ofBody((body) => timesOf(body, (time) => String(Math.floor(time / 1000)))),
  'queue-zero-ts': ofBody((body) => ({ ...body, ts: 0 })),
  'queue-large': ofBody((body, bytes) => ({ ...body, padding: 'x'.repeat(bytes ?? largeBytes) })),
  'queue-unknown': ({ message, wishes }) => ({
    message: {
      ...message,
      protocol: 9999,
      bizCode: 'somethingNew',
      body: { ...message.body, bizCode: 'somethingNew' },
    },
    wishes,
  }),
  'queue-no-properties': withWishes({ cipher: 'plain-ecb', properties: null }),
  'queue-bad-tag': withWishes({ properties: undefined, damage: 'tag' }),
  'queue-bad-base64': withWishes({ damage: 'data-base64' }),
  'queue-bad-sign': withWishes({ damage: 'sign' }),
  'queue-wrong-key': withWishes({ damage: 'key' }),
  'queue-poison': (distorted, _detail, random) =>
    withWishes({ damage: poisons[Math.floor(random() * poisons.length)] })(distorted, undefined, random),
}

export function distort(message: FeedMessage, faults: Faults, random: Random): Distorted {
  let distorted: Distorted = { message, wishes: {} }
  for (const [name, change] of Object.entries(changes) as [FaultName, Change][])
    if (faults.hits(name, random)) distorted = change(distorted, faults.detail(name), random)
  return distorted
}

function timesOf(body: FeedMessage['body'], change: (timeMs: number) => unknown): FeedMessage['body'] {
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [
        name,
        timeMembers.has(name) && typeof member === 'number' ? change(inMilliseconds(member)) : walk(member),
      ]),
    )
  }
  return walk(body) as FeedMessage['body']
}

function inMilliseconds(time: number): number {
  return time < 1e11 ? time * 1000 : time
}
