import { identityFirst } from '../integration/homie/tree-parts.ts'
import type { BrokerConnector } from '../mqtt/link.ts'
import type { Outgoing } from '../mqtt/message.ts'
import type { Clock } from '../util/clock.ts'
import type { Random } from '../util/random.ts'
import { HomieLink } from './homie-link.ts'
import type { Logger } from './log.ts'

export interface SweepParts {
  readonly connector: BrokerConnector
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly suffix: string
  readonly stateTopic: string | undefined
  readonly filter: string
  /** What is to be taken back; each topic leaves when the broker has heard of it. */
  readonly topics: Set<string>
  readonly onDead: (message: Outgoing, reason: string, first: boolean) => void
  readonly onDone: () => void
}

const goodbyeMs = 2_000

/** Nobody wants the tree any more: a connection that ends when the broker has heard it all takes it back. */
export function sweep({ topics, stateTopic, onDone, log, ...parts }: SweepParts): HomieLink {
  const link = new HomieLink({
    ...parts,
    will: stateTopic === undefined ? undefined : { topic: stateTopic, payload: '' },
    onMessage: () => {},
    onUp: () => {
      for (const topic of [...topics].sort(identityFirst)) link.say(topic, '', true)
    },
    onDown: ({ end }) => log.warn({ reason: end }, 'the Homie tree could not be removed yet'),
    onTaken: ({ topic }) => {
      topics.delete(topic)
      if (topics.size > 0) return
      onDone()
      void link.stop(goodbyeMs)
    },
  })
  link.start()
  return link
}
