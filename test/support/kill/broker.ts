import { which } from '../../../interop/child.ts'
import { Mosquitto } from '../../../interop/mosquitto/broker.ts'
import { BrokerProcess } from '../broker-process.ts'

export interface SomeBroker extends AsyncDisposable {
  readonly name: string
  readonly port: number
  readonly speaks5: boolean
}

/** An observer that is slow for a moment must not be the reason why something is missing. */
const lines = [
  'max_queued_messages 0',
  'max_queued_bytes 0',
  'max_inflight_messages 0',
  'set_tcp_nodelay true',
]

/** A broker that outlives the bridge: mosquitto where it is installed and wanted, else aedes in a process of its own. */
export async function openBroker(wanted = process.env['KILL_BROKER']): Promise<SomeBroker> {
  if (wanted !== 'aedes' && which('mosquitto')) {
    const mosquitto = await Mosquitto.start({ lines })
    return {
      name: 'mosquitto',
      port: mosquitto.port,
      speaks5: true,
      [Symbol.asyncDispose]: () => mosquitto[Symbol.asyncDispose](),
    }
  }
  const aedes = await BrokerProcess.open()
  return {
    name: 'aedes',
    port: Number(new URL(aedes.url).port),
    speaks5: false,
    [Symbol.asyncDispose]: () => aedes[Symbol.asyncDispose](),
  }
}
