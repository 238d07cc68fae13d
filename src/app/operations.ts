import { checkArguments, completed, type Defaults, expected } from '../codec/cloud/arguments.ts'
import { operationById, operations } from '../codec/cloud/operation/index.ts'
import {
  type AnyArguments,
  type AnyOperation,
  isPersonal,
  isPrivate,
  type OperationClass,
  type Params,
  shownBy,
} from '../codec/cloud/operation.ts'
import {
  operationAsked,
  type RawRequest,
  rawRequestClass,
  rawRequestId,
  rawRequestParams,
  rawRequestSummary,
  readRawRequest,
} from '../codec/cloud/raw-request.ts'
import type { Outcome } from '../domain/command.ts'
import type { OperationCall, OperationFacts, OperationPort } from '../mqtt/command/ports.ts'
import type { Router } from '../router/router.ts'
import type { CallOptions, CloudClient } from '../transport/cloud/client.ts'
import { BridgeError } from '../util/error.ts'
import { isRecord, mapMembers } from '../util/json.ts'
import type { Redactor } from '../util/redact.ts'
import { orAborted } from '../util/signal.ts'

export interface OperationRunnerParts {
  readonly client: Pick<CloudClient, 'raw'>
  readonly router: Pick<Router, 'occupy'>
  readonly redactor: Redactor
  /** Classes and single operations that the owner allowed; read at each use. */
  readonly allow: readonly string[]
  /** Path prefixes that requests of one's own may go to; empty = there are no such requests. */
  readonly rawPrefixes?: readonly string[]
  /** Values for required parameters that were not given. */
  readonly defaults: () => Defaults
  /** What has to be learned before the closer look at this; undefined when nothing has. Never rejects. */
  readonly learnFirst?: (operation: string, params: AnyArguments) => Promise<void> | undefined
  /** A closer look at what an operation is given, and what goes out instead. Throws BridgeError. */
  readonly refine?: (operation: string, params: AnyArguments) => AnyArguments
  /** Whether a device opens doors: it is commanded with the class `lock` only. */
  readonly isLock?: (deviceId: string) => boolean
  /** Told of every operation that may have changed something, when the cloud took it. */
  readonly onChanged?: (operation: AnyOperation, params: AnyArguments) => void
}

export const alwaysAllowed: ReadonlySet<OperationClass> = new Set(['read', 'control'])
const largestResult = 120 * 1024

/** Never shown, whoever asks. */
const secretNames = new Set([
  'local_key',
  'localKey',
  'uuid',
  'auth_key',
  'access_token',
  'refresh_token',
  'password',
  'secret',
])

/** The cloud's operations as they may be called from outside: allowed, completed, redacted. */
export class OperationRunner implements OperationPort {
  readonly #parts: OperationRunnerParts

  constructor(parts: OperationRunnerParts) {
    this.#parts = parts
  }

  get ids(): readonly string[] {
    return [...operations.map(({ id }) => id), rawRequestId]
  }

  describe(id: string, params: AnyArguments = {}): OperationFacts | undefined {
    if (id === rawRequestId) return this.#describeRaw(params)
    const operation = operationById(id)
    if (!operation) return undefined
    return {
      class: operation.class,
      allowed: this.#isAllowed(operation),
      private: isPrivate(operation),
      ...firing(id, params),
    }
  }

