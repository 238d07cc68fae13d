import { randomBytes } from 'node:crypto'
import type { Json } from '../domain/data-point.ts'
import type { Inventory } from '../inventory/inventory.ts'
import { type BrokerConnector, LinkError } from '../mqtt/link.ts'
import { namedIn, ownPortions, portionsAt } from '../mqtt/portions.ts'
import { type Found, scan } from '../mqtt/scan.ts'
import { type Branch, type Table, TopicTree } from '../mqtt/topic.ts'
import type { Clock } from '../util/clock.ts'
import { isRecord, limits, own, parseJson } from '../util/json.ts'
import type { Config } from './config-types.ts'
import type { DerivedTrees } from './derived-trees.ts'
import type { Logger } from './log.ts'

/** A further tree of ours, in which an earlier run may have left something. */
export interface Neighbour {
  readonly branch: Pick<Branch<Table>, 'parse'>
  readonly filters: readonly string[]
  readonly adopt: (topics: ReadonlySet<string>) => void
  /** Of a tree that is off, its name in `bridge/info`: it is looked at where an earlier run had it. */
  readonly onceWas?: string
}

export interface LookAroundParts {
  readonly config: Config
  readonly connector: BrokerConnector
  readonly inventory: Inventory
  readonly tree: TopicTree
  readonly clock: Clock
  readonly log: Logger
  readonly clearTopic: (topic: string) => void
  /** Topics of ours that an earlier run left, with the copies of last events. */
  readonly adopt: (found: Found) => void
  /** The trees of other conventions, of which an earlier run may have left something. */
  readonly derived: Pick<DerivedTrees, 'leftAt' | 'portions' | 'keep' | 'isOurs' | 'adopt'>
  /** After a reconnect: the copies of last events that the broker still holds. */
  readonly restore: (found: Found) => void
  readonly neighbour?: Neighbour | undefined
}

/** What the broker holds below our base, looked at before we say anything. */
export class LookAround {
  readonly #parts: LookAroundParts
  #scanned = false
  #seeded = false

  constructor(parts: LookAroundParts) {
    this.#parts = parts
  }

  /** The next connection is to a broker that was not looked at yet. */
  forget(): void {
    this.#scanned = false
  }

  /**
   * Before anything is published: another bridge on this base keeps us silent; at the first connection everything
   * that the broker holds below the base is looked at.
   */
  async look(signal: AbortSignal): Promise<void> {
    const { tree, connector, clock, config } = this.#parts
    const [info, state] = [tree.build('bridgeInfo', {}), tree.build('bridgeState', {})]
    const filters = this.#scanned ? [info, state, tree.lastFilter] : [tree.everything]
    const wanted = (topic: string) =>
      topic === info || topic === state || tree.isLast(topic) || isSeed(tree, topic)
    const parts = { connector, tree, clock, token: randomBytes(12).toString('hex'), signal }
    const found = await scan({ ...parts, portions: ownPortions(tree) }, filters, wanted)
    const other = otherBridge(found, info, state, config.mqtt.instance)
    if (other !== undefined)
      throw new LinkError('base-in-use', `the bridge "${other}" publishes below ${tree.base} already`)
    if (this.#scanned) this.#parts.restore(found)
    else await this.#adopt(found, parts)
    this.#scanned = true
  }

  /** The first look is over. */
  get isDone(): boolean {
    return this.#scanned
  }

  /** A broker that does not let us read there costs nothing but the clean-up. */
  async #adoptDerived(found: Found, parts: Parameters<typeof scan>[0]): Promise<void> {
    const { tree, derived, log } = this.#parts
    const earlier = earlierTrees(found, tree.build('bridgeInfo', {}))
    const filters = derived.leftAt(earlier)
    if (filters.length === 0) return
    const portions = derived.portions(earlier, namedIn(tree, found, 'device'), namedIn(tree, found, 'home'))
    const keep = (topic: string, text: string) => derived.keep(topic, text)
    try {
      const { others } = await scan({ ...parts, portions, keep }, filters, (topic) => derived.isOurs(topic))
      derived.adopt(others)
    } catch (thrown) {
      if (!(thrown instanceof LinkError) || parts.signal.aborted) throw thrown
      log.warn({ reason: thrown.end }, 'what an earlier run left for other programs cannot be read')
    }
  }

