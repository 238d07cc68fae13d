import { beforeEach, expect, it } from 'vitest'
import type { Scene } from '../../src/domain/scene.ts'
import { DefinitionSet } from '../../src/inventory/definition-set.ts'
import { sceneOf } from '../support/rule.ts'

let set: DefinitionSet<Scene>
let told: string[]

beforeEach(() => {
  set = new DefinitionSet()
  told = []
  set.events.on('changed', ({ now, before }) => told.push(`${now.name} was ${before?.name ?? 'nothing'}`))
  set.events.on('removed', ({ name }) => told.push(`${name} is gone`))
})

it('what is listed for the first time, or otherwise than before, is told; equal lists tell nothing', () => {
  set.set([sceneOf('a', { name: 'Dinner' }), sceneOf('b', { name: 'Sleep' })])
  set.set([sceneOf('a', { name: 'Dinner' }), sceneOf('b', { name: 'Night' })])
  set.set([sceneOf('b', { name: 'Night' })])
  expect(told).toEqual(['Dinner was nothing', 'Sleep was nothing', 'Night was Sleep'])
  expect([...set.all.keys()]).toEqual(['a', 'b'])
})

it('a switch, a step or the validity is a change too', () => {
  const scene = sceneOf('a', { name: 'Dinner' })
  set.set([scene])
  told = []
  set.set([{ ...scene, enabled: false }])
  set.set([{ ...scene, enabled: false, valid: false }])
  set.set([{ ...scene, enabled: false, valid: false, actions: [] }])
  expect(told).toHaveLength(3)
})

it('what is removed is told once', () => {
  set.set([sceneOf('a', { name: 'Dinner' })])
  set.remove('a')
  set.remove('a')
  set.remove('never there')
  expect(told.slice(1)).toEqual(['Dinner is gone'])
  expect(set.get('a')).toBeUndefined()
})

it('those of one home are told apart', () => {
  set.set([sceneOf('a'), sceneOf('b', { homeId: 'h2' }), sceneOf('c')])
  expect(set.inHome('h1').map(({ id }) => id)).toEqual(['a', 'c'])
  expect(set.inHome('h9')).toEqual([])
})

it('names lead to ids when a change is told already', () => {
  const names: unknown[] = []
  set.events.on('changed', ({ now }) => names.push(set.slugs.slug(now.id)))
  set.set([sceneOf('aaaa1111', { name: 'Good night' }), sceneOf('bbbb2222', { name: 'Good night' })])
  expect(names).toEqual(['good_night', 'good_night~2222'])
  expect(set.slugs.id('good_night')).toBe('aaaa1111')
})

it('§3: a name that is free again goes to nobody who was there before', () => {
  set.set([sceneOf('aaaa1111', { name: 'Night' }), sceneOf('bbbb2222', { name: 'Night' })])
  set.remove('aaaa1111')
  expect(set.slugs.id('night')).toBeUndefined()
  expect(set.slugs.slug('bbbb2222')).toBe('night~2222')
  set.set([sceneOf('cccc3333', { name: 'Night' })])
  expect(set.slugs.id('night')).toBe('cccc3333')
})
