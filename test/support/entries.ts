import type { Outgoing } from '../../src/mqtt/message.ts'
import type { Entry, Outbox } from '../../src/mqtt/outbox.ts'

export function state(topic: string, payload = topic): Outgoing {
  return { topic, payload, qos: 1, retain: true }
}

/** A message that the broker does not answer. */
export function scalar(topic: string, payload = topic): Outgoing {
  return { ...state(topic, payload), qos: 0 }
}

export function event(payload: string, topic = 'event'): Outgoing {
  return { topic, payload, qos: 1, retain: false }
}

export function takeAll(outbox: Outbox, window = 64): Entry[] {
  const taken: Entry[] = []
  for (let entry = outbox.take(window); entry; entry = outbox.take(window)) taken.push(entry)
  return taken
}

export const payloads = (entries: readonly Entry[]) => entries.map(({ message }) => message.payload)
