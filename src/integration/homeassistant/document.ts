import type { Ability } from '../../domain/ability.ts'
import type { Automation } from '../../domain/automation.ts'
import { externalActions, externalConditions } from '../../domain/automation.ts'
import type { Device } from '../../domain/device.ts'
import type { Home } from '../../domain/home.ts'
import type { Scene } from '../../domain/scene.ts'
import type { TopicTree } from '../../mqtt/topic.ts'
import { isRecord, JsonError, limits, own, parseJson } from '../../util/json.ts'
import { type Component, compact } from './component.ts'
import { deviceComponents } from './device.ts'

export interface DocumentContext {
  readonly tree: TopicTree
  readonly instance: string
  readonly version: string
}

/** A discovery document: a device of Home Assistant's with its entities. */
export interface DiscoveryDocument {
  readonly device: Readonly<Record<string, unknown>>
  readonly origin: Readonly<Record<string, unknown>>
  readonly components: Readonly<Record<string, Component>>
  readonly [key: string]: unknown
}

/** The object ids of all documents of one bridge begin so. */
export function objectPrefix(instance: string): string {
  return `tuya_${instance}_`
}

function bridgeIdentifier(instance: string): string {
  return `tuya_bridge_${instance}`
}

/** Reachable is what the bridge and the device say together (mode `all`). */
function document(
  context: DocumentContext,
  device: Readonly<Record<string, unknown>>,
  components: Readonly<Record<string, Component>>,
  availability: readonly string[] = [],
): DiscoveryDocument {
  const topics = [context.tree.build('bridgeState', {}), ...availability]
  return {
    device,
    origin: { name: 'dp2mqtt', sw_version: context.version },
    availability: topics.map((topic) => ({ topic })),
    availability_mode: 'all',
    qos: 1,
    components,
  }
}

export interface DocumentedDevice {
  readonly device: Device
  readonly abilities: readonly Ability[]
  readonly roomName: string | null
  /** Its firmware is known. */
  readonly firmware: boolean
  /** Whether firmware may be installed from here. */
  readonly installs: boolean
}

export function deviceDocument(
  { device, abilities, roomName, firmware, installs }: DocumentedDevice,
  context: DocumentContext,
): DiscoveryDocument {
  const { tree, instance } = context
  const about = compact({
    identifiers: [`tuya_${device.id}`],
    name: device.name,
    manufacturer: 'Tuya',
    model: device.product.name === '' ? undefined : device.product.name,
    model_id: device.product.id === '' ? undefined : device.product.id,
    suggested_area: roomName ?? undefined,
    via_device: device.gatewayId === null ? bridgeIdentifier(instance) : `tuya_${device.gatewayId}`,
  })
  const components = {
    ...deviceComponents(abilities, { deviceId: device.id, tree }),
    ...(firmware ? { firmware: firmwareComponent(device.id, installs, tree) } : {}),
  }
  return document(context, about, components, [tree.build('stateAvailability', { device: device.id })])
}

/** Its topic says more than Home Assistant allows. */
const firmwareTemplate =
  "{{ dict(value_json.items() | rejectattr(0, 'eq', 'modules') | rejectattr(1, 'none')) | tojson }}"

function firmwareComponent(device: string, installs: boolean, tree: TopicTree): Component {
  return {
    platform: 'update',
    unique_id: `tuya_${device}_firmware`,
    name: 'Firmware',
    device_class: 'firmware',
    entity_category: 'diagnostic',
    state_topic: tree.build('stateOta', { device }),
    value_template: firmwareTemplate,
    ...(installs ? { command_topic: tree.build('commandOta', { device }), payload_install: 'install' } : {}),
  }
}

/** Scenes and automations are devices of their own: openHAB takes one document for each. */
function homeAbout(
  { id, name }: Home,
  what: 'scenes' | 'automations',
  instance: string,
): Readonly<Record<string, unknown>> {
  return {
    identifiers: [`tuya_home_${id}_${what}`],
    name: `${name} ${what}`,
    manufacturer: 'Tuya',
    model: what === 'scenes' ? 'Scenes' : 'Automations',
    via_device: bridgeIdentifier(instance),
  }
}

