import type { CloudVerdict, Retry } from '../../util/error.ts'

/**
 * What a code asks of the client (R-C4).
 * transient, throttled: again later. auth, clock: heal and retry once. config, quota, plan: stop all calls.
 * permission: leave that device or feature alone. The rest: tell the caller.
 */
export type FaultKind =
  | 'transient'
  | 'throttled'
  | 'auth'
  | 'clock'
  | 'config'
  | 'quota'
  | 'permission'
  | 'undelivered'
  | 'device-offline'
  | 'unsupported'
  | 'gone'
  | 'request'
  | 'refused'

export interface Fault {
  readonly kind: FaultKind
  readonly meaning: string
  readonly advice: string
}

interface Row extends Fault {
  readonly codes: readonly (number | readonly [from: number, to: number])[]
}

const checkCredentials =
  'Copy the access id and secret of the project again, and check that the region is the one of the project.'
const linkAccount =
  'In the console: Cloud, your project, Devices, Link App Account; then check the data centre.'

/** Every documented code. Source: the platform's page of global error codes, and what clients have recorded. */
const rows: readonly Row[] = [
  { codes: [500], kind: 'transient', meaning: 'system error or timeout', advice: 'Try again.' },
  { codes: [1000], kind: 'gone', meaning: 'no such data', advice: 'Check the id.' },
  {
    codes: [1001, 1005, 1007, 1008],
    kind: 'config',
    meaning: 'wrong access id or secret',
    advice: checkCredentials,
  },
  {
    codes: [1002],
    kind: 'auth',
    meaning: 'access token missing',
    advice: 'The bridge asks for a new token.',
  },
  {
    codes: [1003, 1107, 2405],
    kind: 'config',
    meaning: 'wrong grant type, code or ticket',
    advice: checkCredentials,
  },
  { codes: [1004], kind: 'config', meaning: 'signature refused', advice: checkCredentials },
  {
    codes: [1006, 1105],
    kind: 'request',
    meaning: 'content type or header missing',
    advice: 'This is a defect of the client.',
  },
  {
    codes: [1010, 1011, 1012, 1400],
    kind: 'auth',
    meaning: 'token expired or invalid',
    advice: 'The bridge asks for a new token.',
  },
  {
    codes: [1013],
    kind: 'clock',
    meaning: 'the clock is too far off',
    advice: 'Set the clock of this machine (NTP).',
  },
  {
    codes: [1100, 1102],
    kind: 'request',
    meaning: 'a parameter is empty',
    advice: 'Give the parameter that the message names.',
  },
  {
    codes: [1101, 1104, 1109],
    kind: 'request',
    meaning: 'a parameter is out of range or of the wrong type',
    advice: 'Compare the values with the operation’s page.',
  },
  { codes: [1103], kind: 'undelivered', meaning: 'the command was not delivered', advice: 'Send it again.' },
  {
    codes: [1106],
    kind: 'permission',
    meaning: 'no permission for this device, home or user',
    advice: linkAccount,
  },
  {
    codes: [1108],
    kind: 'request',
    meaning: 'unknown path or method',
    advice: 'This region does not offer the operation.',
  },
  {
    codes: [1110, 1111, 1112, 1199],
    kind: 'throttled',
    meaning: 'too many calls at once',
    advice: 'The bridge waits and tries again.',
  },
  {
    codes: [40000309],
    kind: 'throttled',
    meaning: 'probably too many calls',
    advice: 'The bridge waits and tries again.',
  },
  {
    codes: [1113],
    kind: 'refused',
    meaning: 'repeated too soon, or an upgrade is needed',
    advice: 'Wait a minute and try again.',
  },
  {
    codes: [1114],
    kind: 'config',
    meaning: 'this address, data centre or key is not allowed',
    advice: 'Check the IP allow-list of the project and the region.',
  },
  {
    codes: [2001],
    kind: 'device-offline',
    meaning: 'the device is offline',
    advice: 'Check its power and its Wi-Fi.',
  },
  {
    codes: [2002, 2005, 2006, 2010],
    kind: 'gone',
    meaning: 'no such device, product or user',
    advice: 'It was removed, or the account is not linked.',
  },
  {
    codes: [2003],
    kind: 'unsupported',
    meaning: 'function not supported by this way of control',
    advice: 'The bridge tries the thing model.',
  },
  { codes: [2004, [2301, 2324]], kind: 'refused', meaning: 'the lock refused', advice: 'See the message.' },
  {
    codes: [2007],
    kind: 'refused',
    meaning: 'pairing token expired',
    advice: 'Ask for a new pairing token.',
  },
  {
    codes: [2008],
    kind: 'unsupported',
    meaning: 'command code or value not supported',
    advice: 'Compare with the specification of the device.',
  },
  {
    codes: [2009, 2012, 2015],
    kind: 'unsupported',
    meaning: 'device, app or category not supported',
    advice: 'The bridge tries the thing model.',
  },
  { codes: [2017], kind: 'config', meaning: 'app schema unknown', advice: 'Check tuya.schema.' },
  {
    codes: [2013, 2014, 2016, [2018, 2027], [2201, 2212]],
    kind: 'refused',
    meaning: 'timer, infrared, group or file call refused',
    advice: 'See the message.',
  },
  {
    codes: [2401, 2402, 2403, 2406, 2410],
    kind: 'config',
    meaning: 'wrong login, app not linked or wrong data centre',
    advice: linkAccount,
  },
  {
    codes: [
      [2407, 2409],
      [2411, 2421],
    ],
    kind: 'config',
    meaning: 'the login wants a captcha or a second factor',
    advice: 'Log in once with the app.',
  },
  {
    codes: [2501, 2502, 2503],
    kind: 'gone',
    meaning: 'no such home, room or scene',
    advice: 'It was deleted; the bridge reads the lists again.',
  },
  {
    codes: [[2504, 2510]],
    kind: 'refused',
    meaning: 'the member call was refused',
    advice: 'Only administrators change members.',
  },
  {
    codes: [[2511, 2514]],
    kind: 'refused',
    meaning: 'the scene call was refused',
    advice: 'See the message.',
  },
  {
    codes: [28841002],
    kind: 'quota',
    meaning: 'the cloud plan has expired',
    advice: 'Extend it in the console: Cloud, Cloud Services, IoT Core, Extend Trial Period.',
  },
  {
    codes: [28841004],
    kind: 'quota',
    meaning: 'the quota of the plan is used up',
    advice: 'Wait for the next month or take a larger plan; LAN control goes on.',
  },
  {
    codes: [28841001, 28841101, 28841105],
    kind: 'permission',
    meaning: 'the API is not subscribed or not authorised for the project',
    advice: 'In the console: your project, Service API, Go to Authorize.',
  },
]

