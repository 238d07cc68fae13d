import { expect, it } from 'vitest'
import { deferred } from '../../src/util/deferred.ts'
import { abortReason, anySignal, orAborted } from '../../src/util/signal.ts'

it('the reason of an abort is always an error', () => {
  const reason = new Error('stopping')
  expect(abortReason(AbortSignal.abort(reason))).toBe(reason)
  expect(abortReason(AbortSignal.abort('words'))).toMatchObject({ name: 'AbortError' })
})

it('several signals abort together, those left out do not count', () => {
  const [one, two] = [new AbortController(), new AbortController()]
  const together = anySignal(undefined, one.signal, two.signal)
  expect(together.aborted).toBe(false)
  two.abort(new Error('second'))
  expect(together.reason).toMatchObject({ message: 'second' })
  expect(anySignal(undefined, one.signal).aborted).toBe(false)
})

it('a promise gives way to an abort that comes first', async () => {
  const controller = new AbortController()
  const work = deferred<string>()
  const waiting = orAborted(work.promise, controller.signal)
  controller.abort(new Error('stopping'))
  work.resolve('late')
  await expect(waiting).rejects.toThrow('stopping')
})

it('a promise that comes first keeps its value or its failure', async () => {
  const { signal } = new AbortController()
  expect(await orAborted(Promise.resolve(7), signal)).toBe(7)
  await expect(orAborted(Promise.reject(new Error('broken')), signal)).rejects.toThrow('broken')
})

it('nothing is waited for when the abort has happened', async () => {
  await expect(orAborted(deferred().promise, AbortSignal.abort(new Error('over')))).rejects.toThrow('over')
})
