import type { UserEntry } from '../world-file.ts'

export interface SimUser extends UserEntry {
  readonly linked: boolean
  /** Of the password, where that itself was never told: MD5 in hex. */
  readonly passwordDigest?: string
  readonly createdMs: number
  updatedMs: number
}

const dayMs = 86_400_000

export function makeUser(entry: UserEntry, nowMs: number): SimUser {
  return { ...entry, linked: entry.linked ?? true, createdMs: nowMs - dayMs, updatedMs: nowMs - dayMs }
}

/** The name by which a member is added and a user logs in. */
export function accountOf(user: UserEntry): string {
  return user.username ?? user.email ?? user.mobile ?? user.uid
}
