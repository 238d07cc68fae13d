import { createHash } from 'node:crypto'
import type { BrokerConnector, BrokerLink } from '../mqtt/link.ts'
import { backoff } from '../util/backoff.ts'
import { type Clock, sleep } from '../util/clock.ts'
import { deferred } from '../util/deferred.ts'
import type { Random } from '../util/random.ts'
import type { Config } from './config-types.ts'
import type { ConventionTree } from './homie-edition.ts'
import type { Logger } from './log.ts'

export interface VouchersParts {
  readonly connector: BrokerConnector
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly suffix: string
  /** More devices than this have no connection of their own. */
  readonly atMost: number
  /** The topic of the device's state; undefined for one that is not told any more. */
  readonly stateTopicOf: (deviceId: string) => string | undefined
  /** The connection stands: whatever the Will of an earlier one has said of the device was said before. */
  readonly onVouched: (deviceId: string) => void
}

const delays = { baseMs: 1_000, capMs: 30_000 }

/**
 * Connections that say nothing: each is there for its Will, which says that one device is lost when the bridge dies. They
 * are made one after the other, and a broker that has no room for more is asked again from time to time.
 */
export class HomieVouchers {
  readonly #parts: VouchersParts
  readonly #wanted = new Set<string>()
  readonly #links = new Map<string, BrokerLink>()
  readonly #life = new AbortController()
  #woken = deferred<void>()
  #isTroubled = false
  #hasWarned = false
  #running: Promise<void> | undefined

  constructor(parts: VouchersParts) {
    this.#parts = parts
  }

  /** How many devices have a Will of their own. */
  get count(): number {
    return this.#links.size
  }

  add(deviceId: string): void {
    if (this.#parts.atMost === 0 || this.#wanted.has(deviceId)) return
    this.#wanted.add(deviceId)
    this.#running ??= this.#loop()
    this.#woken.resolve()
  }

  /** Its connection ends with a goodbye, and so without a Will. */
  remove(deviceId: string): void {
    this.#wanted.delete(deviceId)
    const link = this.#links.get(deviceId)
    this.#links.delete(deviceId)
    void link?.close()
    this.#woken.resolve()
  }

  /** The broker is another one by now, or lets us in otherwise. */
  renew(): void {
    for (const link of this.#links.values()) link.destroy('renewed')
  }

  async stop(): Promise<void> {
    this.#life.abort()
    const links = [...this.#links.values()]
    this.#links.clear()
    await Promise.all([this.#running, ...links.map((link) => link.close())])
  }

  async #loop(): Promise<void> {
    const { clock, random } = this.#parts
    const { signal } = this.#life
    signal.addEventListener('abort', () => this.#woken.resolve(), { once: true })
    let waits = backoff(delays, random)
    while (!signal.aborted) {
      const next = this.#next()
      if (next === undefined) {
        waits = backoff(delays, random)
        this.#hasWarned = false
        await this.#woken.promise
        this.#woken = deferred<void>()
      } else if (!(await this.#vouch(next))) this.#refused()
      if (!this.#isTroubled) continue
      this.#isTroubled = false
      await sleep(clock, waits.next().value, signal).catch(() => {})
    }
  }

  #next(): string | undefined {
    if (this.#links.size >= this.#parts.atMost) return undefined
    for (const id of this.#wanted) if (!this.#links.has(id)) return id
    return undefined
  }

  async #vouch(deviceId: string): Promise<boolean> {
    const { connector, suffix, stateTopicOf, onVouched } = this.#parts
    const topic = stateTopicOf(deviceId)
    if (topic === undefined) {
      this.#wanted.delete(deviceId)
      return true
    }
    try {
      const link = await connector.connect({
        suffix: `${suffix}-${digest(deviceId)}`,
        will: { topic, payload: 'lost' },
        onMessage: () => {},
        signal: this.#life.signal,
      })
      if (this.#life.signal.aborted || !this.#wanted.has(deviceId)) {
        await link.close()
        return true
      }
      this.#links.set(deviceId, link)
      void link.ended.then(() => this.#ended(deviceId, link))
      onVouched(deviceId)
      return true
    } catch {
      return false
    }
  }

  #refused(): void {
    this.#isTroubled = true
    if (this.#hasWarned || this.#life.signal.aborted) return
    this.#hasWarned = true
    this.#parts.log.warn(
      { vouched: this.count, wanted: this.#wanted.size },
      'the broker admits no further connection for devices of Homie 4: those without one are not lost when the bridge dies',
    )
  }

  #ended(deviceId: string, link: BrokerLink): void {
    if (this.#links.get(deviceId) !== link) return
    this.#links.delete(deviceId)
    this.#isTroubled = true
    this.#woken.resolve()
  }
}

/** A device keeps its client id through restarts, so that the Will of a connection that is half gone is that of the same device. */
function digest(deviceId: string): string {
  return createHash('sha256').update(deviceId).digest('hex').slice(0, 8)
}

/** Those of one version of Homie. None for a broker inside: it ends together with us, and nobody would hear a Will. */
export function vouchersFor(
  parts: Pick<VouchersParts, 'connector' | 'clock' | 'random' | 'log'> & { readonly config: Config },
  suffix: string,
  tree: ConventionTree,
): HomieVouchers | undefined {
  const { config, connector, clock, random, log } = parts
  if (!tree.stateTopicOf || config.mqtt.url === null) return undefined
  return new HomieVouchers({
    connector,
    clock,
    random,
    log,
    suffix,
    atMost: config.publish.homie4Connections,
    stateTopicOf: (id) => tree.stateTopicOf?.(id),
    onVouched: (id) => tree.assert?.(id),
  })
}
