import { describe, expect, it } from 'vitest'
import { Faults, millisecondsIn } from '../../src/simulator/fault.ts'
import { isWithin, parseScope } from '../../src/simulator/fault-scope.ts'
import { seededRandom } from '../../src/util/random.ts'

describe('the words behind a fault of the LAN', () => {
  it('narrow it to devices and commands, by name or number', () => {
    const scope = parseScope('500,device=a+b,command=set+40')
    expect(scope.value).toBe('500')
    expect(isWithin(scope, { device: 'a', command: 0x07 })).toBe(true)
    expect(isWithin(scope, { device: 'b', command: 0x0d })).toBe(true)
    expect(isWithin(scope, { device: 'a', command: 0x40 })).toBe(true)
    expect(isWithin(scope, { device: 'a', command: 0x08 })).toBe(false)
    expect(isWithin(scope, { device: 'c', command: 0x07 })).toBe(false)
    expect(isWithin(scope, { device: 'a' })).toBe(false)
  })

  it('say how many go by first and how often it strikes', () => {
    const faults = new Faults()
    faults.set('lan-drop=,skip=2,times=2')
    const struck = () => faults.strikes('lan-drop', { device: 'a' }, Math.random) !== undefined
    expect([struck(), struck(), struck(), struck(), struck()]).toEqual([false, false, true, true, false])
    faults.set('lan-drop=,times=1')
    expect([struck(), struck()]).toEqual([true, false])
  })

  it('give it a share, the same one with the same seed', () => {
    const hits = (seed: number) => {
      const faults = new Faults()
      faults.set('lan-drop=,share=0.3')
      const random = seededRandom(seed)
      return Array.from(
        { length: 1_000 },
        () => faults.strikes('lan-drop', { device: 'a' }, random) !== undefined,
      )
    }
    expect(hits(1)).toEqual(hits(1))
    expect(hits(1).filter(Boolean).length).toBeGreaterThan(250)
    expect(hits(1).filter(Boolean).length).toBeLessThan(350)
  })

  it('are looked at without being counted', () => {
    const faults = new Faults()
    faults.set('lan-idle=5,device=a,times=1')
    expect(faults.at('lan-idle', { device: 'a' })).toBe('5')
    expect(faults.at('lan-idle', { device: 'a' })).toBe('5')
    expect(faults.at('lan-idle', { device: 'b' })).toBeUndefined()
    faults.clear()
    expect(faults.at('lan-idle', { device: 'a' })).toBeUndefined()
  })

  it('are told when they change, once for each', () => {
    const faults = new Faults()
    const changed: string[] = []
    faults.events.on('changed', ({ name }) => changed.push(name))
    faults.set('lan-drop')
    faults.set('internet')
    faults.clear('lan-drop', 'lan-idle')
    faults.clear()
    expect(changed).toEqual(['lan-drop', 'internet', 'lan-drop', 'internet'])
  })
})

it('milliseconds are one number or a range', () => {
  expect(millisecondsIn('300', () => 0.5)).toBe(300)
  expect(millisecondsIn('100-200', () => 0.5)).toBe(150)
  expect(millisecondsIn('', () => 0.5)).toBe(0)
})
