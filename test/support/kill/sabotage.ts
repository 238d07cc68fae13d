import type { Sink } from '../../../src/domain/message.ts'
import type { BrokerConnector } from '../../../src/mqtt/link.ts'
import type { Settlement } from '../../../src/util/settlement.ts'

/** Nobody takes a part in what has to be settled, so everything is acknowledged when it is read (against I-1). */
export function acknowledgeEarly(sink: Sink): Sink {
  const nobody = {
    part: () => () => {},
    join: (take: (settle: () => void) => boolean) => void take(() => {}),
    refuse: () => {},
    seal: () => {},
  } as unknown as Settlement
  return (received) => sink(received, nobody)
}

/** The documents that an earlier run left are not seen, and so neither are the source times in them (against R-S4). */
export function forgetful(connector: BrokerConnector): BrokerConnector {
  return {
    get address() {
      return connector.address
    },
    connect: (options) =>
      connector.connect({
        ...options,
        onMessage: (message) => {
          if (!/\/state\/device\/[^/]+$/.test(message.topic)) options.onMessage(message)
        },
      }),
  }
}
