import { expect, it } from 'vitest'
import { KeyWatch } from '../../../src/transport/queue/key-watch.ts'

const failures = (keys: KeyWatch, times: number) => Array.from({ length: times }, () => keys.failed())

it('before any success a failure may be the key, and the fifth ends the connection', () => {
  const keys = new KeyWatch()
  keys.connected()
  expect(failures(keys, 5)).toEqual(['hold', 'hold', 'hold', 'hold', 'close'])
})

it('after a success on this connection a failure is the message', () => {
  const keys = new KeyWatch()
  keys.connected()
  keys.succeeded()
  expect(failures(keys, 20)).toEqual(Array(20).fill('dead'))
  keys.connected()
  expect(keys.failed(), 'a new connection proves anew').toBe('hold')
})

it('twenty failures in a row after a success are the key again, which was changed meanwhile', () => {
  const keys = new KeyWatch()
  keys.connected()
  keys.succeeded()
  failures(keys, 20)
  expect(failures(keys, 5)).toEqual(['hold', 'hold', 'hold', 'hold', 'close'])
  expect(keys.proven).toBe(false)
  keys.gaveUp()
  expect(keys.mismatch).toBe(true)
})

it('five failures in a row tell a wrong key, in one connection', () => {
  const keys = new KeyWatch()
  keys.connected()
  failures(keys, 5)
  expect(keys.mismatch).toBe(false)
  keys.gaveUp()
  expect(keys.mismatch).toBe(true)
})

it('three connections given up tell a wrong key, whatever came in them', () => {
  const keys = new KeyWatch()
  const told = [1, 2, 3].map(() => {
    keys.connected()
    keys.failed()
    keys.gaveUp()
    return keys.mismatch
  })
  expect(told).toEqual([false, false, true])
})

it('five failures in a row tell a wrong key, over several connections', () => {
  const keys = new KeyWatch()
  keys.connected()
  failures(keys, 2)
  keys.gaveUp()
  keys.connected()
  failures(keys, 3)
  keys.gaveUp()
  expect(keys.mismatch).toBe(true)
})

it('with a key taken for wrong a connection looks on behind the failures, and the next one after a success does not', () => {
  const keys = new KeyWatch()
  keys.connected()
  expect(keys.looksOn).toBe(false)
  failures(keys, 5)
  keys.gaveUp()
  keys.connected()
  expect(keys.looksOn).toBe(true)
  expect(failures(keys, 300)).toEqual(Array(300).fill('hold'))
  keys.succeeded()
  expect(keys.looksOn, 'for as long as it stands').toBe(true)
  expect(keys.failed()).toBe('dead')
  keys.connected()
  expect(keys.looksOn).toBe(false)
})

it('a success ends all suspicion', () => {
  const keys = new KeyWatch()
  keys.connected()
  failures(keys, 5)
  keys.gaveUp()
  keys.connected()
  keys.succeeded()
  expect(keys.mismatch).toBe(false)
  keys.connected()
  keys.failed()
  keys.gaveUp()
  expect(keys.mismatch, 'the count begins anew').toBe(false)
})
