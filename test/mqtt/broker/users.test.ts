import { beforeAll, describe, expect, it } from 'vitest'
import { type BrokerUser, Users } from '../../../src/mqtt/broker/users.ts'
import { hashPassword } from '../../../src/util/password.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const here = '192.0.2.1'
const elsewhere = '192.0.2.2'
const known: BrokerUser[] = []

beforeAll(async () => {
  for (const [name, role] of [
    ['anna', 'administrator'],
    ['dora', 'dashboard'],
    ['constructor', 'dashboard'],
  ] as const) {
    known.push({ name, passwordHash: await hashPassword('right'), role, read: ['own/#'], write: ['own/x'] })
  }
})

function users(clock = new VirtualClock()): Users {
  return new Users(known, 'tuya', clock)
}

describe('R-E6: passwords', () => {
  it('the right one gives the rights of the role and those of the user', async () => {
    const identity = await users().identify('dora', 'right', here)
    expect(identity).toMatchObject({ name: 'dora', administrator: false })
    expect(identity?.rights.read).toEqual(
      expect.arrayContaining(['tuya/state/#', 'tuya/reply/dora/#', 'own/#']),
    )
    expect(identity?.rights.write).toEqual(['tuya/reply/dora/#', 'own/x'])
  })

  it.each([
    ['a wrong password', 'dora', 'wrong'],
    ['an empty password', 'dora', ''],
    ['no password', 'dora', undefined],
    ['an unknown user', 'eve', 'right'],
    ['no user', undefined, undefined],
    ['an inherited name', '__proto__', 'right'],
    ['another inherited name', 'toString', 'right'],
  ])('%s is refused', async (_what, name, password) => {
    expect(await users().identify(name, password, here)).toBeUndefined()
  })

  it('a user may be called like an inherited member', async () => {
    expect(await users().identify('constructor', 'right', here)).toMatchObject({ name: 'constructor' })
  })

  it('five failures within a minute close the address for 60 s, also for the right password', async () => {
    const clock = new VirtualClock()
    const some = users(clock)
    for (let i = 0; i < 5; i++) expect(await some.identify('dora', `guess ${i}`, here)).toBeUndefined()
    expect(await some.identify('dora', 'right', here)).toBeUndefined()
    expect(await some.identify('dora', 'right', elsewhere)).toBeDefined()
    await clock.advance(59_999)
    expect(await some.identify('dora', 'right', here)).toBeUndefined()
    await clock.advance(1)
    expect(await some.identify('dora', 'right', here)).toBeDefined()
  })

  it('four failures a minute close nothing', async () => {
    const clock = new VirtualClock()
    const some = users(clock)
    for (let i = 0; i < 8; i++) {
      await some.identify('dora', 'guess', here)
      await clock.advance(15_001)
    }
    expect(await some.identify('dora', 'right', here)).toBeDefined()
  })

  it('many guesses at once are no more than five guesses', async () => {
    const some = users()
    const guesses = Array.from({ length: 12 }, (_, i) =>
      some.identify('dora', i === 8 ? 'right' : 'wrong', here),
    )
    expect(await Promise.all(guesses)).toEqual(Array(12).fill(undefined))
  })

  it('many who know their password get in at once', async () => {
    const some = users()
    const logins = await Promise.all(Array.from({ length: 8 }, () => some.identify('dora', 'right', here)))
    expect(logins.every((identity) => identity?.name === 'dora')).toBe(true)
  })
})

it('without users everyone is an administrator under the name given', async () => {
  const open = new Users(null, 'tuya', new VirtualClock())
  expect(open.anonymous).toBe(true)
  expect(await open.identify(undefined, undefined, here)).toEqual({
    name: '',
    rights: { read: ['#'], write: ['#'] },
    administrator: true,
  })
  expect(await open.identify('panel', 'whatever', here)).toMatchObject({ name: 'panel' })
})

it('a user whose name is no topic level has no place for private answers', async () => {
  for (const name of ['a/b', '+', '#', '$x']) {
    const user = { ...(known[1] as BrokerUser), name, read: [], write: [] }
    const identity = await new Users([user], 'tuya', new VirtualClock()).identify(name, 'right', here)
    expect(identity?.rights.write, name).toEqual([])
  }
})