/** The scenes of a home: each runs, and is switched on and off. */
export function scenesDocument(
  home: Home,
  scenes: readonly Scene[],
  context: DocumentContext,
): DiscoveryDocument {
  const { tree } = context
  const entries = scenes.flatMap(({ id, name }): [string, Component][] => [
    [
      `scene_${id}`,
      {
        platform: 'scene',
        unique_id: `tuya_scene_${id}`,
        name,
        command_topic: tree.build('commandSceneTrigger', { scene: id }),
        payload_on: 'ON',
      },
    ],
    [
      `scene_${id}_enabled`,
      enabledSwitch(`tuya_scene_${id}_enabled`, `${name} enabled`, {
        state: tree.build('stateSceneEnabled', { scene: id }),
        command: tree.build('commandSceneEnabled', { scene: id }),
      }),
    ],
  ])
  return document(context, homeAbout(home, 'scenes', context.instance), Object.fromEntries(entries))
}

function enabledSwitch(
  unique_id: string,
  name: string,
  { state, command }: { readonly state: string; readonly command: string },
): Component {
  return {
    platform: 'switch',
    unique_id,
    name,
    entity_category: 'config',
    state_topic: state,
    command_topic: command,
    payload_on: 'true',
    payload_off: 'false',
  }
}

/** What an action that does not name itself is called. */
const namelessAction = 'external_action'

/** The automations of a home: switched on and off, fulfilled from outside, and heard when they act outwards. */
export function automationsDocument(
  home: Home,
  automations: readonly Automation[],
  actionNames: (automation: Automation) => readonly string[],
  context: DocumentContext,
): DiscoveryDocument {
  const entries = automations.flatMap((automation) =>
    automationEntries(automation, actionNames, context.tree),
  )
  return document(context, homeAbout(home, 'automations', context.instance), Object.fromEntries(entries))
}

function automationEntries(
  automation: Automation,
  actionNames: (automation: Automation) => readonly string[],
  tree: TopicTree,
): [string, Component][] {
  const { id, name } = automation
  const key = `automation_${id}`
  const entries: [string, Component][] = [
    [
      `${key}_enabled`,
      enabledSwitch(`tuya_${key}_enabled`, `${name} enabled`, {
        state: tree.build('stateAutomationEnabled', { automation: id }),
        command: tree.build('commandAutomationEnabled', { automation: id }),
      }),
    ],
  ]
  if (externalConditions(automation).length > 0) {
    entries.push([
      `${key}_trigger`,
      {
        platform: 'button',
        unique_id: `tuya_${key}_trigger`,
        name: `${name} trigger`,
        command_topic: tree.build('commandAutomationTrigger', { automation: id }),
        payload_press: 'press',
      },
    ])
  }
  if (externalActions(automation).length > 0) {
    entries.push([
      `${key}_action`,
      {
        platform: 'event',
        unique_id: `tuya_${key}_action`,
        name: `${name} action`,
        state_topic: tree.build('eventExternalAction', { automation: id }),
        event_types: [...new Set([...actionNames(automation), namelessAction])],
        value_template: `{{ {'event_type': value_json.action | default('${namelessAction}'), 'data': value_json.data, 'id': value_json.id} | tojson }}`,
      },
    ])
  }
  return entries
}

/** The bridge itself. */
export function bridgeDocument(context: DocumentContext): DiscoveryDocument {
  const { tree, instance, version } = context
  const state = tree.build('bridgeState', {})
  const about = {
    identifiers: [bridgeIdentifier(instance)],
    name: `dp2mqtt ${instance}`,
    manufacturer: 'dp2mqtt',
    model: 'Bridge',
    sw_version: version,
  }
  const unique = (key: string) => `tuya_bridge_${instance}_${key}`
  const {
    availability: _,
    availability_mode: __,
    ...rest
  } = document(context, about, {
    connection: {
      platform: 'binary_sensor',
      unique_id: unique('connection'),
      name: 'Connection',
      device_class: 'connectivity',
      entity_category: 'diagnostic',
      state_topic: state,
      payload_on: 'online',
      payload_off: 'offline',
    },
    resync: {
      platform: 'button',
      unique_id: unique('resync'),
      name: 'Read everything again',
      entity_category: 'diagnostic',
      command_topic: tree.build('commandBridge', { verb: 'resync' }),
      payload_press: '{"scope":"all"}',
      availability: [{ topic: state }],
    },
  })
  return rest
}

/** The entities of a document, with the platform of each; none of one that cannot be read. */
export function platformsIn(text: string): ReadonlyMap<string, string> {
  const platforms = new Map<string, string>()
  try {
    const document = parseJson(text, limits.cloud)
    const components = isRecord(document) ? own(document, 'components') : undefined
    for (const [key, component] of Object.entries(isRecord(components) ? components : {})) {
      const platform = isRecord(component) ? own(component, 'platform') : undefined
      if (typeof platform === 'string') platforms.set(key, platform)
    }
  } catch (thrown) {
    if (!(thrown instanceof JsonError)) throw thrown
  }
  return platforms
}
