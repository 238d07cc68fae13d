import { expect, it } from 'vitest'
import { Emitter } from '../../src/util/emitter.ts'

type Events = { ring: number; press: string }

it('tells every listener of its kind, and no other', () => {
  const emitter = new Emitter<Events>()
  const heard: unknown[] = []
  emitter.on('ring', (n) => heard.push(['a', n]))
  emitter.on('ring', (n) => heard.push(['b', n]))
  emitter.on('press', (text) => heard.push(['c', text]))
  emitter.emit('ring', 1)
  expect(heard).toEqual([
    ['a', 1],
    ['b', 1],
  ])
})

it('a listener that stopped listening hears nothing, also when it stops while it is told', () => {
  const emitter = new Emitter<Events>()
  const heard: number[] = []
  const off = emitter.on('ring', (n) => {
    heard.push(n)
    off()
  })
  emitter.emit('ring', 1)
  emitter.emit('ring', 2)
  expect(heard).toEqual([1])
})

it('a listener that throws does not keep the others from hearing', () => {
  const thrown: unknown[] = []
  const emitter = new Emitter<Events>((error) => thrown.push(error))
  const heard: number[] = []
  const defect = new Error('defect')
  emitter.on('ring', () => {
    throw defect
  })
  emitter.on('ring', (n) => heard.push(n))
  expect(() => emitter.emit('ring', 7)).not.toThrow()
  expect(heard).toEqual([7])
  expect(thrown).toEqual([defect])
})

it('nobody needs to listen', () => {
  expect(() => new Emitter<Events>().emit('press', 'x')).not.toThrow()
})
