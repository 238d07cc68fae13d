import { checkedCall, waitsForWeather } from '../codec/cloud/automation/call.ts'
import { valueCodec } from '../codec/data-point/codec.ts'
import type { Json } from '../domain/data-point.ts'
import { isLock } from '../domain/device.ts'
import { slugOf } from '../domain/slug.ts'
import type { Inventory } from '../inventory/inventory.ts'
import { CommandIntake } from '../mqtt/command/intake.ts'
import type { CommandHouse } from '../mqtt/command/ports.ts'
import { mustBeAllowed, unknownDevice } from '../mqtt/command/refusal.ts'
import { json } from '../mqtt/payload.ts'
import { Router } from '../router/router.ts'
import type { Clock } from '../util/clock.ts'
import { BridgeError } from '../util/error.ts'
import type { Random } from '../util/random.ts'
import type { Redactor } from '../util/redact.ts'
import { afterChange } from './after-change.ts'
import type { CloudSide } from './cloud-side.ts'
import { rawPrefixes } from './config-rules.ts'
import type { Config } from './config-types.ts'
import { followUp } from './follow-up.ts'
import type { LanSide } from './lan-side.ts'
import { commandSettings } from './live-settings.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import { OperationRunner } from './operations.ts'
import { referencesTo } from './references.ts'
import { bridgeVerbs } from './verbs.ts'
import type { Voice } from './voice.ts'

export interface CommandSideParts {
  /** Read at each use: it may be a live view. */
  readonly config: Config
  readonly inventory: Inventory
  readonly voice: Voice
  /** Undefined without a cloud project. */
  readonly cloud: CloudSide | undefined
  /** Undefined where the LAN is not wanted. */
  readonly lan: LanSide | undefined
  readonly metrics: Metrics
  readonly redactor: Redactor
  readonly log: Log
  readonly clock: Clock
  readonly random: Random
  readonly reload: () => Promise<unknown>
  readonly restart: () => void
}

export interface CommandSide {
  readonly router: Router
  readonly intake: CommandIntake
  /** Says which operations there are, and which of them may be called by now. */
  readonly publishCatalog: () => void
}

/** Everything that obeys commands, put together; the catalogue of operations is published on the way. */
export function createCommandSide(parts: CommandSideParts): CommandSide {
  const { config, voice, cloud, clock, metrics, log } = parts
  const { bridge } = config
  const router = createRouter(parts)
  const runner = createRunner(parts, router)
  const commandLog = log.part('command')
  const house = commandHouse(parts.inventory, voice)
  const publishCatalog = () => voice.publisher.retain('bridge', 'bridgeCatalog', {}, json(runner.catalog))
  publishCatalog()
  const verbs = bridgeVerbs({
    clock,
    publisher: voice.publisher,
    resync: (scope) => cloud?.sync.resync(scope) ?? Promise.reject(noCloud()),
    permitPairing: (gateway, seconds, signal) => permitPairing({ house, runner, gateway, seconds }, signal),
    log,
    usualLevel: () => config.log.level,
    reload: parts.reload,
    restart: parts.restart,
  })
  const intake = new CommandIntake({
    tree: voice.tree,
    publisher: voice.publisher,
    clock,
    house,
    router,
    operations: runner,
    firmware: cloud?.firmware ?? { check: () => Promise.reject(noCloud()) },
    codec: valueCodec,
    get verbs() {
      return bridge.remoteAdmin ? verbs.all : verbs.usual
    },
    settings: commandSettings(config),
    onOutcome: ({ state, reason = '' }, ms) => metrics.command(state, reason, ms),
    onDefect: (thrown) => commandLog.error({ err: thrown }, 'a command failed by a defect'),
    onTrouble: (reason, message, topic) => voice.trouble(reason, message, { topic: topic.slice(0, 512) }),
  })
  return { router, intake, publishCatalog }
}

