import type { HealthDocument } from '../src/app/health.ts'
import type { PageDevice, PagePoint, PageReceipt } from '../src/app/page/protocol.ts'
import type { BridgeInfo } from '../src/app/self-report.ts'
import { spanText, words } from './format.ts'

/** Something that is wrong, and what to do about it. */
export interface Finding {
  readonly grade: 'bad' | 'warn' | 'note'
  readonly what: string
  readonly todo: string
}

type Advice = readonly [what: string, todo: string]

/** Reasons of links and ways, in the words of the topic contract. */
const reasons: Readonly<Record<string, Advice>> = {
  credentials: [
    'access was refused',
    'Check access id, secret, user and password; `dp2mqtt check` says which.',
  ],
  permission: [
    'the project has no right to it',
    'In the platform’s console, link the app account and authorise the API for the project.',
  ],
  quota: ['the quota of the plan is used up', 'Extend the plan or wait; the bridge asks once an hour.'],
  throttled: ['it was asked too often', 'Nothing: the bridge waits and goes on.'],
  unavailable: ['the other side is out of order', 'Nothing, as long as it passes: the bridge tries again.'],
  'token-invalid': ['the login is refused', 'Another program may use the same access id; give each its own.'],
  unreachable: ['it cannot be reached', 'Check network, address and firewall.'],
  timeout: ['it does not answer', 'Check network and power on the way there.'],
  refused: ['the connection is refused', 'Is it running, and is the port right?'],
  silent: [
    'it stopped answering',
    'Nothing: the connection is made anew. If it stays so, look at the other side.',
  ],
  rights: [
    'the broker does not let the bridge publish or read',
    'Compare the broker’s access list with mosquitto.acl.',
  ],
  'base-in-use': [
    'another bridge uses the same base topic',
    'Give each bridge its own mqtt.base and mqtt.instance.',
  ],
  'client-id-in-use': ['another program uses the same client id', 'Give each bridge its own mqtt.instance.'],
  'taken-over': ['another program took the connection over', 'Give each bridge its own mqtt.instance.'],
  certificate: [
    'the certificate is not accepted',
    'Check the certificate, its names, and the CA in the settings.',
  ],
  protocol: ['what answers there speaks something else', 'Check address and port.'],
  'key-mismatch': [
    'the key does not fit',
    'The device was paired anew: the bridge asks the cloud for its key; without a cloud, put the new one into lan.devices.',
  ],
  'device-offline': ['the device is not reachable', 'Check its power and Wi-Fi.'],
  wedged: [
    'the device does not take a connection',
    'Take its power away for ten seconds; until then the cloud is used.',
  ],
  sleeping: ['the device sleeps', 'Nothing: it comes back by itself.'],
  error: ['the connection failed', 'Look at the log.'],
  undecodable: ['messages cannot be decrypted', 'Check the access secret; it may have been renewed.'],
  closed: ['the connection ended', 'Nothing: it is made anew.'],
  starting: ['it is starting', 'Wait for a moment.'],
  connecting: ['it is being connected', 'Wait for a moment.'],
}

