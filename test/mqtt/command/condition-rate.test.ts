import { expect, it } from 'vitest'
import { ConditionRate, RatedOperations } from '../../../src/mqtt/command/condition-rate.ts'
import type { OperationPort } from '../../../src/mqtt/command/ports.ts'
import { BridgeError } from '../../../src/util/error.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

function refusal(act: () => unknown): BridgeError {
  try {
    act()
  } catch (thrown) {
    if (thrown instanceof BridgeError) return thrown
    throw thrown
  }
  throw new Error('it was accepted')
}

it('one automation takes ten condition calls in ten seconds', async () => {
  const clock = new VirtualClock()
  const rate = new ConditionRate(clock)
  for (let i = 0; i < 10; i++) rate.admit('a1')
  expect(refusal(() => rate.admit('a1'))).toMatchObject({ code: 'command/rate', retry: 'later' })
  expect(() => rate.admit('a2')).not.toThrow()
  await clock.advance(9_999)
  expect(refusal(() => rate.admit('a1')).code).toBe('command/rate')
  await clock.advance(1)
  expect(() => rate.admit('a1')).not.toThrow()
})

it('what is refused for its parameters does not count, nor what fulfils no condition', () => {
  let faulty = true
  const inner: OperationPort = {
    ids: ['fire', 'read'],
    describe: (id) => ({
      class: 'control',
      allowed: true,
      private: false,
      ...(id === 'fire' ? { fires: 'a1' } : {}),
    }),
    prepare: () => {
      if (faulty) throw new BridgeError('command/bad-param', 'no')
      return async () => ({ state: 'confirmed', by: 'cloud', path: 'cloud' })
    },
  }
  const rated = new RatedOperations(inner, new ConditionRate(new VirtualClock()))
  expect([rated.ids, rated.describe('read')?.fires]).toEqual([['fire', 'read'], undefined])
  for (let i = 0; i < 20; i++) expect(refusal(() => rated.prepare('fire', {})).code).toBe('command/bad-param')
  faulty = false
  for (let i = 0; i < 20; i++) rated.prepare('read', {})
  for (let i = 0; i < 10; i++) rated.prepare('fire', {})
  expect(refusal(() => rated.prepare('fire', {})).code).toBe('command/rate')
})
