import { expect, it } from 'vitest'
import { deferred } from '../../src/util/deferred.ts'
import { Disposer } from '../../src/util/disposer.ts'

/** A disposer with parts that tell when they stop. */
function build(names: readonly string[]) {
  const stopped: string[] = []
  const failures: [name: string, thrown: unknown][] = []
  const disposer = new Disposer((name, thrown) => failures.push([name, thrown]))
  for (const name of names) {
    disposer.add(name, () => {
      stopped.push(name)
    })
  }
  return { disposer, stopped, failures }
}

it('stops its parts in the reverse order of their start', async () => {
  const { disposer, stopped } = build(['broker', 'cloud', 'router'])
  await disposer[Symbol.asyncDispose]()
  expect(stopped).toEqual(['router', 'cloud', 'broker'])
})

it('waits for one part before it stops the next', async () => {
  const { disposer, stopped } = build(['first'])
  const slow = deferred<void>()
  disposer.add('slow', () => slow.promise)
  const done = disposer[Symbol.asyncDispose]()
  await new Promise((resolve) => setImmediate(resolve))
  expect(stopped).toEqual([])
  slow.resolve()
  await done
  expect(stopped).toEqual(['first'])
})

it('stops every part once, however often and from wherever it is asked', async () => {
  const { disposer, stopped } = build(['one', 'two'])
  const first = disposer[Symbol.asyncDispose]()
  const second = disposer[Symbol.asyncDispose]()
  await Promise.all([first, second])
  await disposer[Symbol.asyncDispose]()
  expect(stopped).toEqual(['two', 'one'])
})

it('tells a failure and stops the others all the same', async () => {
  const { disposer, stopped, failures } = build(['first'])
  const thrown = new Error('stuck')
  disposer.add('throws', () => {
    throw thrown
  })
  disposer.add('rejects', () => Promise.reject(thrown))
  await disposer[Symbol.asyncDispose]()
  expect(stopped).toEqual(['first'])
  expect(failures).toEqual([
    ['rejects', thrown],
    ['throws', thrown],
  ])
})

it('stops a part that starts while the others stop, and one that comes too late at once', async () => {
  const { disposer, stopped } = build(['first'])
  disposer.add('starter', () => disposer.add('late', () => void stopped.push('late')))
  await disposer[Symbol.asyncDispose]()
  expect(stopped).toEqual(['late', 'first'])
  disposer.add('too late', () => void stopped.push('too late'))
  expect(stopped).toEqual(['late', 'first', 'too late'])
})
