import type { Config } from '../app/config-types.ts'
import { fetchHub, pulsarAddress, tlsOf } from '../app/queue-link.ts'
import { queueWanted } from '../app/queue-wanted.ts'
import type { CloudClient } from '../transport/cloud/client.ts'
import { type LinkEnd, QueueLinkError } from '../transport/queue/link-error.ts'
import { mqttOpener } from '../transport/queue/mqtt-socket.ts'
import { probeQueue } from '../transport/queue/probe.ts'
import { wsOpener } from '../transport/queue/ws-socket.ts'
import { BridgeError } from '../util/error.ts'
import type { Walk } from './check.ts'
import type { Context } from './context.ts'

const what = 'event queue'

/** Whether the event queue would have us. No message is taken from a bridge that runs. */
export async function checkQueue(
  walk: Walk,
  context: Context,
  client: Pick<CloudClient, 'call'>,
  signal: AbortSignal,
): Promise<void> {
  const { config } = context
  const { wanted, why } = queueWanted(config)
  if (!wanted) {
    walk.note(what, why ?? 'queue.channel is off: state is polled')
    return
  }
  const { tuya, queue } = config
  if (!tuya) return
  try {
    if (queue.channel === 'openhub') await checkHub(walk, context, client, tuya, signal)
    else await checkPulsar(walk, config, tuya, signal)
  } catch (thrown) {
    if (!(thrown instanceof BridgeError)) throw thrown
    const end = thrown instanceof QueueLinkError ? thrown.end : undefined
    if (end === 'throttled' || end === 'unavailable')
      walk.note(what, `${thrown.message} The bridge polls, and tries again without end.`)
    else walk.fail(what, [thrown.message, ...adviceFor(end, config), without].join('\n'))
  }
}

const without = 'Without it the bridge polls: say queue.channel = off if you mean it.'

async function checkPulsar(
  walk: Walk,
  config: Config,
  tuya: NonNullable<Config['tuya']>,
  signal: AbortSignal,
): Promise<void> {
  const address = pulsarAddress(config, tuya)
  await probeQueue({ address, open: wsOpener(tlsOf(config.queue.tls)), signal })
  walk.ok(what, `${new URL(address.base).host} answers, and knows the access id and its secret`)
  walk.note(
    `subscription ${address.subscription}`,
    `whether it exists in ${address.environment} and a messaging rule feeds it, only a consumer learns, who would take messages from a bridge that runs: see /readyz of the bridge`,
  )
}

/** Each link gets everything: another one takes nothing from the bridge. */
async function checkHub(
  walk: Walk,
  { config, redactor }: Context,
  client: Pick<CloudClient, 'call'>,
  tuya: NonNullable<Config['tuya']>,
  signal: AbortSignal,
): Promise<void> {
  const { queue, mqtt } = config
  const linkId = `dp2mqtt.${mqtt.instance}.check`
  const access = await fetchHub({ client, redactor, tuya, version: queue.openHub.version, linkId }, signal)
  const socket = await mqttOpener(tlsOf(queue.tls))({ config: access, signal, onMessage: () => {} })
  await socket.close(new QueueLinkError('stopped', 'Only looking.'))
  walk.ok(what, `the Open Hub at ${new URL(access.url).host} lets us in`)
}

function adviceFor(end: LinkEnd | undefined, { queue, tuya }: Config): readonly string[] {
  switch (end) {
    case 'credentials':
      return [
        'The cloud knows both, so it is the queue that does not: in the console, Cloud, your project, Service API, Go to Authorize: Message Service; then your project, Message Service: enable it, and create, release and switch on a messaging rule.',
        ...(queue.url === null ? [] : ['Or queue.url is the queue of another data centre.']),
      ]
    case 'permission':
      return ['In the console: your project, Service API, Go to Authorize: Message Service.']
    case 'refused':
      return [`queue.environment is ${queue.environment}; the region is ${tuya?.region}.`]
    case 'unreachable':
    case 'timeout':
    case 'closed':
      return [
        queue.channel === 'openhub'
          ? 'Check whether a firewall lets this machine out to the port 8883.'
          : 'Check queue.url if you set it, and whether a firewall lets this machine out to the port 8285.',
      ]
    default:
      return []
  }
}
