import { AttemptLimit } from '../../util/attempt-limit.ts'
import type { Clock } from '../../util/clock.ts'
import { verifyPassword } from '../../util/password.ts'
import { type Rights, type Role, rightsOf, type TreeRights } from '../rights.ts'

export interface BrokerUser {
  readonly name: string
  /** As hashPassword() gives it. */
  readonly passwordHash: string
  readonly role: Exclude<Role, 'bridge'>
  /** Filters besides those of the role, for topics that are not the bridge's. */
  readonly read: readonly string[]
  readonly write: readonly string[]
}

export interface Identity {
  readonly name: string
  readonly rights: Rights
  readonly administrator: boolean
}

const everything: Rights = { read: ['#'], write: ['#'] }

/** R-E6: who may connect. Without users everyone may, which the configuration allows on loopback alone. */
export class Users {
  #users: ReadonlyMap<string, BrokerUser> | undefined
  readonly #base: string
  readonly #trees: readonly TreeRights[]
  readonly #limit: AttemptLimit

  /** `trees` = the rights in trees besides the bridge's own. */
  constructor(
    users: readonly BrokerUser[] | null,
    base: string,
    clock: Clock,
    trees: readonly TreeRights[] = [],
  ) {
    this.#trees = trees
    this.#users = byName(users)
    this.#base = base
    this.#limit = new AttemptLimit(clock)
  }

  /** Others may connect from now on. A user that stays is the same object. */
  replace(users: readonly BrokerUser[] | null): void {
    this.#users = byName(users)
  }

  get anonymous(): boolean {
    return this.#users === undefined
  }

  /** Who this is; undefined when refused. `address` is where the connection comes from. */
  async identify(
    name: string | undefined,
    password: string | undefined,
    address: string,
  ): Promise<Identity | undefined> {
    if (!this.#users) return { name: name ?? '', rights: everything, administrator: true }
    return this.#limit.inTurn(address, () => this.#look(name ?? '', password ?? '', address))
  }

  async #look(name: string, password: string, address: string): Promise<Identity | undefined> {
    if (this.#limit.isRefused(address)) return undefined
    const user = this.#users?.get(name)
    // A made-up user takes as long as a wrong password.
    const right = await verifyPassword(password, user?.passwordHash ?? decoyHash)
    if (!user || !right) {
      this.#limit.failed(address)
      return undefined
    }
    // Looking takes time: who was replaced meanwhile asks again.
    if (this.#users?.get(name) !== user) return undefined
    const { read, write } = rightsOf(user.role, this.#base, user.name, this.#trees)
    return {
      name: user.name,
      rights: { read: [...read, ...user.read], write: [...write, ...user.write] },
      administrator: user.role === 'administrator',
    }
  }
}

function byName(users: readonly BrokerUser[] | null): ReadonlyMap<string, BrokerUser> | undefined {
  return users === null ? undefined : new Map(users.map((user) => [user.name, user]))
}

/** A well-formed hash that no password has. */
const decoyHash = `scrypt$16384$8$1$${Buffer.alloc(16).toString('base64')}$${Buffer.alloc(32).toString('base64')}`
