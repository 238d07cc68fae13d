import { BridgeError } from '../../util/error.ts'
import { isRecord } from '../../util/json.ts'
import { nearest } from '../../util/nearest.ts'
import {
  type AnyArguments,
  type AnyOperation,
  body,
  type Call,
  type Params,
  query,
  required,
} from './operation.ts'
import { operationAt } from './operation-at.ts'
import { isTokenPath } from './sign.ts'

/** Any request of the platform's API, for what the registry does not have (topic contract, section 10). */
export const rawRequestId = 'cloud-request'

/** Its class: none of those that can be allowed, but a setting of its own. */
export const rawRequestClass = 'raw'

export const rawRequestSummary = 'Send a request of your own to one of the paths that operations.raw lists'

const methods = ['GET', 'POST', 'PUT', 'DELETE'] as const
type Method = (typeof methods)[number]

const bodyTaken = 'What is sent along: an object or a list; never with `GET`'

export const rawRequestParams = {
  method: required(body('string', '`GET`, `POST`, `PUT` or `DELETE`', { choices: methods })),
  path: required(
    body('string', 'Where: begins with the version, such as `/v1.0/devices/<id>`; 512 characters at most'),
  ),
  query: query('object', 'What follows the question mark: an object of names and values'),
  body: body('object', bodyTaken),
} as const satisfies Params

/** A request that was read: what goes out, and what the registry knows about its address. */
export interface RawRequest {
  readonly operation: AnyOperation
  readonly args: AnyArguments
  /** The operation at the same address, and its parameters as far as they can be told. */
  readonly known: { readonly operation: AnyOperation; readonly params: AnyArguments } | undefined
}

const version = /^\/v\d{1,2}\.\d{1,2}\//
const level = /^[A-Za-z0-9_-]+$/

/** Whether a text is a path prefix as the configuration may list it: a version, and whole levels. */
export function isRawPrefix(text: string): boolean {
  const [, , ...levels] = text.split('/')
  if (levels.at(-1) === '') levels.pop()
  return text.length <= longestPath && version.test(`${text}/`) && levels.every((each) => level.test(each))
}

const longestPath = 512
const longestValue = 4096
const mostNames = 64

/**
 * Reads and judges a request. Throws BridgeError: `command/missing-param` and `command/bad-param` with an entry in
 * `details` for each fault, `command/forbidden` for an address that no prefix covers.
 */
export function readRawRequest(given: AnyArguments, prefixes: readonly string[]): RawRequest {
  const faults = [...unknown(given), ...methodFaults(given), ...pathFaults(given['path']), ...rest(given)]
  const [first] = faults
  if (first) {
    const more = faults.length === 1 ? '' : ` And ${faults.length - 1} more.`
    const missing = faults.every(({ isMissing }) => isMissing)
    throw new BridgeError(
      missing ? 'command/missing-param' : 'command/bad-param',
      `${rawRequestId}: ${first.param} ${first.expected}.${more}`,
      { details: faults.map(({ param, expected }) => ({ param, expected })) },
    )
  }
  const { method, path } = given as { method: Method; path: string }
  if (!prefixes.some((prefix) => covers(prefix, path))) throw notCovered(path, prefixes)
  const known = generousAt(method, path)
  if (isTokenPath(path.toLowerCase()) || known?.operation.class === 'never') throw ownBusiness(path)
  const { operation } = known ?? {}
  return {
    operation: outgoing(method, operation),
    args: { method, path, ...(given['query'] ? { query: given['query'] } : {}), ...bodyOf(given) },
    known: known && { operation: known.operation, params: { ...flat(given), ...known.params } },
  }
}

/** The operation at the address of a request and what the path holds, where there is one and it can be read. */
export function operationAsked({ method, path }: AnyArguments): ReturnType<typeof operationAt> {
  if (typeof method !== 'string' || typeof path !== 'string' || pathFaults(path).length > 0) return undefined
  return generousAt(method, path)
}

/** Words are compared without case: a right that hangs on a spelling is none where the other side may be generous. */
function generousAt(method: string, path: string) {
  return operationAt(method, path, (word, given) => word.toLowerCase() === given.toLowerCase())
}

