import { randomUUID } from 'node:crypto'
import { checkArguments } from '../../codec/cloud/arguments.ts'
import type { AnyArguments, AnyOperation, Arguments, Operation, Params } from '../../codec/cloud/operation.ts'
import { conform } from '../../codec/cloud/schema.ts'
import type { LinkHealth, LinkStatus } from '../../domain/link.ts'
import type { Clock } from '../../util/clock.ts'
import { isRecord } from '../../util/json.ts'
import type { Random } from '../../util/random.ts'
import { Secret } from '../../util/secret.ts'
import { Breaker, type Breakers, breakerLayer } from './breaker.ts'
import { budgetLayer, type CallBudget } from './budget.ts'
import { clockLayer } from './clock-layer.ts'
import { type Credentials, exchangeSigned } from './exchange.ts'
import { CloudGate, PermissionPause } from './gate.ts'
import type { HttpExchange } from './http.ts'
import { CloudError, type CloudReply, compose, type Handler, type Priority } from './layer.ts'
import { type PaceOptions, Pacer, paceLayer } from './pace.ts'
import { retryLayer } from './retry.ts'
import { ServerClock } from './server-clock.ts'
import { TokenKeeper, tokenLayer } from './token.ts'

export interface CloudClientParts {
  readonly credentials: Credentials
  readonly http: HttpExchange
  readonly budget: CallBudget
  readonly clock: Clock
  readonly random: Random
  /** Told of every secret that an answer brings, before anybody else sees it. */
  readonly learn: (secret: Secret) => void
  readonly pace?: PaceOptions
  readonly onChange?: () => void
  readonly onCall?: (operation: AnyOperation, outcome: string, ms: number) => void
}

export interface CallOptions {
  readonly priority: Priority
  readonly signal: AbortSignal
  /** Somebody waits for it, whatever its priority. */
  readonly urgent?: boolean
  /** Doing it twice does something twice. */
  readonly once?: boolean
}

const defaultPace: PaceOptions = { perSecond: 18, burst: 30 }

/** The platform's API: every operation of the registry, with all manners of the client between it and the wire. */
export class CloudClient implements AsyncDisposable {
  readonly #parts: CloudClientParts
  readonly #handler: Handler
  readonly #life = new AbortController()
  readonly #breakers: Breakers
  readonly #gate: CloudGate
  readonly #pause: PermissionPause
  readonly #serverClock: ServerClock
  readonly #pacer: Pacer
  readonly #token: TokenKeeper
  #status: LinkStatus = 'down'
  #reason: string | null = 'starting'
  #sinceMs: number
  #lastMs: number | null = null

  constructor(parts: CloudClientParts) {
    this.#parts = parts
    const { clock, random } = parts
    this.#sinceMs = clock.now()
    const changed = () => this.#review()
    this.#serverClock = new ServerClock(clock)
    this.#gate = new CloudGate(clock)
    this.#pause = new PermissionPause(clock)
    this.#pacer = new Pacer(parts.pace ?? defaultPace, clock)
    this.#breakers = {
      token: new Breaker(clock, random),
      command: new Breaker(clock, random),
      read: new Breaker(clock, random),
    }
    const { credentials, http, budget } = parts
    const serverClock = this.#serverClock
    const wire: Handler = async (request) => {
      const startedMs = clock.monotonic()
      const note = (outcome: string) =>
        parts.onCall?.(request.operation, outcome, clock.monotonic() - startedMs)
      try {
        const reply = await exchangeSigned(
          { credentials, http, serverClock, clock, nonce: randomUUID },
          request,
        )
        this.#lastMs = clock.now()
        learnKeys(reply.result, parts.learn)
        note('ok')
        return reply
      } catch (thrown) {
        note(thrown instanceof CloudError ? String(thrown.tuya?.code ?? thrown.kind) : 'given-up')
        throw thrown
      }
    }
    const retry = retryLayer(clock, random)
    const breakers = breakerLayer(this.#breakers, changed)
    const near = [clockLayer(serverClock), paceLayer(this.#pacer, random), budgetLayer(budget)]
    this.#token = new TokenKeeper({
      // Without tries of its own: the calls that wait for it are the ones that are repeated.
      call: compose([breakers, ...near], wire),
      clock,
      random,
      learn: parts.learn,
      signal: this.#life.signal,
    })
    this.#handler = compose(
      [this.#gate.layer(changed), this.#pause.layer(), retry, breakers, tokenLayer(this.#token), ...near],
      wire,
    )
  }

