import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  mayRead,
  mayWrite,
  mosquittoAcl,
  type Role,
  rightsOf,
  roles,
  treeRights,
} from '../../src/mqtt/rights.ts'
import { tuyaMqttTopics } from '../../src/mqtt/topic.ts'
import type { Topic } from '../../src/mqtt/topic-entry.ts'

/**
 * The access list of the topic contract, section 13, with what section 18.6 adds: dashboards also read
 * `bridge/info` and `bridge/health`, and controllers read what dashboards read.
 */
const contractAcl = `
pattern readwrite tuya/reply/%u/#

user bridge
topic readwrite tuya/#
topic write homeassistant/#
topic read homeassistant/status
topic readwrite homie/#

user dashboard
topic read tuya/state/#
topic read tuya/meta/#
topic read tuya/last/#
topic read tuya/event/#
topic read tuya/bridge/state
topic read tuya/bridge/info
topic read tuya/bridge/health

user controller
topic read tuya/state/#
topic read tuya/meta/#
topic read tuya/last/#
topic read tuya/event/#
topic read tuya/bridge/state
topic read tuya/bridge/info
topic read tuya/bridge/health
topic read tuya/result/#
topic write tuya/cmd/device/#
topic write tuya/cmd/scene/#
topic write tuya/cmd/automation/#
`

/** The rules of an access list by user; those for everybody under ''. */
function parseAcl(acl: string): Map<string, string[]> {
  const rules = new Map<string, string[]>([['', []]])
  let user = ''
  for (const line of acl.split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    if (line.startsWith('user ')) {
      user = line.slice(5)
      rules.set(user, [])
    } else rules.get(user)?.push(line)
  }
  return new Map([...rules].map(([name, lines]) => [name, lines.sort()]))
}

const may = (role: Role, user = 'me') => {
  const rights = rightsOf(role, 'tuya', user)
  return {
    read: (filter: string) => mayRead(rights, filter),
    write: (topic: string) => mayWrite(rights, topic),
  }
}

it('mosquitto’s access list says what the contract says for the roles that it names', () => {
  const [ours, contract] = [parseAcl(mosquittoAcl({ base: 'tuya' })), parseAcl(contractAcl)]
  for (const [user, lines] of contract) expect(ours.get(user), user || 'everybody').toEqual(lines)
})

it('administrators may say everything that clients may say, and write nothing else', () => {
  expect(parseAcl(mosquittoAcl({ base: 'tuya' })).get('administrator')).toEqual([
    'topic read tuya/#',
    'topic write tuya/cmd/automation/#',
    'topic write tuya/cmd/bridge/#',
    'topic write tuya/cmd/device/#',
    'topic write tuya/cmd/named/#',
    'topic write tuya/cmd/op/#',
    'topic write tuya/cmd/scene/#',
  ])
})

it('the file that comes with the project is made from the table', () => {
  const file = readFileSync(new URL('../../mosquitto.acl', import.meta.url), 'utf8')
  expect(parseAcl(file)).toEqual(parseAcl(mosquittoAcl({ base: 'tuya' })))
})

