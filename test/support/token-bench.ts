import { tokenGet } from '../../src/codec/cloud/operation/token-get.ts'
import type {
  CloudError,
  CloudFaultKind,
  CloudReply,
  CloudRequest,
  Handler,
} from '../../src/transport/cloud/layer.ts'
import { TokenKeeper, tokenLayer } from '../../src/transport/cloud/token.ts'
import type { Random } from '../../src/util/random.ts'
import type { Secret } from '../../src/util/secret.ts'
import { fault, fine, requestOf } from './cloud-request.ts'
import { VirtualClock } from './virtual-clock.ts'

export const lifeMs = 7_200_000

/** The platform's side of the token: one living pair, a refresh kills the old one. */
export class Issuer {
  generation = 0
  readonly gets: CloudRequest[] = []
  readonly refreshes: CloudRequest[] = []
  /** Faults of the next calls, in order. */
  readonly trouble: CloudError[] = []
  /** The rest of the pair's life that the next answers tell. */
  lifeMs = lifeMs
  /** Runs before every answer. */
  delay: () => Promise<void> = async () => {}

  get access(): string {
    return `access-${this.generation}`
  }

  get calls(): number {
    return this.gets.length + this.refreshes.length
  }

  readonly handler: Handler = async (request) => {
    const isGet = request.operation.id === tokenGet.id
    ;(isGet ? this.gets : this.refreshes).push(request)
    await this.delay()
    const trouble = this.trouble.shift()
    if (trouble) throw trouble
    if (!isGet && request.args['refresh_token'] !== `refresh-${this.generation}`) throw fault('auth')
    if (!isGet || this.generation === 0) this.generation++
    return this.#pair()
  }

  /** As if another program of the same project had refreshed. */
  refreshElsewhere(): void {
    this.generation++
  }

  #pair(): CloudReply {
    const { generation } = this
    return {
      result: {
        access_token: `access-${generation}`,
        refresh_token: `refresh-${generation}`,
        expire_time: this.lifeMs / 1_000,
      },
    }
  }
}

export interface TokenBench {
  readonly clock: VirtualClock
  readonly issuer: Issuer
  readonly keeper: TokenKeeper
  readonly learned: Secret[]
  readonly life: AbortController
  /** Business calls as they reach the wire, by their token. */
  readonly used: string[]
  /** What the wire says to a business call; undefined = it takes the issuer's living token. */
  verdict: CloudFaultKind | undefined
  call(request?: Partial<CloudRequest>): Promise<CloudReply>
}

/** A keeper of the token whose platform is an issuer. */
export function tokenBench(random: Random = () => 0.5): TokenBench {
  const clock = new VirtualClock()
  const issuer = new Issuer()
  const learned: Secret[] = []
  const life = new AbortController()
  const keeper = new TokenKeeper({
    call: issuer.handler,
    clock,
    random,
    learn: (secret) => learned.push(secret),
    signal: life.signal,
  })
  const used: string[] = []
  const handler = tokenLayer(keeper)(async ({ accessToken }) => {
    used.push(accessToken?.reveal() ?? '')
    if (self.verdict) throw fault(self.verdict)
    if (accessToken?.reveal() !== issuer.access) throw fault('auth')
    return fine
  })
  const self: TokenBench = {
    clock,
    issuer,
    keeper,
    learned,
    life,
    used,
    verdict: undefined,
    call: (request) => handler(requestOf(request)),
  }
  return self
}