  /** The answer is as private as that of the operation at the same address; what is forbidden has none. */
  #describeRaw(params: AnyArguments): OperationFacts {
    const known = operationAsked(params)
    return {
      class: rawRequestClass,
      allowed: this.#rawPrefixes.length > 0,
      private: known !== undefined && this.#isAllowed(known.operation) && isPrivate(known.operation),
      ...(known ? firing(known.operation.id, known.params) : {}),
    }
  }

  prepare(id: string, given: Readonly<Record<string, unknown>>): OperationCall {
    if (id === rawRequestId) return this.#prepareRaw(given)
    const operation = operationById(id)
    if (!operation) throw new BridgeError('command/unknown-operation', `There is no operation "${id}".`)
    const { defaults, refine = (_id, params) => params } = this.#parts
    const asked = completed(operation, given, defaults())
    return this.#informed(id, asked, () => {
      const params = refine(id, asked)
      checkArguments(operation, params)
      return this.#calling({ operation, args: params, known: { operation, params } })
    })
  }

  /** A request to the address of an operation needs the right to that operation, and stands up to its checks. */
  #prepareRaw(given: AnyArguments): OperationCall {
    const request = readRawRequest(given, this.#rawPrefixes)
    checkArguments(request.operation, request.args)
    const { known } = request
    if (known && !this.#isAllowed(known.operation)) {
      const { id, class: kind } = known.operation
      throw new BridgeError(
        'command/forbidden',
        `This request is operation ${id} of class "${kind}", which is not allowed here (setting operations.allow).`,
        { details: [{ operation: id, class: kind }] },
      )
    }
    if (!known) return this.#calling(request)
    const { id } = known.operation
    return this.#informed(id, known.params, () => {
      this.#parts.refine?.(id, known.params)
      return this.#calling(request)
    })
  }

  /** The call at once, so that faults are told at once, unless something has to be learned before it can be judged. */
  #informed(id: string, params: AnyArguments, judged: () => OperationCall): OperationCall {
    const learning = this.#parts.learnFirst?.(id, params)
    if (!learning) return judged()
    return async (signal, accepted) => {
      await orAborted(learning, signal)
      return judged()(signal, accepted)
    }
  }

  #calling({ operation, args, known }: RawRequest): OperationCall {
    const deviceId = known?.params['device_id']
    const commands = known?.operation.class === 'control' && typeof deviceId === 'string'
    if (commands && this.#parts.isLock?.(deviceId) && !this.#parts.allow.includes('lock'))
      throw lockForbidden(deviceId)
    return async (signal, accepted = () => {}) => {
      const call = () => this.#parts.client.raw(operation, args, { ...importance(operation), signal })
      if (!commands) accepted()
      const result = await (commands ? this.#parts.router.occupy(deviceId, call, accepted) : call())
      if (known && operation.method !== 'GET') this.#parts.onChanged?.(known.operation, known.params)
      return { state: 'confirmed', by: 'cloud', path: 'cloud', ...this.#shown(operation, result) }
    }
  }

  /** The catalogue that is published: every operation with its class and parameters. */
  get catalog(): object {
    const ofRegistry = operations.map((operation) => ({
      id: operation.id,
      class: operation.class,
      allowed: this.#isAllowed(operation),
      summary: operation.summary,
      params: listed(operation.params),
    }))
    const raw = {
      id: rawRequestId,
      class: rawRequestClass,
      allowed: this.#rawPrefixes.length > 0,
      summary: rawRequestSummary,
      params: listed(rawRequestParams),
      prefixes: this.#rawPrefixes,
    }
    return { operations: [...ofRegistry, raw] }
  }

  get #rawPrefixes(): readonly string[] {
    return this.#parts.rawPrefixes ?? []
  }

  #isAllowed({ id, class: kind }: AnyOperation): boolean {
    if (kind === 'never') return false
    const { allow } = this.#parts
    return alwaysAllowed.has(kind) || allow.includes(kind) || allow.includes(id)
  }

  #shown(operation: AnyOperation, result: unknown): Pick<Outcome, 'result' | 'warnings' | 'details'> {
    const open = shownBy(operation)
    const shown = redacted(without(result, open), open, this.#parts.redactor)
    const bytes = Buffer.byteLength(JSON.stringify(shown) ?? '')
    return bytes > largestResult ? { warnings: ['truncated'], details: [{ bytes }] } : { result: shown }
  }
}

/**
 * What changes something goes before what reads, and only the former may use the calls that the budget keeps for
 * commands; but somebody waits for either.
 */
function importance({ method }: AnyOperation): Pick<CallOptions, 'priority' | 'urgent'> {
  return method === 'GET' ? { priority: 'reconcile', urgent: true } : { priority: 'command' }
}

/** The automation that an operation tells about its conditions. */
function firing(id: string, { automation_id: automation }: AnyArguments): Pick<OperationFacts, 'fires'> {
  return id === 'automation-external-trigger' && typeof automation === 'string' ? { fires: automation } : {}
}

function lockForbidden(deviceId: string): BridgeError {
  return new BridgeError(
    'command/forbidden',
    `Device ${deviceId} is a lock; allow class "lock" (setting operations.allow) to write to it.`,
    { details: [{ device: deviceId, class: 'lock' }] },
  )
}

function listed(params: Params): readonly object[] {
  return Object.entries(params).map(([name, param]) => ({
    name,
    type: param.type,
    required: param.required,
    expected: expected(param),
  }))
}

const nothing: ReadonlySet<string> = new Set()

/** The value without members that are never, or not here, shown. */
export function without(value: unknown, open: ReadonlySet<string> = nothing): unknown {
  if (Array.isArray(value)) return mapMembers(value, (item) => without(item, open))
  if (!isRecord(value)) return value
  const isHidden = (name: string) => !open.has(name) && (secretNames.has(name) || isPersonal(name))
  const names = Object.keys(value)
  const shown = names.some(isHidden)
    ? Object.fromEntries(Object.entries(value).filter(([name]) => !isHidden(name)))
    : value
  return mapMembers(shown, (member) => without(member, open))
}

/** Masked by value, save in members that are shown on purpose: the ids of members are masked everywhere else. */
export function redacted(value: unknown, open: ReadonlySet<string>, redactor: Redactor): unknown {
  if (open.size === 0 || typeof value === 'string') return redactor.redactJson(value)
  return mapMembers(value, (member, name) => (open.has(name) ? member : redacted(member, open, redactor)))
}
