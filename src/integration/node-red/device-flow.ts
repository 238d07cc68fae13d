import { TopicTree } from '../../mqtt/topic.ts'
import type { LivingDevice, LivingPoint } from '../living-device.ts'
import {
  type BrokerPlace,
  brokerNodes,
  comment,
  type Draft,
  debug,
  type FlowNode,
  flowNodes,
  inject,
  mqttIn,
  mqttOut,
  nodeId,
  type Pressed,
} from './node.ts'

export interface FlowParts {
  readonly base: string
  readonly instance: string
  readonly broker: BrokerPlace
  readonly devices: readonly LivingDevice[]
}

const rowHeight = 40
const columns = { state: 180, shown: 430, press: 680, command: 940 }

/** One tab for each room, with all that its devices say and take; importable as it is. */
export function houseFlows({ base, instance, broker, devices }: FlowParts): readonly FlowNode[] {
  const tree = new TopicTree(base)
  const brokerId = nodeId(base, instance, 'broker')
  const rooms = new Map<string, LivingDevice[]>()
  for (const device of [...devices].sort(byName)) {
    const room = [device.home, device.room].filter(Boolean).join(', ') || 'No room'
    rooms.set(room, [...(rooms.get(room) ?? []), device])
  }
  const tabs = [...rooms].sort(([a], [b]) => a.localeCompare(b, 'en'))
  return [
    ...brokerNodes(brokerId, broker),
    ...tabs.flatMap(([label, inside]) => {
      const name = `${base}\n${instance}\nroom\n${label}`
      return flowNodes({ name, label, info: roomInfo }, brokerId, roomDrafts(tree, inside))
    }),
  ]
}

const roomInfo =
  'Made by `dp2mqtt export node-red`. Each node stands for itself: copy those that you need into flows of your own.'

function byName(a: LivingDevice, b: LivingDevice): number {
  return a.name.localeCompare(b.name, 'en') || (a.id < b.id ? -1 : 1)
}

function roomDrafts(tree: TopicTree, devices: readonly LivingDevice[]): readonly Draft[] {
  let y = rowHeight
  return devices.flatMap((device) => {
    const drafts = deviceDrafts(tree, device, y)
    y = Math.max(...drafts.map(({ at }) => at[1])) + 2 * rowHeight
    return drafts
  })
}

/** Head, availability and answers; then a row for each point, with a button for everything that it is worth pressing. */
function deviceDrafts(tree: TopicTree, { id, name, points }: LivingDevice, top: number): readonly Draft[] {
  const at = (column: keyof typeof columns, row: number): readonly [number, number] => [
    columns[column],
    top + row * rowHeight,
  ]
  const device = { device: id }
  const drafts: Draft[] = [
    comment({ key: `${id} head`, at: at('state', 0) }, name, `Device ${id}`),
    mqttIn(
      { key: `${id} reach`, at: at('state', 1), to: [[`${id} reached`]] },
      'reachable',
      tree.build('stateAvailability', device),
      'utf8',
    ),
    debug({ key: `${id} reached`, at: at('shown', 1) }, 'reachable'),
    mqttIn(
      { key: `${id} answer`, at: at('press', 1), to: [[`${id} answered`]] },
      'answers',
      tree.build('resultDevice', device),
    ),
    debug({ key: `${id} answered`, at: at('command', 1) }, 'answer', 'payload.state'),
  ]
  let row = 2
  for (const point of points) {
    const own = pointDrafts(tree, id, point, (column, below) => at(column, row + below))
    drafts.push(...own)
    row += Math.max(0, buttonsOf(point).length - 1) + (own.length > 0 ? 1 : 0)
  }
  return drafts
}

function pointDrafts(
  tree: TopicTree,
  device: string,
  point: LivingPoint,
  at: (column: keyof typeof columns, below: number) => readonly [number, number],
): readonly Draft[] {
  const { code, access, momentary, unit } = point
  const key = (what: string) => `${device} ${what} ${code}`
  const label = unit ? `${code} (${unit})` : code
  const drafts: Draft[] = []
  if (access !== 'wo' && !momentary)
    drafts.push(
      mqttIn(
        { key: key('state'), at: at('state', 0), to: [[key('shown')]] },
        label,
        tree.build('stateDp', { device, code }),
        point.type === 'enum' || point.type === 'string' ? 'utf8' : 'auto-detect',
      ),
      debug({ key: key('shown'), at: at('shown', 0) }, code),
    )
  const buttons = buttonsOf(point)
  if (buttons.length === 0) return drafts
  return [
    ...drafts,
    ...buttons.map((pressed, i) =>
      inject(
        { key: `${key('press')} ${i}`, at: at('press', i), to: [[key('write')]] },
        `${code} ${pressed.payload}`,
        pressed,
      ),
    ),
    mqttOut(
      { key: key('write'), at: at('command', 0) },
      `write ${code}`,
      tree.build('commandDp', { device, code }),
    ),
  ]
}

const mostButtons = 6

/** What is worth a button: both ends of a number, all words of a short list, and the other way round. */
function buttonsOf({ access, type, min, max, range, momentary }: LivingPoint): readonly Pressed[] {
  if (access === 'ro' || (momentary && access !== 'wo')) return []
  if (type === 'boolean') return ['toggle', 'true', 'false'].map(word)
  if (type === 'enum') return range.slice(0, mostButtons).map(word)
  if (type === 'integer') return [min, max].flatMap((end) => (end === null ? [] : [word(String(end))]))
  return []
}

function word(payload: string): Pressed {
  return { payload, as: 'str' }
}