function createRouter({ cloud, lan, inventory, clock, random, config }: CommandSideParts): Router {
  const { route } = config
  return new Router({
    routes: [lan, cloud].flatMap((side) => side?.route ?? []),
    prefer: (deviceId) => route.devices[deviceId] ?? route.prefer,
    specification: (deviceId) => inventory.specification(deviceId),
    current: (deviceId, code) => currentValue(inventory, deviceId, code),
    clock,
    random,
    now: () => cloud?.client.now() ?? clock.now(),
  })
}

/** What is known for sure. */
function currentValue(inventory: Inventory, deviceId: string, code: string): Json | undefined {
  const fact = inventory.device(deviceId)?.state.get(code)
  return fact && !inventory.isStale(fact, deviceId) ? fact.value : undefined
}

function createRunner(parts: CommandSideParts, router: Router): OperationRunner {
  const { cloud, redactor, config, inventory } = parts
  const weather = cloud?.weather
  const { operations } = config
  return new OperationRunner({
    client: { raw: (...args) => cloud?.client.raw(...args) ?? Promise.reject(noCloud()) },
    router,
    redactor,
    get allow() {
      return operations.allow
    },
    get rawPrefixes() {
      return rawPrefixes(operations.raw)
    },
    learnFirst: (id, params) =>
      weather && !weather.isFresh && waitsForWeather(id, params) ? weather.refresh() : undefined,
    refine: (id, params) =>
      checkedCall(id, params, {
        references: referencesTo(inventory, operations.allow),
        ...(weather?.kinds ? { weather: weather.kinds } : {}),
      }),
    isLock: (id) => {
      const record = inventory.device(id)
      return record !== undefined && isLock(record.device)
    },
    onChanged: (operation, params) => {
      const areas = afterChange(operation, params, inventory)
      cloud?.sync.changed(...areas)
      if (cloud) followUp(operation, params, cloud.followUps)
    },
    defaults: () => {
      const [home, ...others] = inventory.homes.keys()
      return {
        uid: config.tuya?.uid ?? null,
        schema: config.tuya?.schema ?? null,
        home_id: others.length === 0 ? (home ?? null) : null,
      }
    },
  })
}

interface PairingAsked {
  readonly house: CommandHouse
  readonly runner: OperationRunner
  readonly gateway: string
  readonly seconds: number
}

/** The operation of the same purpose; what joins is looked for as after that. */
async function permitPairing(asked: PairingAsked, signal: AbortSignal): Promise<void> {
  const { house, runner, gateway, seconds } = asked
  const operation = 'gateway-enable-discovery'
  mustBeAllowed(runner, operation)
  if (!house.device(gateway)) throw unknownDevice(gateway, house)
  await runner.prepare(operation, { device_id: gateway, duration: seconds })(signal)
}

/** What commands are addressed to, by id or by name. */
function commandHouse(inventory: Inventory, { mirror }: Voice): CommandHouse {
  const { scenes, automations } = inventory
  const slugs = { device: inventory.slugs.device, scene: scenes.slugs, automation: automations.slugs }
  const known = { device: inventory.devices, scene: scenes.all, automation: automations.all }
  return {
    device: (id) => inventory.device(id),
    scene: (id) => scenes.get(id),
    automation: (id) => automations.get(id),
    ids: (kind) => [...known[kind].keys()],
    named: (kind, name) => {
      // What follows the tilde is part of an id, not of a name.
      const suffix = /~[A-Za-z0-9_-]+$/.exec(name)?.[0] ?? ''
      const slug = slugOf(name.slice(0, name.length - suffix.length)) + suffix
      const id = slugs[kind].id(slug)
      return id === undefined ? { candidates: slugs[kind].claimants(slug) } : { id }
    },
    names: (kind) => slugs[kind].entries().map(([slug]) => slug),
    isStale: (fact, deviceId) => inventory.isStale(fact, deviceId),
    document: (id) => JSON.parse(mirror.devices.document(id) ?? 'null'),
  }
}

function noCloud(): BridgeError {
  return new BridgeError('command/no-path', 'No cloud project is configured (tuya.accessId).')
}