  /** Where a tree is off, nobody may have let us read it any more. */
  async #adoptNeighbour(
    { branch, filters, adopt, onceWas }: Neighbour,
    parts: Parameters<typeof scan>[0],
  ): Promise<void> {
    try {
      const portions = portionsAt(this.#parts.config.tuyaMqtt.base.split('/').length)
      adopt((await scan({ ...parts, sought: branch, portions }, filters, () => false)).topics)
    } catch (thrown) {
      if (onceWas === undefined || !(thrown instanceof LinkError) || parts.signal.aborted) throw thrown
      this.#parts.log.warn({ reason: thrown.end, tree: onceWas }, 'what an earlier run left cannot be read')
    }
  }

  async #adopt(found: Found, parts: Parameters<typeof scan>[0]): Promise<void> {
    const { config, inventory, log, tree, clearTopic, adopt, neighbour } = this.#parts
    for (const topic of found.commands) if (config.commands.clearRetained) clearTopic(topic)
    if (found.commands.length > 0)
      log.warn(
        { topics: found.commands.slice(0, 10), count: found.commands.length },
        'retained commands were found; they are not executed',
      )
    if (found.foreign > 0) log.info({ count: found.foreign }, 'topics of somebody else lie below our base')
    // What another broker holds of an earlier run is older than what is known by now.
    if (!this.#seeded) for (const [topic, text] of found.payloads) seed(tree, topic, text, inventory)
    inventory.energy.settle()
    this.#seeded = true
    adopt(found)
    await this.#adoptDerived(found, parts)
    const earlier = earlierTrees(found, tree.build('bridgeInfo', {}))
    if (neighbour && (neighbour.onceWas === undefined || earlier.includes(neighbour.onceWas)))
      await this.#adoptNeighbour(neighbour, parts)
    if (config.mqtt.oldBase === null) return
    const oldTree = new TopicTree(config.mqtt.oldBase)
    const portions = ownPortions(oldTree)
    const old = await scan({ ...parts, tree: oldTree, portions }, [oldTree.everything], () => false)
    for (const topic of [...old.topics, ...old.commands]) clearTopic(topic)
  }
}

/** The trees that the bridge had which ran here before. */
function earlierTrees(found: Found, info: string): readonly string[] {
  const trees = tolerant(found.payloads.get(info) ?? '')?.['trees']
  return Array.isArray(trees) ? trees.filter((tree) => typeof tree === 'string') : []
}

/** What an earlier run left for us: source times, sums, and who has which name. */
function isSeed(tree: TopicTree, topic: string): boolean {
  const parsed = tree.parse(topic)
  return parsed?.name === 'stateDevice' || isNames(parsed)
}

function isNames(parsed: ReturnType<TopicTree['parse']>): boolean {
  const isIndex = parsed?.name === 'metaIndex' || parsed?.name === 'metaIndexPage'
  return isIndex && parsed.params['kind'] === 'names'
}

function seed(tree: TopicTree, topic: string, text: string, inventory: Inventory): void {
  const parsed = tree.parse(topic)
  const document = tolerant(text)
  if (!parsed || !document) return
  if (isNames(parsed)) {
    const slugs = {
      device: inventory.slugs.device,
      scene: inventory.scenes.slugs,
      automation: inventory.automations.slugs,
    }
    for (const [kind, registry] of Object.entries(slugs)) {
      for (const [slug, id] of Object.entries(document[kind] ?? {})) {
        if (typeof id === 'string') registry.restore(slug, id)
      }
    }
    return
  }
  const deviceId = parsed.params['device']
  if (parsed.name !== 'stateDevice' || deviceId === undefined || !isRecord(document['meta'])) return
  const floors = new Map<string, number>()
  for (const [code, meta] of Object.entries(document['meta'])) {
    if (isRecord(meta) && typeof meta['timeMs'] === 'number') floors.set(code, meta['timeMs'])
  }
  adoptSums(deviceId, document, inventory)
  adoptNewer(deviceId, document, floors, inventory)
  inventory.setFloors(deviceId, floors)
}

/** Of a sum the broker may know more than our snapshot; it stands beside the last portion that it holds. */
function adoptSums(deviceId: string, { meta, dp, raw }: Record<string, unknown>, inventory: Inventory): void {
  if (!isRecord(meta)) return
  for (const [code, of] of Object.entries(meta)) {
    if (!isRecord(of) || typeof of['total'] !== 'number') continue
    const last = (isRecord(raw) ? own(raw, code) : undefined) ?? (isRecord(dp) ? own(dp, code) : undefined)
    inventory.setPublishedSum(deviceId, code, {
      total: of['total'],
      timeMs: Number(of['timeMs'] ?? 0),
      last: Number(last ?? 0),
      byLan: of['source'] === 'lan',
    })
  }
}

/**
 * After a kill the broker may know more than our snapshot. What it says stands until somebody confirms it: the older
 * value would be a step back, and some values nobody tells a second time.
 */
function adoptNewer(
  deviceId: string,
  { dp, raw, receivedMs }: Record<string, unknown>,
  times: ReadonlyMap<string, number>,
  inventory: Inventory,
): void {
  const record = inventory.devices.get(deviceId)
  if (!record?.specification || !isRecord(dp) || typeof receivedMs !== 'number') return
  const points = [...times].flatMap(([code, timeMs]) => {
    if (!Object.hasOwn(dp, code) || timeMs <= (record.state.get(code)?.timeMs ?? -1)) return []
    const source = isRecord(raw) && Object.hasOwn(raw, code) ? raw : dp
    return [{ code, raw: source[code] as Json, timeMs }]
  })
  if (points.length > 0) inventory.apply({ deviceId, source: 'snapshot', receivedMs, points })
}

/** The instance of another bridge that runs on our base. */
function otherBridge(found: Found, info: string, state: string, instance: string): string | undefined {
  const other = tolerant(found.payloads.get(info) ?? '')?.['instance']
  return found.payloads.get(state) === 'online' && typeof other === 'string' && other !== instance
    ? other
    : undefined
}

function tolerant(text: string): Record<string, unknown> | undefined {
  try {
    const value = parseJson(text, limits.cloud)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}
