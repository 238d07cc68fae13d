import { checkArguments, completed, type Defaults, expected } from '../codec/cloud/arguments.ts'
import { operationById, operations } from '../codec/cloud/operation/index.ts'
import {
  type AnyArguments,
  type AnyOperation,
  isPersonal,
  isPrivate,
  type OperationClass,
  shownBy,
} from '../codec/cloud/operation.ts'
import type { Outcome } from '../domain/command.ts'
import type { OperationCall, OperationPort } from '../mqtt/command/ports.ts'
import type { Router } from '../router/router.ts'
import type { CallOptions, CloudClient } from '../transport/cloud/client.ts'
import { BridgeError } from '../util/error.ts'
import { isRecord } from '../util/json.ts'
import type { Redactor } from '../util/redact.ts'

export interface OperationRunnerParts {
  readonly client: Pick<CloudClient, 'raw'>
  readonly router: Pick<Router, 'occupy'>
  readonly redactor: Redactor
  /** Classes and single operations that the owner allowed; read at each use. */
  readonly allow: readonly string[]
  /** Values for required parameters that were not given. */
  readonly defaults: () => Defaults
  /** A closer look at what an operation is given, and what goes out instead. Throws BridgeError. */
  readonly refine?: (operation: string, params: AnyArguments) => AnyArguments
  /** Told of every operation that may have changed something, when the cloud took it. */
  readonly onChanged?: (operation: AnyOperation, params: AnyArguments) => void
}

const alwaysAllowed: ReadonlySet<OperationClass> = new Set(['read', 'control'])
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
    return operations.map(({ id }) => id)
  }

  describe(id: string): { class: string; allowed: boolean; private: boolean } | undefined {
    const operation = operationById(id)
    if (!operation) return undefined
    return {
      class: operation.class,
      allowed: this.#isAllowed(operation),
      private: isPrivate(operation),
    }
  }

  prepare(id: string, given: Readonly<Record<string, unknown>>): OperationCall {
    const operation = operationById(id)
    if (!operation) throw new BridgeError('command/unknown-operation', `There is no operation "${id}".`)
    const { defaults, refine = (_id, params) => params } = this.#parts
    const params = refine(id, completed(operation, given, defaults()))
    checkArguments(operation, params)
    const deviceId = params['device_id']
    const commands = operation.class === 'control' && typeof deviceId === 'string'
    return async (signal, accepted = () => {}) => {
      const call = () => this.#parts.client.raw(operation, params, { ...importance(operation), signal })
      if (!commands) accepted()
      const result = await (commands ? this.#parts.router.occupy(deviceId, call, accepted) : call())
      if (operation.method !== 'GET') this.#parts.onChanged?.(operation, params)
      return { state: 'confirmed', by: 'cloud', path: 'cloud', ...this.#shown(operation, result) }
    }
  }

  /** The catalogue that is published: every operation with its class and parameters. */
  get catalog(): object {
    return {
      operations: operations.map((operation) => ({
        id: operation.id,
        class: operation.class,
        allowed: this.#isAllowed(operation),
        summary: operation.summary,
        params: Object.entries(operation.params).map(([name, param]) => ({
          name,
          type: param.type,
          required: param.required,
          expected: expected(param),
        })),
      })),
    }
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

const nothing: ReadonlySet<string> = new Set()

/** The value without members that are never, or not here, shown. */
export function without(value: unknown, open: ReadonlySet<string> = nothing): unknown {
  if (Array.isArray(value)) return value.map((item) => without(item, open))
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => open.has(name) || !(secretNames.has(name) || isPersonal(name)))
      .map(([name, member]) => [name, without(member, open)]),
  )
}

/** Masked by value, save in members that are shown on purpose: the ids of members are masked everywhere else. */
export function redacted(value: unknown, open: ReadonlySet<string>, redactor: Redactor): unknown {
  if (open.size === 0 || typeof value === 'string') return redactor.redactJson(value)
  if (Array.isArray(value)) return value.map((item) => redacted(item, open, redactor))
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      open.has(name) ? member : redacted(member, open, redactor),
    ]),
  )
}