it('a base of several levels stands in every rule', () => {
  const lines = mosquittoAcl({ base: 'a/b' }).split('\n')
  const rules = lines.filter(
    (line) => /^(topic|pattern)/.test(line) && !/ (homeassistant|homie)\//.test(line),
  )
  expect(rules.length).toBeGreaterThan(20)
  for (const rule of rules) expect(rule).toMatch(/ a\/b\//)
})

describe('a dashboard', () => {
  it('reads what devices say, and the state of the bridge', () => {
    for (const filter of ['tuya/state/#', 'tuya/meta/#', 'tuya/event/device/+/#', 'tuya/bridge/info'])
      expect(may('dashboard').read(filter), filter).toBe(true)
  })

  it('reads neither commands, answers, the probe, nor by a filter that reaches further', () => {
    const filters = [
      '#',
      '+/#',
      'tuya/#',
      'tuya/+/device/#',
      'tuya/cmd/#',
      'tuya/result/#',
      'tuya/bridge/#',
      '$SYS/#',
    ]
    for (const filter of filters) expect(may('dashboard').read(filter), filter).toBe(false)
    expect(may('dashboard').read('tuya/bridge/probe')).toBe(false)
  })

  it('writes nothing but into its own place for answers', () => {
    for (const topic of ['tuya/cmd/device/a', 'tuya/state/device/a', 'tuya/bridge/state', 'x'])
      expect(may('dashboard').write(topic), topic).toBe(false)
    expect(may('dashboard').write('tuya/reply/me/1')).toBe(true)
  })
})

describe('a controller', () => {
  it('commands devices, scenes and automations, and reads what becomes of it', () => {
    for (const topic of [
      'tuya/cmd/device/a/dp/x',
      'tuya/cmd/scene/a/trigger',
      'tuya/cmd/automation/a/enabled',
    ])
      expect(may('controller').write(topic), topic).toBe(true)
    expect(may('controller').read('tuya/result/#')).toBe(true)
  })

  it('calls no operations, does not command the bridge, and commands nothing by name', () => {
    for (const topic of [
      'tuya/cmd/op/device-get',
      'tuya/cmd/bridge/ping',
      'tuya/cmd/named/device/lamp',
      'tuya/cmd',
    ])
      expect(may('controller').write(topic), topic).toBe(false)
  })
})

it('only the bridge writes states', () => {
  for (const role of roles) expect(may(role).write('tuya/state/device/a'), role).toBe(role === 'bridge')
})

it('answers for one user are no business of another', () => {
  for (const role of ['dashboard', 'controller'] as const) {
    expect(may(role, 'me').read('tuya/reply/me/#')).toBe(true)
    expect(may(role, 'me').read('tuya/reply/you/1')).toBe(false)
    expect(may(role, 'me').write('tuya/reply/you/1')).toBe(false)
  }
})

it.each(['+', '#', 'a/b', '', '$share', 'a\0'])('a user called %j gets no place for answers', (user) => {
  const rights = rightsOf('dashboard', 'tuya', user)
  expect([...rights.read, ...rights.write].filter((granted) => granted.includes('/reply/'))).toEqual([])
})

describe('a tree in the words of another bridge', () => {
  const tree = treeRights('legacy', tuyaMqttTopics)
  const rightsIn = (role: Role) => rightsOf(role, 'tuya', 'me', [tree])

  it.each(Object.entries<Topic>(tuyaMqttTopics))(
    '%s: who controls says what is obeyed, all read what is published',
    (_, entry) => {
      const topic = `legacy/${entry.pattern.replace(/\{\w+\}/g, 'x')}`
      const obeyed = entry.direction === 'obey'
      expect(roles.filter((role) => mayWrite(rightsIn(role), topic))).toEqual(
        obeyed ? ['bridge', 'administrator', 'controller'] : ['bridge'],
      )
      expect(roles.filter((role) => mayRead(rightsIn(role), topic))).toEqual(
        obeyed ? ['bridge', 'administrator'] : [...roles],
      )
    },
  )

  it('has a line in the access list for each of these rights, and none where it is off', () => {
    const lines = mosquittoAcl({ base: 'tuya', bridge: 'hub', trees: [tree] }).split('\n')
    expect(lines).toContain('user hub')
    for (const role of roles) {
      const { read, write } = tree[role]
      const own = role === 'bridge' ? 'hub' : role
      const after = lines.slice(lines.indexOf(`user ${own}`) + 1)
      const rules = after.slice(0, after.indexOf('') === -1 ? undefined : after.indexOf(''))
      for (const filter of new Set([...read, ...write]))
        expect(
          rules.filter((rule) => rule.endsWith(` ${filter}`)),
          `${role} ${filter}`,
        ).toHaveLength(1)
    }
    expect(mosquittoAcl({ base: 'tuya' })).not.toContain('legacy')
  })
})
