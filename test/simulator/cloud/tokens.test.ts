import { expect, it } from 'vitest'
import { Refusal } from '../../../src/simulator/cloud/refusal.ts'
import { Tokens } from '../../../src/simulator/cloud/tokens.ts'
import { seededRandom } from '../../../src/util/random.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

function build(seconds = 7_200) {
  const clock = new VirtualClock()
  return { clock, tokens: new Tokens(clock, seededRandom(1), () => seconds, 'project') }
}

/** The code with which something is refused; undefined when it is not. */
function refused(act: () => unknown): number | undefined {
  try {
    act()
    return undefined
  } catch (thrown) {
    if (thrown instanceof Refusal) return thrown.code
    throw thrown
  }
}

it('one pair lives at a time: asking again shows the same with less time', async () => {
  const { clock, tokens } = build()
  const first = tokens.get()
  expect(first.expire_time).toBe(7_200)
  await clock.advance(991_000)
  expect(tokens.get()).toEqual({ ...first, expire_time: 6_209 })
  expect(tokens.made).toBe(1)
})

it('a pair that has come to its end is followed by another one with its whole life', async () => {
  const { clock, tokens } = build(100)
  const first = tokens.get()
  await clock.advance(99_999)
  expect(refused(() => tokens.check(first.access_token))).toBeUndefined()
  await clock.advance(1)
  expect(refused(() => tokens.check(first.access_token))).toBe(1010)
  const second = tokens.get()
  expect(second.access_token).not.toBe(first.access_token)
  expect(second.expire_time).toBe(100)
})

it('refreshing gives a new pair with its whole life and kills the old one at once', async () => {
  const { clock, tokens } = build()
  const first = tokens.get()
  await clock.advance(60_000)
  const second = tokens.refresh(first.refresh_token)
  expect(second.expire_time).toBe(7_200)
  expect(refused(() => tokens.check(first.access_token))).toBe(1010)
  expect(refused(() => tokens.check(second.access_token))).toBeUndefined()
  expect(tokens.get()).toEqual(second)
})

it('a refresh token works once', () => {
  const { tokens } = build()
  const first = tokens.get()
  tokens.refresh(first.refresh_token)
  expect(refused(() => tokens.refresh(first.refresh_token))).toBe(1010)
  expect(refused(() => tokens.refresh('never seen'))).toBe(1010)
  expect(refused(() => build().tokens.refresh(''))).toBe(1010)
})

it('a refresh token outlives its access token', async () => {
  const { clock, tokens } = build()
  const first = tokens.get()
  tokens.expire()
  expect(refused(() => tokens.check(first.access_token))).toBe(1010)
  await clock.advance(30 * 86_400_000)
  expect(refused(() => tokens.refresh(first.refresh_token))).toBeUndefined()
})

it('another program of the project knocks everybody else out', () => {
  const { tokens } = build()
  const first = tokens.get()
  tokens.refreshElsewhere()
  expect(refused(() => tokens.check(first.access_token))).toBe(1010)
  expect(refused(() => tokens.refresh(first.refresh_token))).toBe(1010)
})

it('a missing token is told apart from a dead one', () => {
  const { tokens } = build()
  expect(refused(() => tokens.check(''))).toBe(1002)
  expect(refused(() => tokens.check('x'))).toBe(1010)
})

it('jumps of the wall clock end no token', () => {
  const { clock, tokens } = build()
  const { access_token } = tokens.get()
  clock.jump(365 * 86_400_000)
  expect(refused(() => tokens.check(access_token))).toBeUndefined()
})

it('the uid of a token is the project’s, 32 digits are a token', () => {
  const { tokens } = build()
  const { uid, access_token, refresh_token } = tokens.get()
  expect(uid).toMatch(/^bay[0-9a-f]{17}$/)
  expect(access_token).toMatch(/^[0-9a-f]{32}$/)
  expect(refresh_token).toMatch(/^[0-9a-f]{32}$/)
  expect(refresh_token).not.toBe(access_token)
})
