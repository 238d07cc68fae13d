import { expect, it } from 'vitest'
import { Login, sessionMs } from '../../../src/app/page/login.ts'
import { hashPassword } from '../../../src/util/password.ts'
import { Secret } from '../../../src/util/secret.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const settings = { password: new Secret('correct horse'), passwordHash: null }

it('the right password opens a session that ends after a week, or when one signs out', async () => {
  const clock = new VirtualClock()
  const login = new Login(settings, clock)
  expect(login.needed).toBe(true)
  const end = await login.tryPassword('correct horse', 'a')
  const session = 'session' in end ? end.session : ''
  expect(login.isSignedIn(session)).toBe(true)
  expect(login.isSignedIn(undefined)).toBe(false)
  expect(login.isSignedIn('made-up')).toBe(false)
  await clock.advance(sessionMs - 1)
  expect(login.isSignedIn(session)).toBe(true)
  await clock.advance(2)
  expect(login.isSignedIn(session)).toBe(false)

  const again = await login.tryPassword('correct horse', 'a')
  const second = 'session' in again ? again.session : ''
  expect(second).not.toBe(session)
  login.signOut(second)
  expect(login.isSignedIn(second)).toBe(false)
})

it('a hash does as well as a password', async () => {
  const passwordHash = await hashPassword('from a hash')
  const login = new Login({ password: null, passwordHash }, new VirtualClock())
  expect(login.needed).toBe(true)
  expect(await login.tryPassword('from a hash', 'a')).toHaveProperty('session')
  expect(await login.tryPassword(passwordHash, 'a')).toEqual({ refused: 'wrong' })
})

it('without a password there is none to guess', async () => {
  const login = new Login({ password: null, passwordHash: null }, new VirtualClock())
  expect(login.needed).toBe(false)
  expect(await login.tryPassword('', 'a')).toEqual({ refused: 'wrong' })
})

it('R-E6: after five wrong ones the right one is refused too, for a minute and from there alone', async () => {
  const clock = new VirtualClock()
  const login = new Login(settings, clock)
  const ends = await Promise.all(Array.from({ length: 8 }, () => login.tryPassword('guess', 'a')))
  expect(ends.filter((end) => 'refused' in end && end.refused === 'wrong')).toHaveLength(5)
  expect(await login.tryPassword('correct horse', 'a')).toEqual({ refused: 'too-often' })
  expect(await login.tryPassword('correct horse', 'b')).toHaveProperty('session')
  await clock.advance(60_001)
  expect(await login.tryPassword('correct horse', 'a')).toHaveProperty('session')
})

it('so many tries wait for a processor at most, from wherever they come', async () => {
  const login = new Login(settings, new VirtualClock())
  const ends = await Promise.all(
    Array.from({ length: 40 }, (_, i) => login.tryPassword('guess', `address ${i}`)),
  )
  expect(ends.filter((end) => 'refused' in end && end.refused === 'too-often')).toHaveLength(24)
})

it('another password ends every session, and counts from then on', async () => {
  const changing: { password: Secret; passwordHash: null } = {
    password: new Secret('old'),
    passwordHash: null,
  }
  const login = new Login(changing, new VirtualClock())
  const end = await login.tryPassword('old', 'a')
  changing.password = new Secret('new')
  login.renew()
  expect(login.isSignedIn('session' in end ? end.session : '')).toBe(false)
  expect(await login.tryPassword('old', 'a')).toEqual({ refused: 'wrong' })
  expect(await login.tryPassword('new', 'a')).toHaveProperty('session')
})
