import assert from 'node:assert/strict'
import type { SimDevice } from '../../src/simulator/world/device.ts'
import type { World } from '../../src/simulator/world.ts'
import type { DpEntry } from '../../src/simulator/world-file.ts'
import type { Observer, Seen } from './observer.ts'
import type { Rig, Version } from './rig.ts'

/** What the contract calls momentary (section 18.10): events, never state. */
const momentary =
  /^(unlock_|doorbell|hijack$|alarm_lock$|alarm_message$|switch_mode\d+$|switch\d+_value$|switch_type_\d+$|scene_\d+$|feed_report$|ir_)/

const colourViews = ['hsv', 'rgb']
const bitmapViews = ['mask', 'active']
const phaseViews = ['voltage', 'current', 'power']

/** The points of a device that have a value to show. */
function stateful(device: SimDevice): DpEntry[] {
  return device.model.dps.filter(({ access, code }) => access !== 'wo' && !momentary.test(code))
}

/** The shown value of a raw one, worked out from the world's own description and not by the bridge's code. */
export function shown(dp: DpEntry, raw: unknown): unknown {
  switch (dp.type) {
    case 'Integer':
      return Number(raw) / 10 ** Number(dp.values['scale'] ?? 0)
    case 'Bitmap':
      return (dp.values['label'] as string[]).filter((_, bit) => (Number(raw) & (1 << bit)) !== 0)
    case 'Json':
      return raw === '' ? null : JSON.parse(String(raw))
    default:
      return raw
  }
}

/** A shown value as the payload of its own topic. */
function scalarOf(dp: DpEntry, value: unknown): unknown {
  return dp.type === 'Enum' || dp.type === 'Raw' || (dp.type === 'String' && value !== '')
    ? value
    : JSON.stringify(value)
}

function views({ code, type }: DpEntry): string[] {
  const names = /^add_ele(_?\d+)?$/.test(code)
    ? ['total']
    : code.startsWith('colour_data')
      ? colourViews
      : type === 'Bitmap'
        ? bitmapViews
        : /^phase_[abc]$/.test(code)
          ? phaseViews
          : []
  return names.map((name) => `view/${code}/${name}`)
}

const lists = ['devices', 'homes', 'rooms', 'scenes', 'automations', 'names']

/** Every retained topic that the contract promises for the world as it is, with the scalars' payloads. */
export function expectedTree(world: World): Map<string, string | undefined> {
  const tree = new Map<string, string | undefined>()
  for (const name of ['info', 'health', 'catalog']) tree.set(`tuya/bridge/${name}`, undefined)
  tree.set('tuya/bridge/state', 'online')
  for (const kind of lists) tree.set(`tuya/meta/index/${kind}`, undefined)
  for (const home of world.homes.values()) {
    tree.set(`tuya/meta/home/${home.id}`, undefined)
    for (const id of home.rooms.keys()) tree.set(`tuya/meta/room/${id}`, undefined)
    for (const kind of ['scene', 'automation'] as const) {
      for (const { id, enabled } of home[`${kind}s`].values()) {
        tree.set(`tuya/meta/${kind}/${id}`, undefined)
        tree.set(`tuya/state/${kind}/${id}/enabled`, String(enabled))
      }
    }
  }
  for (const device of world.devices.values()) {
    tree.set(`tuya/meta/device/${device.id}`, undefined)
    tree.set(`tuya/meta/device/${device.id}/spec`, undefined)
    if (device.bindings.size > 0) tree.set(`tuya/meta/device/${device.id}/scenes`, undefined)
    const base = `tuya/state/device/${device.id}`
    tree.set(base, undefined)
    tree.set(`${base}/paths`, undefined)
    tree.set(`${base}/availability`, device.online ? 'online' : 'offline')
    for (const dp of stateful(device)) {
      tree.set(`${base}/dp/${dp.code}`, String(scalarOf(dp, shown(dp, device.status.get(dp.code)))))
      for (const view of views(dp)) tree.set(`${base}/${view}`, undefined)
    }
  }
  return tree
}

/** The content type of every document and scalar (contract, sections 1.2 and 4.2). */
export function contentTypes(world: World): Map<string, string> {
  const types = new Map<string, string>()
  for (const topic of expectedTree(world).keys()) {
    if (/\/view\//.test(topic)) continue
    types.set(topic, /\/(availability|bridge\/state)$/.test(topic) ? 'text/plain' : 'application/json')
  }
  for (const device of world.devices.values()) {
    for (const dp of stateful(device)) {
      const value = shown(dp, device.status.get(dp.code))
      const text = ['Enum', 'String', 'Raw'].includes(dp.type) && value !== ''
      types.set(`tuya/state/device/${device.id}/dp/${dp.code}`, text ? 'text/plain' : 'application/json')
    }
  }
  return types
}

/** What a broker holds below the base for somebody who comes now. */
export async function stored(
  rig: Rig,
  how: { qos?: 0 | 1; version?: Version } = {},
): Promise<Map<string, Seen>> {
  const observer = await rig.observe(how)
  await observer.quiet()
  observer.client.end(true)
  return retained(observer)
}

export function retained({ seen }: Observer): Map<string, Seen> {
  return new Map(seen.filter(({ retain }) => retain).map((message) => [message.topic, message]))
}

/** Undefined when the tree is what it must be; else the first differences. */
export function difference(tree: ReadonlyMap<string, Seen>, world: World): string | undefined {
  const expected = expectedTree(world)
  const faults: string[] = []
  for (const [topic, payload] of expected) {
    const found = tree.get(topic)?.payload
    if (found === undefined) faults.push(`${topic} is missing`)
    else if (payload !== undefined && !samePayload(found, payload))
      faults.push(`${topic} is ${found}, not ${payload}`)
  }
  // Long lists have further pages.
  for (const topic of tree.keys())
    if (!expected.has(topic) && !/^tuya\/meta\/index\/\w+\/\d+$/.test(topic)) faults.push(`${topic} is there`)
  for (const device of world.devices.values()) faults.push(...documentFaults(tree, device))
  return faults.length === 0 ? undefined : `${faults.length} differences: ${faults.slice(0, 8).join('; ')}`
}

function documentFaults(tree: ReadonlyMap<string, Seen>, device: SimDevice): string[] {
  const text = tree.get(`tuya/state/device/${device.id}`)?.payload
  if (text === undefined) return []
  const { dp, stale } = JSON.parse(text) as { dp: object; stale: boolean }
  const points = stateful(device).map((entry) => [entry.code, shown(entry, device.status.get(entry.code))])
  const faults: string[] = stale ? [`the document of ${device.id} is stale`] : []
  try {
    assert.deepEqual(dp, Object.fromEntries(points))
  } catch {
    faults.push(`the document of ${device.id} shows ${JSON.stringify(dp)}`)
  }
  return faults
}

/** Equal, or equal as JSON: the order of an object's members is no matter. */
function samePayload(found: string, expected: string): boolean {
  if (found === expected) return true
  try {
    assert.deepEqual(JSON.parse(found), JSON.parse(expected))
    return true
  } catch {
    return false
  }
}

/** Waits until the broker holds the whole truth (I-3); gives the milliseconds since the given moment. */
export async function converged(rig: Rig, withinMs: number, sinceMs = performance.now()): Promise<number> {
  const end = performance.now() + withinMs
  for (;;) {
    const wrong = difference(await stored(rig, { qos: 0 }), rig.simulator.world)
    if (wrong === undefined) return performance.now() - sinceMs
    if (performance.now() > end)
      throw new Error(`not equal after ${withinMs} ms; ${wrong}\n${rig.bridge.err.slice(-1_500)}`)
  }
}
