import { scryptSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { hashPassword, isPasswordHash, verifyPassword } from '../../src/util/password.ts'

const password = 'correct horse "battery" staple'

describe('a hash', () => {
  it('belongs to its password and to no other', async () => {
    const hash = await hashPassword(password)
    expect(await verifyPassword(password, hash)).toBe(true)
    for (const wrong of ['', `${password} `, password.toUpperCase(), hash]) {
      expect(await verifyPassword(wrong, hash), wrong).toBe(false)
    }
  })

  it('differs for equal passwords and does not hold them', async () => {
    const [one, other] = await Promise.all([hashPassword(password), hashPassword(password)])
    expect(one).not.toBe(other)
    expect(one).not.toContain(password)
    expect(isPasswordHash(one)).toBe(true)
  })

  it('says how it was made, so that a later cost does not lock anybody out', async () => {
    // scrypt('dp2mqtt', '0123456789abcdef', 32, { N: 1024, r: 4, p: 2 })
    const cheaper = 'scrypt$1024$4$2$MDEyMzQ1Njc4OWFiY2RlZg==$@'
    const key = scryptSync('dp2mqtt', '0123456789abcdef', 32, { N: 1024, r: 4, p: 2 })
    expect(await verifyPassword('dp2mqtt', cheaper.replace('@', key.toString('base64')))).toBe(true)
  })
})

describe('what is no hash', () => {
  const salt = Buffer.alloc(16).toString('base64')
  const key = Buffer.alloc(32).toString('base64')

  it.each([
    ['nothing', ''],
    ['a password in clear', password],
    ['another scheme', '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy'],
    ['a key that is too short', `scrypt$16384$8$1$${salt}$AAAA`],
    ['a key that is too long', `scrypt$16384$8$1$${salt}$${Buffer.alloc(33).toString('base64')}`],
    ['a cost that is no power of two', `scrypt$10000$8$1$${salt}$${key}`],
    ['a cost that eats the memory', `scrypt$4194304$8$1$${salt}$${key}`],
    ['a cost of nothing', `scrypt$16384$0$0$${salt}$${key}`],
  ])('%s is told as such and fits no password', async (_what, text) => {
    expect(isPasswordHash(text)).toBe(false)
    expect(await verifyPassword('', text)).toBe(false)
  })
})