const byCode = new Map<number, Fault>()
for (const row of rows) {
  for (const entry of row.codes) {
    const [from, to] = typeof entry === 'number' ? [entry, entry] : entry
    for (let code = from; code <= to; code++) byCode.set(code, row)
  }
}

const unknownFault: Fault = {
  kind: 'refused',
  meaning: 'a code that no page explains',
  advice: 'See the message.',
}

/** What a code means; codes that nobody documented are refusals, told with their text. */
export function faultOf(code: number): Fault {
  return byCode.get(code) ?? unknownFault
}

/** All rows, for the reference page. */
export function faultTable(): readonly { readonly code: number; readonly fault: Fault }[] {
  return [...byCode].map(([code, fault]) => ({ code, fault })).sort((a, b) => a.code - b.code)
}

/** The contract's reason (after `cloud/`) and retry verdict of each kind. */
const publicReasons: Readonly<Record<FaultKind, readonly [reason: string, retry: Retry]>> = {
  transient: ['unavailable', 'later'],
  throttled: ['throttled', 'later'],
  auth: ['token-invalid', 'after-login'],
  clock: ['unavailable', 'later'],
  config: ['credentials', 'after-login'],
  quota: ['quota', 'later'],
  permission: ['permission', 'never'],
  undelivered: ['unavailable', 'later'],
  'device-offline': ['device-offline', 'later'],
  unsupported: ['unsupported', 'never'],
  gone: ['refused', 'never'],
  request: ['refused', 'never'],
  refused: ['refused', 'never'],
}

export function publicReason(kind: FaultKind): { readonly reason: string; readonly retry: Retry } {
  const [reason, retry] = publicReasons[kind]
  return { reason: `cloud/${reason}`, retry }
}

/** The sentence that a user reads: code, what it means, what to do. */
export function explain(verdict: CloudVerdict): string {
  const fault = faultOf(verdict.code)
  return `The cloud answered ${verdict.code} (${fault.meaning}): ${verdict.msg.slice(0, 200)}. ${fault.advice}`
}
