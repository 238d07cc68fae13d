import { expect, it } from 'vitest'
import { deferred } from '../../src/util/deferred.ts'

it('is settled from outside, once', async () => {
  const { promise, resolve, reject } = deferred<string>()
  resolve('first')
  resolve('second')
  reject(new Error('third'))
  expect(await promise).toBe('first')
})

it('can be rejected from outside', async () => {
  const { promise, reject } = deferred<never>()
  reject(new Error('no'))
  await expect(promise).rejects.toThrow('no')
})
