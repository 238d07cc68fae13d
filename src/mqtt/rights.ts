import { contains } from './filter.ts'
import type { Topic } from './topic-entry.ts'

/** Whoever connects to the broker, by what they do there. */
export const roles = ['bridge', 'administrator', 'controller', 'dashboard'] as const
export type Role = (typeof roles)[number]

export interface Rights {
  readonly read: readonly string[]
  readonly write: readonly string[]
}

const shown = ['state/#', 'meta/#', 'last/#', 'event/#', 'bridge/state', 'bridge/info', 'bridge/health']
const controlled = ['cmd/device/#', 'cmd/scene/#', 'cmd/automation/#']

/** S-6: what each role may do below the base. The embedded broker enforces it, mosquitto's file is made from it. */
const below: Readonly<Record<Role, Rights>> = {
  bridge: { read: ['#'], write: ['#'] },
  administrator: { read: ['#'], write: [...controlled, 'cmd/op/#', 'cmd/bridge/#', 'cmd/named/#'] },
  controller: { read: [...shown, 'result/#'], write: controlled },
  dashboard: { read: shown, write: [] },
}

/** What each role may do in a further tree, whole filters. */
export type TreeRights = Readonly<Record<Role, Rights>>

/** The filters of all that is published in a tree. */
export function publishedFilters(base: string, table: Readonly<Record<string, Topic>>): readonly string[] {
  return filtersOf(base, table, 'publish')
}

function filtersOf(
  base: string,
  table: Readonly<Record<string, Topic>>,
  wanted: Topic['direction'],
): readonly string[] {
  return Object.values(table).flatMap(({ direction, pattern }) =>
    direction === wanted ? [`${base}/${pattern.replace(/\{\w+\}/g, '+')}`] : [],
  )
}

/** The rights in a tree of its own: what is published may be read, what is obeyed be said by those who control. */
export function treeRights(base: string, table: Readonly<Record<string, Topic>>): TreeRights {
  const read = publishedFilters(base, table)
  const write = filtersOf(base, table, 'obey')
  const all = [`${base}/#`]
  return {
    bridge: { read: all, write: all },
    administrator: { read: all, write },
    controller: { read, write },
    dashboard: { read, write: [] },
  }
}

/** The rights of a role under a base; everyone also has a place for private answers. */
export function rightsOf(role: Role, base: string, user: string, trees: readonly TreeRights[] = []): Rights {
  const whole = (filters: readonly string[]) => filters.map((filter) => `${base}/${filter}`)
  const replies = isLevel(user) ? [`${base}/reply/${user}/#`] : []
  const neighbours: Rights =
    role === 'bridge'
      ? { read: ['homeassistant/status', 'homie/#'], write: ['homeassistant/#', 'homie/#'] }
      : { read: [], write: [] }
  return {
    read: [
      ...whole(below[role].read),
      ...replies,
      ...neighbours.read,
      ...trees.flatMap((tree) => tree[role].read),
    ],
    write: [
      ...whole(below[role].write),
      ...replies,
      ...neighbours.write,
      ...trees.flatMap((tree) => tree[role].write),
    ],
  }
}

export function mayRead(rights: Rights, filter: string): boolean {
  return rights.read.some((granted) => contains(granted, filter))
}

export function mayWrite(rights: Rights, topic: string): boolean {
  return rights.write.some((granted) => contains(granted, topic))
}

/** A user name with wildcards or slashes in it would reach beyond its own place. */
function isLevel(user: string): boolean {
  return user !== '' && !/[+#/\0$]/.test(user)
}

export interface AclParts {
  readonly base: string
  /** As whom the bridge connects. */
  readonly bridge?: string
  readonly trees?: readonly TreeRights[]
}

/** The same table as a mosquitto ACL file, one user per role. */
export function mosquittoAcl({ base, bridge = 'bridge', trees = [] }: AclParts): string {
  const lines = [
    `# Rights on the topics below ${base}/, one user for each role.`,
    `pattern readwrite ${base}/reply/%u/#`,
  ]
  for (const role of roles) {
    const { read, write } = rightsOf(role, base, '', trees)
    const both = read.filter((filter) => write.includes(filter))
    lines.push('', `user ${role === 'bridge' ? bridge : role}`)
    for (const filter of both) lines.push(`topic readwrite ${filter}`)
    for (const filter of read) if (!both.includes(filter)) lines.push(`topic read ${filter}`)
    for (const filter of write) if (!both.includes(filter)) lines.push(`topic write ${filter}`)
  }
  return `${lines.join('\n')}\n`
}