/** Whole levels: `/v1.0/devices` covers itself and what lies below, but not `/v1.0/devicesX`. */
function covers(prefix: string, path: string): boolean {
  return path === prefix || path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`)
}

interface Fault {
  readonly param: string
  readonly expected: string
  readonly isMissing?: true
}

function unknown(given: AnyArguments): Fault[] {
  const names = Object.keys(rawRequestParams)
  return Object.keys(given)
    .filter((name) => !Object.hasOwn(rawRequestParams, name))
    .slice(0, 20)
    .map((name) => {
      const near = nearest(name, names, 1)
      const hint = near.length > 0 ? `did you mean ${near[0]}?` : `there are ${names.join(', ')}`
      return { param: name.slice(0, 64), expected: `is not a parameter; ${hint}` }
    })
}

function methodFaults({ method }: AnyArguments): Fault[] {
  if (method === undefined)
    return [{ param: 'method', expected: `is missing: ${methods.join(', ')}`, isMissing: true }]
  if (methods.some((known) => known === method)) return []
  return [{ param: 'method', expected: `must be one of ${methods.join(', ')}` }]
}

/**
 * The characters that paths of this API are made of, and no others: nothing that a server between here and there could
 * read as another path than the one that was compared with the prefixes.
 */
function pathFaults(path: unknown): Fault[] {
  const fault = (expected: string): Fault[] => [{ param: 'path', expected }]
  if (path === undefined)
    return [{ param: 'path', expected: 'is missing, such as /v1.0/devices/<id>', isMissing: true }]
  if (typeof path !== 'string') return fault('must be text')
  if (path.length > longestPath) return fault(`must have at most ${longestPath} characters`)
  if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(path))
    return fault('must not name a host: only tuya.endpoint is called')
  if (path.includes('?')) return fault('must not hold a query: names and values belong into query')
  if (path.includes('%')) return fault('must not hold percent-encoding')
  if (!version.test(path)) return fault('must begin with a version, such as /v1.0/')
  const levels = path.slice(1).split('/')
  if (levels.some((level) => level === '' || /^\.+$/.test(level)))
    return fault('must not have empty levels, "." or ".."')
  if (!levels.slice(1).every((level) => /^[A-Za-z0-9_.-]+$/.test(level)))
    return fault('takes the characters A-Z a-z 0-9 _ . - between slashes')
  return []
}

function rest({ method, query: asked, body: sent }: AnyArguments): Fault[] {
  const faults: Fault[] = []
  if (asked !== undefined) faults.push(...queryFaults(asked))
  if (sent === undefined) return faults
  if (method === 'GET') faults.push({ param: 'body', expected: 'is never sent with GET' })
  else if (typeof sent !== 'object' || sent === null)
    faults.push({ param: 'body', expected: 'must be an object or a list' })
  return faults
}

function queryFaults(asked: unknown): Fault[] {
  if (!isRecord(asked)) return [{ param: 'query', expected: 'must be an object of names and values' }]
  const entries = Object.entries(asked)
  if (entries.length > mostNames)
    return [{ param: 'query', expected: `must have at most ${mostNames} names` }]
  return entries.flatMap(([name, value]) => {
    const param = `query.${name.slice(0, 64)}`
    if (!/^[A-Za-z0-9_.-]{1,64}$/.test(name))
      return [{ param, expected: 'must be called by 1 to 64 of the characters A-Z a-z 0-9 _ . -' }]
    if (typeof value === 'string') return textFaults(param, value)
    return typeof value === 'number' || typeof value === 'boolean'
      ? []
      : [{ param, expected: 'must be text, a number, true or false' }]
  })
}

/** The signature covers values as they are, not as they are encoded: a line break must not look like its next line. */
function textFaults(param: string, value: string): Fault[] {
  if (value.length > longestValue)
    return [{ param, expected: `must have at most ${longestValue} characters` }]
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  return /[\u0000-\u001f\u007f]/.test(value) ? [{ param, expected: 'must not hold control characters' }] : []
}

function bodyOf(given: AnyArguments): { body?: unknown } {
  return given['body'] === undefined ? {} : { body: given['body'] }
}

/** Query and body side by side, as operations take them. */
function flat({ query: asked, body: sent }: AnyArguments): AnyArguments {
  const members = isRecord(sent) ? sent : sent === undefined ? {} : { $root: sent }
  return { ...(isRecord(asked) ? asked : {}), ...members }
}

function notCovered(path: string, prefixes: readonly string[]): BridgeError {
  return new BridgeError(
    'command/forbidden',
    `${path.slice(0, 64)} lies below none of the paths that operations.raw lists.`,
    { details: prefixes.map((prefix) => ({ prefix })) },
  )
}

function ownBusiness(path: string): BridgeError {
  return new BridgeError(
    'command/forbidden',
    `${path.slice(0, 64)} is for the bridge itself and is never called from outside.`,
  )
}

const made = new Map<string, AnyOperation>()

/** What the client sends. Counted, paced and paused as the operation at its address; made once each. */
function outgoing(method: Method, known: AnyOperation | undefined): AnyOperation {
  const id = known?.id ?? rawRequestId
  const key = `${method} ${id}`
  const one = made.get(key) ?? {
    id,
    group: known?.group ?? rawRequestId,
    class: known?.class ?? 'read',
    summary: rawRequestSummary,
    method,
    path: '',
    params: rawParams,
    reply: {},
    read: (result: never) => result,
    repeatable: method === 'GET',
    ...(known?.perSecond === undefined ? {} : { perSecond: known.perSecond }),
    source: '',
    confidence: 'documented' as const,
    build,
  }
  made.set(key, one)
  return one
}

const rawParams: Params = {
  ...rawRequestParams,
  body: body('object', bodyTaken, { made: { type: ['object', 'array'] } }),
}

function build({ method, path, query: asked, body: sent }: AnyArguments): Call {
  const texts = Object.entries((asked ?? {}) as Record<string, unknown>).map(([name, value]) => [
    name,
    String(value),
  ])
  return {
    method: method as Method,
    path: path as string,
    query: Object.fromEntries(texts),
    body: sent === undefined ? undefined : JSON.stringify(sent),
  }
}
