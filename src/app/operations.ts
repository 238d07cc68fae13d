import { checkArguments, completed, type Defaults, expected } from '../codec/cloud/arguments.ts'
import { operationById, operations } from '../codec/cloud/operation/index.ts'
import type { AnyOperation, OperationClass } from '../codec/cloud/operation.ts'
import type { Outcome } from '../domain/command.ts'
import type { OperationPort } from '../mqtt/command/ports.ts'
import type { Router } from '../router/router.ts'
import type { CloudClient } from '../transport/cloud/client.ts'
import { BridgeError } from '../util/error.ts'
import { isRecord } from '../util/json.ts'
import type { Redactor } from '../util/redact.ts'

export interface OperationRunnerParts {
  readonly client: Pick<CloudClient, 'raw'>
  readonly router: Pick<Router, 'occupy'>
  readonly redactor: Redactor
  /** Classes and single operations that the owner allowed. */
  readonly allow: readonly string[]
  /** Values for required parameters that were not given. */
  readonly defaults: () => Defaults
}

const alwaysAllowed: ReadonlySet<OperationClass> = new Set(['read', 'control'])
const answeredPrivately: ReadonlySet<OperationClass> = new Set(['personal', 'lock'])
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
/** Shown only by operations that exist to show them. */
const personalNames = new Set([
  'uid',
  'mobile',
  'email',
  'username',
  'ip',
  'lat',
  'lon',
  'mac',
  'member_account',
])

/** The cloud's operations as they may be called from outside: allowed, completed, redacted. */
export class OperationRunner implements OperationPort {
  readonly #parts: OperationRunnerParts
  readonly #allowed: ReadonlySet<string>

  constructor(parts: OperationRunnerParts) {
    this.#parts = parts
    this.#allowed = new Set(parts.allow)
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
      private: answeredPrivately.has(operation.class),
    }
  }

  prepare(id: string, given: Readonly<Record<string, unknown>>): (signal: AbortSignal) => Promise<Outcome> {
    const operation = operationById(id)
    if (!operation) throw new BridgeError('command/unknown-operation', `There is no operation "${id}".`)
    const params = completed(operation, given, this.#parts.defaults())
    checkArguments(operation, params)
    const deviceId = params['device_id']
    const commands = operation.class === 'control' && typeof deviceId === 'string'
    return async (signal) => {
      const call = () => this.#parts.client.raw(operation, params, { priority: 'command', signal })
      const result = await (commands ? this.#parts.router.occupy(deviceId, call) : call())
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
    return alwaysAllowed.has(kind) || this.#allowed.has(kind) || this.#allowed.has(id)
  }

  #shown(operation: AnyOperation, result: unknown): Pick<Outcome, 'result' | 'warnings' | 'details'> {
    const shown = this.#parts.redactor.redactJson(without(result, operation.class === 'personal'))
    const bytes = Buffer.byteLength(JSON.stringify(shown) ?? '')
    return bytes > largestResult ? { warnings: ['truncated'], details: [{ bytes }] } : { result: shown }
  }
}

/** The value without members that are never, or not here, shown. */
export function without(value: unknown, personal: boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => without(item, personal))
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !secretNames.has(name) && (personal || !personalNames.has(name)))
      .map(([name, member]) => [name, without(member, personal)]),
  )
}