/** What a reason means, as a sentence, and what to do. */
export function adviceOf(reason: string | null | undefined): Advice {
  if (!reason) return ['no reason is known', 'Look at the log.']
  return reasons[reason.replace(/^[a-z]+\//, '')] ?? [words(reason), 'Look at the log.']
}

const linkNames = { mqtt: 'MQTT broker', cloud: 'Cloud', queue: 'Event queue' } as const
export type LinkName = keyof typeof linkNames

export function linkName(name: LinkName): string {
  return linkNames[name]
}

/** What is wrong with the links and the budget of calls. */
export function examineLinks({ links, budget }: HealthDocument): Finding[] {
  const found: Finding[] = []
  for (const name of Object.keys(linkNames) as LinkName[]) {
    const { state, reason } = links[name]
    if (state === 'up' || state === 'unused') continue
    const [what, todo] = adviceOf(reason)
    found.push({ grade: state === 'down' ? 'bad' : 'warn', what: `${linkNames[name]}: ${what}.`, todo })
  }
  if (budget && budget.used >= budget.limit)
    found.push({
      grade: 'bad',
      what: `All ${budget.limit} cloud calls of today are used.`,
      todo: 'Raise budget.cloudCallsPerDay if your plan has more, or switch on the event queue, which needs none.',
    })
  else if (budget && budget.used >= budget.limit * 0.8)
    found.push({
      grade: 'warn',
      what: `${budget.used} of ${budget.limit} cloud calls of today are used.`,
      todo: 'State is read less often until midnight; the rest is kept for commands.',
    })
  return found
}

const insecurities: Readonly<Record<string, Advice>> = {
  'custom-endpoint': [
    'The cloud or its queue is not at the platform’s own address.',
    'Fine for a simulator; otherwise empty tuya.endpoint and queue.url.',
  ],
  'queue-tls-unverified': ['The event queue’s certificate is not checked.', 'Remove queue.tls.insecure.'],
  'mqtt-tls-unverified': [
    'The broker’s certificate is not checked.',
    'Remove mqtt.tls.insecure and give its CA in mqtt.tls.ca.',
  ],
  'mqtt-plaintext': [
    'What is said to the broker can be read on the way.',
    'Use mqtts: in mqtt.url, unless the broker is on this machine.',
  ],
  'broker-anonymous': [
    'Anyone on this machine may use the broker inside.',
    'Add broker.users, if others use this machine too.',
  ],
  'broker-plaintext': [
    'What is said to the broker inside can be read on the way.',
    'Give it a certificate: broker.tls.',
  ],
  'page-plaintext': [
    'Password and page can be read on the way.',
    'Listen on 127.0.0.1 and put a proxy with TLS before it.',
  ],
}

/** What is less safe than it could be. */
export function examineSettings({ insecure }: Pick<BridgeInfo, 'insecure'>): Finding[] {
  return insecure.map((word) => {
    const [what, todo] = insecurities[word] ?? [words(word), 'See docs/configuration.md.']
    return { grade: 'note', what, todo }
  })
}

export interface Circumstances {
  readonly points: readonly PagePoint[] | undefined
  /** The gateway, where there is one. */
  readonly gateway: Pick<PageDevice, 'name' | 'online'> | undefined
  /** The last answer to a command. */
  readonly last: PageReceipt | undefined
  readonly nowMs: number
}

const lowBattery = 15

/** What is wrong with a device. */
export function examineDevice(device: PageDevice, around: Circumstances): Finding[] {
  return [
    ...absence(device, around),
    ...examineWays(device),
    ...doubtful(device, around),
    ...saidByItself(device, around),
    ...lastCommand(around),
  ]
}

function absence(device: PageDevice, { gateway }: Circumstances): Finding[] {
  if (device.online) return []
  if (gateway && !gateway.online)
    return [
      { grade: 'bad', what: `Its gateway “${gateway.name}” is offline.`, todo: 'Start with the gateway.' },
    ]
  return [
    {
      grade: 'bad',
      what: 'It is offline.',
      todo: 'Check its power and Wi-Fi. A device on batteries sleeps and comes back by itself.',
    },
  ]
}

/** Why a way is down for a while and nobody has to do anything. */
const passing: ReadonlySet<string> = new Set(['sleeping', 'starting', 'stopped'])

function examineWays({ ways, online }: PageDevice): Finding[] {
  const found: Finding[] = []
  if (ways.lan.state === 'down' && !passing.has(ways.lan.reason ?? '')) {
    const [what, todo] = adviceOf(ways.lan.reason)
    found.push({ grade: ways.cloud.state === 'up' ? 'warn' : 'bad', what: `Over the LAN: ${what}.`, todo })
  }
  // That the cloud is away is said once, of the link.
  if (online && ways.cloud.state !== 'up' && ways.lan.state !== 'up')
    found.push({ grade: 'bad', what: 'No way leads to it: commands are refused.', todo: 'See the links.' })
  return found
}

function doubtful({ dp, model }: PageDevice, { points, nowMs }: Circumstances): Finding[] {
  const found: Finding[] = []
  if (model === null || points === undefined)
    found.push({
      grade: 'warn',
      what: 'What it understands has not been read yet.',
      todo: 'Wait a moment; if it stays so, look for the product’s permission with `dp2mqtt check`.',
    })
  // What is derived is as old as what it comes from.
  const facts = Object.entries(dp).filter(([code]) => !code.includes('/'))
  const stale = facts.filter(([, [, , , marks]]) => marks & 1)
  if (stale.length > 0) {
    const newest = Math.max(...stale.map(([, [, timeMs]]) => timeMs))
    found.push({
      grade: 'warn',
      what: `${stale.length === facts.length ? 'Its values' : `${stale.length} of its values`} may be old: the last is from ${spanText(nowMs - newest)} ago.`,
      todo: 'They are read again as soon as their link is back.',
    })
  }
  const odd = facts.filter(([, [, , , marks]]) => marks & 2).map(([code]) => code)
  if (odd.length > 0)
    found.push({
      grade: 'note',
      what: `It reports values that its specification does not know: ${odd.join(', ')}.`,
      todo: 'Correct the points in overrides, if they matter to you.',
    })
  return found
}

function saidByItself({ dp }: PageDevice, { points = [] }: Circumstances): Finding[] {
  return points.flatMap(({ code, use }) => {
    const value = dp[code]?.[0]
    if (use?.measures === 'problem' && Array.isArray(value) && value.length > 0)
      return [{ grade: 'warn', what: `It reports a fault: ${value.join(', ')}.`, todo: 'See its manual.' }]
    if (use?.measures !== 'battery') return []
    const isLow = value === 'low' || (typeof value === 'number' && value <= lowBattery)
    const left = typeof value === 'number' ? `at ${value} %` : 'low'
    return isLow ? [{ grade: 'warn', what: `Its battery is ${left}.`, todo: 'Change the battery.' }] : []
  })
}

/** A value that was refused is who sent it to blame, not the device. */
function lastCommand({ last, nowMs }: Circumstances): Finding[] {
  if (!last || last.ok || last.state === 'superseded') return []
  const isRefused = last.state === 'rejected' && last.reason?.startsWith('command/') === true
  if (isRefused && last.reason !== 'command/no-path') return []
  return [
    {
      grade: 'warn',
      what: `Its last command, ${spanText(nowMs - last.timeMs)} ago, failed: ${last.message ?? last.reason ?? last.state}`,
      todo: last.reason?.includes('unconfirmed')
        ? 'It may have happened: look at the device.'
        : adviceOf(last.reason)[1],
    },
  ]
}

const grades = { bad: 2, warn: 1, note: 0 } as const

/** The gravest first. */
export function byGrade(a: Finding, b: Finding): number {
  return grades[b.grade] - grades[a.grade]
}
