import { contains } from './filter.ts'

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

/** The rights of a role under a base; everyone also has a place for private answers. */
export function rightsOf(role: Role, base: string, user: string): Rights {
  const whole = (filters: readonly string[]) => filters.map((filter) => `${base}/${filter}`)
  const replies = isLevel(user) ? [`${base}/reply/${user}/#`] : []
  const neighbours: Rights =
    role === 'bridge'
      ? { read: ['homeassistant/status', 'homie/#'], write: ['homeassistant/#', 'homie/#'] }
      : { read: [], write: [] }
  return {
    read: [...whole(below[role].read), ...replies, ...neighbours.read],
    write: [...whole(below[role].write), ...replies, ...neighbours.write],
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

/** The same table as a mosquitto ACL file, one user per role. */
export function mosquittoAcl(base: string): string {
  const lines = [
    `# Rights on the topics below ${base}/, one user for each role.`,
    `pattern readwrite ${base}/reply/%u/#`,
  ]
  for (const role of roles) {
    const { read, write } = rightsOf(role, base, '')
    const both = read.filter((filter) => write.includes(filter))
    lines.push('', `user ${role}`)
    for (const filter of both) lines.push(`topic readwrite ${filter}`)
    for (const filter of read) if (!both.includes(filter)) lines.push(`topic read ${filter}`)
    for (const filter of write) if (!both.includes(filter)) lines.push(`topic write ${filter}`)
  }
  return `${lines.join('\n')}\n`
}
