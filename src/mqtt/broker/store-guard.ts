import { Readable } from 'node:stream'
import type { Clock } from '../../util/clock.ts'
import type { AedesClient } from './privates.ts'

const tellEveryMs = 60_000

/** The failure goes on to aedes, which ends the one client that it concerns. */
const passedOn = [
  'storeRetained',
  'cleanSubscriptions',
  'cleanIncoming',
  'putWill',
  'incomingStorePacket',
  'incomingDelPacket',
  'outgoingEnqueueCombi',
  'outgoingUpdate',
  'outgoingClearMessageId',
]

/** Here aedes would end the process, or keep the client waiting for ever. No session sleeps (R-E3), so the answer is known. */
const answeredInstead: Readonly<Record<string, unknown>> = { subscriptionsByTopic: [], delWill: undefined }

/** "It is not there" is the usual answer and no trouble. */
const onlyAsked = 'incomingGetPacket'

const streams = ['createRetainedStreamCombi', 'outgoingStream']

type Method = (...args: unknown[]) => unknown

/** Fault-matrix A18: a store that fails ends nothing but the call; what fails is told once a minute. */
export function guardStore(store: object, clock: Clock, onTrouble: (thrown: unknown) => void): void {
  const methods = store as Record<string, Method | undefined>
  const told = new Map<string, number>()
  const tell = (name: string, thrown: unknown) => {
    const now = clock.monotonic()
    if (now - (told.get(name) ?? Number.NEGATIVE_INFINITY) < tellEveryMs) return
    told.set(name, now)
    onTrouble(thrown)
  }
  const wrap = (name: string, around: (inner: Method) => Method) => {
    const inner = methods[name]
    if (inner) methods[name] = around(inner.bind(store))
  }
  for (const name of passedOn) {
    wrap(name, (inner) => async (...args) => {
      try {
        return await inner(...args)
      } catch (thrown) {
        tell(name, thrown)
        throw thrown
      }
    })
  }
  for (const [name, answer] of Object.entries(answeredInstead)) {
    wrap(name, (inner) => async (...args) => {
      try {
        return await inner(...args)
      } catch (thrown) {
        tell(name, thrown)
        return answer
      }
    })
  }
  wrap(
    onlyAsked,
    (inner) =>
      async (...args) =>
        inner(...args),
  )
  for (const name of streams) {
    wrap(name, (inner) => (...args) => {
      try {
        return (inner(...args) as Readable).on('error', (error) => tell(name, error))
      } catch (thrown) {
        tell(name, thrown)
        return Readable.from([])
      }
    })
  }
  // Whoever was refused under somebody's client id must not touch what belongs to its holder.
  wrap('cleanIncoming', (inner) => async (client) => {
    if ((client as AedesClient)._authorized) await inner(client)
  })
}
