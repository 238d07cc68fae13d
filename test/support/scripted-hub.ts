import type { HubConfig } from '../../src/transport/queue/hub-config.ts'
import type { HubSocket, HubSocketOptions, OpenHubSocket } from '../../src/transport/queue/hub-socket.ts'
import { type LinkEnd, QueueLinkError } from '../../src/transport/queue/link-error.ts'
import type { Clock } from '../../src/util/clock.ts'
import { deferred } from '../../src/util/deferred.ts'
import { Secret } from '../../src/util/secret.ts'
import { abortReason } from '../../src/util/signal.ts'

/** A connection to the Open Hub without a socket. */
export class ScriptedHubSocket implements HubSocket {
  readonly ended: Promise<QueueLinkError>
  readonly options: HubSocketOptions
  readonly openedAt: number
  /** When it ended, monotonic. */
  endedAt: number | undefined
  over: LinkEnd | undefined
  readonly #clock: Clock
  readonly #end = deferred<QueueLinkError>()

  constructor(options: HubSocketOptions, clock: Clock) {
    this.options = options
    this.#clock = clock
    this.openedAt = clock.monotonic()
    this.ended = this.#end.promise
  }

  get lastAt(): number {
    return this.endedAt ?? this.#clock.monotonic()
  }

  hear(payload: string): void {
    if (this.over === undefined) this.options.onMessage(Buffer.from(payload))
  }

  async close(end: QueueLinkError): Promise<void> {
    this.over ??= end.end
    this.endedAt ??= this.#clock.monotonic()
    this.#end.resolve(end)
  }

  drop(end: LinkEnd = 'closed'): void {
    void this.close(new QueueLinkError(end, `scripted: ${end}`))
  }
}

/** The cloud that gives configurations, and the hub that takes them. */
export class ScriptedHub {
  readonly sockets: ScriptedHubSocket[] = []
  readonly tried: { readonly clientId: string; readonly at: number }[] = []
  /** When the cloud was asked, monotonic. */
  readonly asked: number[] = []
  lifetimeMs = 7_200_000
  /** Called with each question; throwing refuses it. */
  onAsk: (signal: AbortSignal) => void | Promise<void> = () => {}
  /** Called before each connection; throwing refuses it. */
  prepare: (options: HubSocketOptions, n: number) => void | Promise<void> = () => {}
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  readonly fetch = async (signal: AbortSignal): Promise<HubConfig> => {
    this.asked.push(this.#clock.monotonic())
    const n = this.asked.length
    await this.onAsk(signal)
    return {
      url: 'mqtts://hub.example:8883',
      clientId: `config${n}`,
      username: `user${n}`,
      password: new Secret(hubPassword(n)),
      topics: ['cloud/token/in/1'],
      lifetimeMs: this.lifetimeMs,
    }
  }

  readonly open: OpenHubSocket = async (options) => {
    if (options.signal.aborted) throw abortReason(options.signal)
    this.tried.push({ clientId: options.config.clientId, at: this.#clock.monotonic() })
    await this.prepare(options, this.tried.length)
    const socket = new ScriptedHubSocket(options, this.#clock)
    this.sockets.push(socket)
    return socket
  }

  get last(): ScriptedHubSocket {
    const socket = this.sockets.at(-1)
    if (!socket) throw new Error('nobody has connected')
    return socket
  }

  /** Connections that stand. */
  get standing(): number {
    return this.sockets.filter(({ over }) => over === undefined).length
  }
}

/** What comes with the n-th configuration. */
export function hubPassword(n: number): string {
  return String(n).padStart(8, '0').repeat(4)
}
