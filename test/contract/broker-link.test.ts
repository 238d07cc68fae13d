import { EmbeddedConnector } from '../../src/mqtt/broker/embedded-link.ts'
import { ClientConnector } from '../../src/mqtt/client-link.ts'
import { brokerLinkContract } from './broker-link.ts'

brokerLinkContract('the broker inside, without a socket,', ({ broker }) => new EmbeddedConnector(broker))

brokerLinkContract(
  'the same broker over TCP',
  ({ url }) =>
    new ClientConnector({
      url,
      clientId: 'dp2mqtt-test',
      username: null,
      password: null,
      protocolVersion: null,
      tls: { insecure: false },
    }),
)
