/** Somebody who may use a home; personal, published only as far as the owner wants. */
export interface Member {
  readonly uid: string
  readonly name: string
  readonly admin: boolean
}

/** How much of the members of a home is told. */
export type MemberDetail = 'off' | 'roles' | 'full'
