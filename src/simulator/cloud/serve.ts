import type { Operation, Params } from '../../codec/cloud/operation.ts'
import type { Clock } from '../../util/clock.ts'
import type { Random } from '../../util/random.ts'
import type { Engine } from '../automation/engine.ts'
import type { Delivery } from '../delivery.ts'
import type { Faults } from '../fault.ts'
import type { Journal } from '../journal.ts'
import type { World } from '../world.ts'
import type { Given } from './given.ts'
import type { PushAccess } from './push-access.ts'
import type { Tokens } from './tokens.ts'

/** What handlers work with. */
export interface CloudParts {
  readonly world: World
  readonly engine: Engine
  readonly delivery: Delivery
  readonly tokens: Tokens
  readonly pushAccess: PushAccess
  readonly faults: Faults
  readonly journal: Journal
  readonly clock: Clock
  readonly random: Random
}

/** A call that has passed signature, token and limits. */
export interface Calling extends CloudParts {
  /** The app user who logged in; undefined for the project itself. */
  readonly caller: string | undefined
}

/** An operation and what the simulated cloud does for it. */
export interface Served {
  readonly id: string
  readonly run: (calling: Calling, args: never) => unknown
}

/** The types of the arguments follow from the operation. */
export function serve<P extends Params, R>(
  operation: Operation<P, R>,
  run: (calling: Calling, args: Given<P>) => unknown,
): Served {
  return { id: operation.id, run }
}