  /** Calls an operation and reads its answer. Rejects with CloudError, or BridgeError for arguments that do not fit. */
  async call<P extends Params, R>(
    operation: Operation<P, R>,
    args: Arguments<P>,
    options: CallOptions,
  ): Promise<R> {
    const result = await this.raw(operation as unknown as AnyOperation, args as AnyArguments, options)
    return operation.read(result as never)
  }

  /** The same with the platform's own result, checked against the reply schema. */
  async raw(operation: AnyOperation, args: AnyArguments, options: CallOptions): Promise<unknown> {
    checkArguments(operation, args)
    const signal = AbortSignal.any([options.signal, this.#life.signal])
    const reply = await this.#send({ ...options, operation, args, signal })
    const fitting = conform(operation.reply, reply.result)
    if (!fitting.ok) {
      throw new CloudError(
        'refused',
        'unknown',
        `The cloud’s answer to ${operation.id} has an unknown form.`,
        {
          code: 'cloud/unavailable',
          retry: 'later',
        },
      )
    }
    return fitting.value
  }

  async #send(request: Parameters<Handler>[0]): Promise<CloudReply> {
    try {
      return await this.#handler(request)
    } finally {
      this.#review()
    }
  }

  get health(): LinkHealth {
    return { state: this.#status, sinceMs: this.#sinceMs, reason: this.#reason, lastMs: this.#lastMs }
  }

  get breakers(): Breakers {
    return this.#breakers
  }

  /** How far our wall clock is off, positive when the cloud is ahead. */
  get clockSkewMs(): number {
    return this.#serverClock.skewMs
  }

  /** Whether the cloud has told its time. */
  get knowsTime(): boolean {
    return this.#serverClock.isKnown
  }

  /** The cloud's time, by which reports are dated. */
  now(): number {
    return this.#serverClock.now()
  }

  get waiting(): number {
    return this.#pacer.waiting
  }

  /** After a change in the console or the configuration: stops and pauses end, the next call asks again. */
  forgetRefusals(): void {
    this.#gate.reopen()
    this.#pause.clear()
  }

  /** The public state out of gate, breakers and the last answer. */
  #review(): void {
    const open = Object.values(this.#breakers).some((breaker) => breaker.status !== 'closed')
    const stop = this.#gate.stop?.word ?? (this.#token.blocked ? 'token-invalid' : undefined)
    const reason = stop ?? (open ? 'unavailable' : this.#lastMs === null ? 'starting' : null)
    const reads = stop === undefined && this.#lastMs !== null && this.#mayRead
    const status: LinkStatus = reason === null ? 'up' : reads ? 'degraded' : 'down'
    if (status === this.#status && reason === this.#reason) return
    this.#status = status
    this.#reason = reason
    this.#sinceMs = this.#parts.clock.now()
    this.#parts.onChange?.()
  }

  get #mayRead(): boolean {
    const { read, token } = this.#breakers
    return read.status === 'closed' && (token.status === 'closed' || this.#token.alive)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#life.abort(
      // What still waits knows better that it never left.
      new CloudError('blocked', 'unknown', 'The bridge is stopping.', { code: 'bridge/shutdown' }),
    )
    await this.#parts.http[Symbol.asyncDispose]()
  }
}

const secretMembers = new Set([
  'local_key',
  'localKey',
  'access_token',
  'refresh_token',
  'password',
  'auth_key',
  'uid',
])

/** Secrets of an answer, at whatever depth, so that they are masked from the first line that could show them. */
function learnKeys(value: unknown, learn: (secret: Secret) => void, depth = 0): void {
  if (depth > 6) return
  if (Array.isArray(value)) {
    for (const item of value) learnKeys(item, learn, depth + 1)
    return
  }
  if (!isRecord(value)) return
  for (const [name, member] of Object.entries(value)) {
    if (typeof member === 'string') {
      if (secretMembers.has(name) && member !== '') learn(new Secret(member))
    } else if (typeof member === 'object' && member !== null) learnKeys(member, learn, depth + 1)
  }
}
