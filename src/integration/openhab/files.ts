import type { Ability } from '../../domain/ability.ts'
import type { TopicTree } from '../../mqtt/topic.ts'
import { type Channel, channelId, channelsOf, itemTypes } from './channel.ts'
import { numberItem } from './dimension.ts'

/** A device as its files need it. */
export interface OpenHabDevice {
  readonly id: string
  readonly name: string
  readonly room: string
  readonly abilities: readonly Ability[]
}

export interface OpenHabBroker {
  readonly host: string
  readonly port: number
  readonly secure: boolean
}

export interface OpenHabParts {
  readonly tree: TopicTree
  readonly instance: string
  readonly broker: OpenHabBroker
  readonly devices: readonly OpenHabDevice[]
}

const head = [
  '// Made by `dp2mqtt export openhab`. Channels of events need the add-on "JSONPath Transformation".',
  '',
]

/** A file for `conf/things`: the broker, and a thing for each device. */
export function thingsFile({ tree, instance, broker, devices }: OpenHabParts): string {
  const bridge = brokerId(instance)
  const settings = {
    host: broker.host,
    port: broker.port,
    secure: broker.secure,
    clientID: `openhab-${instance}`,
    // Its own default loses commands on the way, and its Homie add-on complains of it.
    qos: 1,
  }
  const things = devices.flatMap((device) => [
    '',
    `Thing mqtt:topic:${bridge}:${device.id} ${quoted(device.name)} (mqtt:broker:${bridge})${
      device.room === '' ? '' : ` @ ${quoted(device.room)}`
    } ${settingsText({
      availabilityTopic: tree.build('stateAvailability', { device: device.id }),
      payloadAvailable: 'online',
      payloadNotAvailable: 'offline',
    })} {`,
    '  Channels:',
    ...channels(device, tree).map(
      ({ type, id, label, settings }) =>
        `    Type ${type} : ${id} ${quoted(label)} ${settingsText(settings)}`,
    ),
    '}',
  ])
  return `${[...head, `Bridge mqtt:broker:${bridge} ${settingsText(settings)}`, ...things].join('\n')}\n`
}

/** A file for `conf/items`: an item for each channel that keeps a state, in a group for each device. */
export function itemsFile({ tree, instance, devices }: OpenHabParts): string {
  const bridge = brokerId(instance)
  const names = new Names()
  const lines = devices.flatMap((device) => {
    const group = names.of(device.name)
    const items = channels(device, tree).flatMap((channel) => {
      const { id, label } = channel
      const itemType = itemTypeOf(channel)
      if (itemType === null) return []
      const name = names.of(`${device.name} ${label}`)
      const uid = `mqtt:topic:${bridge}:${device.id}:${id}`
      const bound = [`channel=${quoted(uid)}`, ...unitOf(channel, itemType)].join(', ')
      return [`${itemType} ${name} ${quoted(`${device.name} ${label}`)} (${group}) { ${bound} }`]
    })
    return ['', `Group ${group} ${quoted(device.name)}`, ...items]
  })
  return `${[...head.slice(0, 1), ...lines].join('\n')}\n`
}

function itemTypeOf({ type, settings }: Channel): string | null {
  const { unit } = settings
  return type === 'number' && typeof unit === 'string' ? numberItem(unit) : itemTypes[type]
}

/** Without its unit an item would count in that of the house: kWh in Wh, for one. */
function unitOf({ settings: { unit } }: Channel, itemType: string): readonly string[] {
  return typeof unit === 'string' && itemType.includes(':') ? [`unit=${quoted(unit)}`] : []
}

function brokerId(instance: string): string {
  return `tuya-${instance}`
}

/** Channels of one device have ids of their own, the first of two with one id wins. */
function channels({ id, abilities }: OpenHabDevice, tree: TopicTree): readonly Channel[] {
  const all = abilities.flatMap((ability) => channelsOf(ability, { tree, device: id }))
  return [...new Map([...all].reverse().map((channel) => [channel.id, channel])).values()].reverse()
}

function settingsText(settings: Channel['settings']): string {
  const parts = Object.entries(settings).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? quoted(value) : value}`,
  )
  return `[ ${parts.join(', ')} ]`
}

function quoted(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a line ends the statement
  return `"${text.replace(/[\u0000-\u001f]/g, ' ').replace(/[\\"]/g, '\\$&')}"`
}

/** Names of items: letters, digits and `_`, each once in the whole house. */
class Names {
  readonly #taken = new Set<string>()

  of(text: string): string {
    const plain = channelId(text.normalize('NFKD')).replaceAll('-', '_').replace(/_+/g, '_')
    const name = /^[A-Za-z]/.test(plain) ? plain : `Tuya_${plain}`
    let own = name
    for (let i = 2; this.#taken.has(own.toLowerCase()); i++) own = `${name}_${i}`
    this.#taken.add(own.toLowerCase())
    return own
  }
}
