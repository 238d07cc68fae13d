import { checkedCall, waitsForWeather } from '../codec/cloud/automation/call.ts'
import { valueCodec } from '../codec/data-point/codec.ts'
import { isLock } from '../domain/device.ts'
import { slugOf } from '../domain/slug.ts'
import type { Inventory } from '../inventory/inventory.ts'
import type { Area } from '../inventory/reading.ts'
import type { ResyncScope } from '../inventory/sync.ts'
import type { WeatherList } from '../inventory/weather-list.ts'
import { CommandIntake } from '../mqtt/command/intake.ts'
import type { CommandHouse, FirmwarePort } from '../mqtt/command/ports.ts'
import { mustBeAllowed, unknownDevice } from '../mqtt/command/refusal.ts'
import { json } from '../mqtt/payload.ts'
import type { Router } from '../router/router.ts'
import type { CloudClient } from '../transport/cloud/client.ts'
import type { Clock } from '../util/clock.ts'
import { BridgeError } from '../util/error.ts'
import type { Redactor } from '../util/redact.ts'
import { afterChange } from './after-change.ts'
import { rawPrefixes } from './config-rules.ts'
import type { Config } from './config-types.ts'
import { type FollowUps, followUp } from './follow-up.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import { OperationRunner } from './operations.ts'
import { referencesTo } from './references.ts'
import { bridgeVerbs } from './verbs.ts'
import type { Voice } from './voice.ts'

export interface CommandSideParts {
  readonly config: Config
  readonly inventory: Inventory
  readonly voice: Voice
  readonly router: Router
  /** Undefined without a cloud project. */
  readonly client: Pick<CloudClient, 'raw'> | undefined
  readonly resync: ((scope: ResyncScope) => Promise<void>) | undefined
  /** Told what has to be read again. */
  readonly changed: ((areas: readonly Area[]) => void) | undefined
  readonly firmware: FirmwarePort | undefined
  readonly followUps: FollowUps | undefined
  readonly weather: Pick<WeatherList, 'kinds' | 'isFresh' | 'refresh'> | undefined
  readonly metrics: Metrics
  readonly redactor: Redactor
  readonly log: Log
  readonly clock: Clock
  readonly restart: () => void
}

/** Everything that obeys commands, put together; the catalogue of operations is published on the way. */
export function createIntake(parts: CommandSideParts): CommandIntake {
  const { config, voice, router, clock, metrics, log } = parts
  const { commands, operations, names, mqtt, bridge } = config
  const runner = createRunner(parts)
  const commandLog = log.part('command')
  const house = commandHouse(parts.inventory, voice)
  voice.publisher.retain('bridge', 'bridgeCatalog', {}, json(runner.catalog))
  return new CommandIntake({
    tree: voice.tree,
    publisher: voice.publisher,
    clock,
    house,
    router,
    operations: runner,
    firmware: parts.firmware ?? { check: () => Promise.reject(noCloud()) },
    codec: valueCodec,
    verbs: bridgeVerbs({
      clock,
      publisher: voice.publisher,
      resync: (scope) => parts.resync?.(scope) ?? Promise.reject(noCloud()),
      permitPairing: (gateway, seconds, signal) => permitPairing({ house, runner, gateway, seconds }, signal),
      log,
      remoteAdmin: bridge.remoteAdmin,
      restart: parts.restart,
    }),
    settings: {
      replyTopics: commands.replyTopics ?? [`${mqtt.base}/reply/#`],
      requireTs: commands.requireTs,
      clearRetained: commands.clearRetained,
      locksAllowed: operations.allow.includes('lock'),
      names: names !== 'off',
    },
    onOutcome: ({ state, reason = '' }, ms) => metrics.command(state, reason, ms),
    onDefect: (thrown) => commandLog.error({ err: thrown }, 'a command failed by a defect'),
    onTrouble: (reason, message, topic) => voice.trouble(reason, message, { topic: topic.slice(0, 512) }),
  })
}

function createRunner(parts: CommandSideParts): OperationRunner {
  const { client, router, redactor, config, inventory, weather } = parts
  const { tuya, operations } = config
  return new OperationRunner({
    client: { raw: (...args) => client?.raw(...args) ?? Promise.reject(noCloud()) },
    router,
    redactor,
    allow: operations.allow,
    rawPrefixes: rawPrefixes(operations.raw),
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
      parts.changed?.(afterChange(operation, params, inventory))
      if (parts.followUps) followUp(operation, params, parts.followUps)
    },
    defaults: () => {
      const [home, ...others] = inventory.homes.keys()
      return {
        uid: tuya?.uid ?? null,
        schema: tuya?.schema ?? null,
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
    isStale: (fact) => inventory.isStale(fact),
    document: (id) => JSON.parse(mirror.devices.document(id) ?? 'null'),
  }
}

function noCloud(): BridgeError {
  return new BridgeError('command/no-path', 'No cloud project is configured (tuya.accessId).')
}
