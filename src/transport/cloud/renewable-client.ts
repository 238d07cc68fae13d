import type { AnyArguments, AnyOperation, Arguments, Operation, Params } from '../../codec/cloud/operation.ts'
import type { LinkHealth } from '../../domain/link.ts'
import type { Breakers } from './breaker.ts'
import type { CallOptions, CloudClient } from './client.ts'
import { CloudError } from './layer.ts'

interface Held {
  readonly client: CloudClient
  /** Calls without their answer. */
  open: number
}

/**
 * The client of a project whose credentials may change. With new ones there is a new client, with a token, sockets and
 * breakers of its own; calls that are on their way end with the old one, which goes after the last of them.
 */
export class RenewableClient implements AsyncDisposable {
  readonly #make: () => CloudClient
  readonly #retired = new Set<Held>()
  #current: Held
  /** Whose time counts: of a client that has had no answer yet, the one before. */
  #clock: CloudClient

  constructor(make: () => CloudClient) {
    this.#make = make
    this.#current = { client: make(), open: 0 }
    this.#clock = this.#current.client
  }

  /** From now on calls are made with what the settings say now. */
  renew(): void {
    const old = this.#current
    this.#current = { client: this.#make(), open: 0 }
    this.#retired.add(old)
    this.#retire(old)
  }

  call<P extends Params, R>(
    operation: Operation<P, R>,
    args: Arguments<P>,
    options: CallOptions,
  ): Promise<R> {
    return this.#through((client) => client.call(operation, args, options), options.signal)
  }

  raw(operation: AnyOperation, args: AnyArguments, options: CallOptions): Promise<unknown> {
    return this.#through((client) => client.raw(operation, args, options), options.signal)
  }

  get health(): LinkHealth {
    return this.#current.client.health
  }

  get breakers(): Breakers {
    return this.#current.client.breakers
  }

  get clockSkewMs(): number {
    return this.#timekeeper.clockSkewMs
  }

  get knowsTime(): boolean {
    return this.#timekeeper.knowsTime
  }

  now(): number {
    return this.#timekeeper.now()
  }

  get waiting(): number {
    return [this.#current, ...this.#retired].reduce((sum, { client }) => sum + client.waiting, 0)
  }

  forgetRefusals(): void {
    this.#current.client.forgetRefusals()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = [this.#current, ...this.#retired]
    this.#retired.clear()
    for (const { client } of all) await client[Symbol.asyncDispose]()
  }

  /** What the cloud refused because of who asked, or what never left, is asked again by whoever we are by then. */
  async #through<T>(use: (client: CloudClient) => Promise<T>, signal: AbortSignal): Promise<T> {
    for (;;) {
      const held = this.#current
      held.open++
      try {
        return await use(held.client)
      } catch (thrown) {
        if (held === this.#current || signal.aborted || !wasRefusedUnheard(thrown)) throw thrown
      } finally {
        held.open--
        this.#retire(held)
      }
    }
  }

  get #timekeeper(): CloudClient {
    const { client } = this.#current
    if (client.health.lastMs !== null) this.#clock = client
    return this.#clock
  }

  #retire(held: Held): void {
    if (held.open === 0 && this.#retired.delete(held)) void held.client[Symbol.asyncDispose]()
  }
}

function wasRefusedUnheard(thrown: unknown): boolean {
  if (!(thrown instanceof CloudError)) return false
  return thrown.outcome === 'not-sent' || thrown.kind === 'config' || thrown.kind === 'auth'
}
