import type { DpEntry, HomeEntry, ModelEntry, WorldFile } from '../../src/simulator/world-file.ts'

/** A request as a page of the platform prints it. */
export interface PageRequest {
  readonly method: string
  readonly target: string
  readonly body?: object
}

/** What the ids of a request are ids of, by the names that the operation gives them. */
export type PageIds = Readonly<Record<string, string>>

const owner = 'ay1528964101460qLVPu'

const point = (id: number, code: string, type: DpEntry['type'], more: Partial<DpEntry> = {}): DpEntry => ({
  id,
  code,
  type,
  access: 'rw',
  values: {},
  initial: type === 'Boolean' ? false : type === 'Integer' ? 1 : '',
  ...more,
})

const range = (...words: readonly string[]) => ({ values: { range: words }, initial: words[0] })

/** It has every data point that the pages name; what is only accepted comes first, as there. */
const everything: ModelEntry = {
  category: 'dj',
  productId: 'T62ZA4lyVXF0000',
  productName: 'Page',
  dps: [
    point(4, 'bright_value', 'Integer', {
      access: 'wo',
      values: { min: 25, max: 255, scale: 0, step: 1, unit: '' },
    }),
    point(3, 'work_mode', 'Enum', range('white', 'colour', 'scene', 'scene_1', 'scene_2')),
    point(1, 'switch_1', 'Boolean'),
    point(2, 'switch_led', 'Boolean'),
    point(5, 'battery_percentage', 'Integer', {
      access: 'ro',
      values: { min: 0, max: 255, scale: 0, step: 1 },
    }),
    point(6, 'scene_1', 'Enum', range('scene')),
    point(7, 'scene_2', 'Enum', range('scene')),
    point(8, 'flash_scene_4', 'String'),
  ],
}

/** Every text behind a key, however deep. */
function textsBehind(value: unknown, key: string): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) =>
    name === key && typeof member === 'string' ? [member] : textsBehind(member, key),
  )
}

/** A world in which everything exists that a printed request speaks of, and little besides. */
export function pageWorld(ids: PageIds, { body }: PageRequest): WorldFile {
  const home = ids['home_id'] ?? '2420000'
  const member = ids['uid'] ?? 'ay15309353754999xY2T'
  const accounts = textsBehind(body, 'member_account')
  const named = textsBehind(body, 'entity_id').filter((id) => id !== 'timer' && !id.includes('-'))
  const rules = named.filter((id) => id.startsWith('AYJV'))
  const listed = (body as { device_ids?: readonly string[] } | undefined)?.device_ids ?? []
  const devices = new Set([
    ids['device_id'] ?? 'vdevo1',
    ...(ids['device_ids'] ?? '').split(',').filter(Boolean),
    ...listed,
    ...named.filter((id) => !rules.includes(id)),
  ])
  const background = 'https://images.tuyacn.com/smart/rule/cover/starry.png'
  const scenes = [ids['scene_id'] ?? '53IYSXI3gEn2w3Oc', 'DKgx28KbdPfzEpvA'].map((id) => ({
    id,
    name: 'Enable the bulb light',
    background,
    actions: [
      {
        action_executor: 'dpIssue',
        entity_id: [...devices][0],
        executor_property: { work_mode: 'scene_2' },
      },
    ],
  }))
  const automations = [ids['automation_id'] ?? 'p2aWOkEOe2RzATHL', ...rules].map((id) => ({
    id,
    name: 'Test the automation',
    background,
    match_type: 1 as const,
    conditions: [
      {
        display: { code: 'switch_1', operator: '==', value: true },
        entity_id: [...devices][0],
        entity_type: 1,
        order_num: 1,
      },
    ],
    actions: [
      { action_executor: 'delay', executor_property: { hours: '0', minutes: '0', seconds: '5' } },
      { action_executor: 'dpIssue', entity_id: [...devices][0], executor_property: { switch_1: true } },
      { action_executor: 'externalAction', executor_property: {} },
    ],
  }))
  const entry: HomeEntry = {
    id: home,
    name: 'Someone’s home',
    geoName: 'Hangzhou',
    lat: 30.16,
    lon: 120.5,
    owner,
    rooms: [{ id: ids['room_id'] ?? '1390000', name: 'Kitchen' }],
    members: [
      { uid: owner, name: 'Someone1', admin: true },
      ...(member === owner ? [] : [{ uid: member, name: 'Someone2', admin: false }]),
    ],
    scenes: scenes as HomeEntry['scenes'] & object,
    automations: automations as HomeEntry['automations'] & object,
  }
  const [first = ''] = devices
  const room = ids['room_id'] ?? '1390000'
  return {
    project: { accessId: 'p1a2c3e4g5i6k7m8o9q0', accessSecret: '0123456789abcdef0123456789abcdef' },
    users: [owner, ...(member === owner ? [] : [member]), ...accounts].map((uid) => ({
      uid,
      username: uid,
      countryCode: '86',
    })),
    homes: [entry],
    models: { everything },
    devices: [
      ...[...devices].map((id) => ({
        id,
        name: 'Socket',
        model: 'everything',
        home,
        room,
        scenes: [{ code: 'scene_1', value: 'scene', scene: scenes[0]?.id ?? '' }],
      })),
      { id: 'subdevice', name: 'Water leakage alarm', model: 'leak', home, gateway: first },
    ],
  }
}
