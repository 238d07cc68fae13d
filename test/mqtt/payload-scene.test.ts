import { describe, expect, it } from 'vitest'
import { checkAutomation, checkScene } from '../../src/codec/cloud/automation/check.ts'
import { definitionCodec } from '../../src/codec/cloud/automation/codec.ts'
import type { Automation } from '../../src/domain/automation.ts'
import type { Scene } from '../../src/domain/scene.ts'
import {
  actionName,
  automationMeta,
  bindingsMeta,
  definitionItem,
  enabledState,
  membersMeta,
  sceneMeta,
} from '../../src/mqtt/payload-scene.ts'
import { background, context, homeId } from '../support/definition.ts'

const scene: Scene = {
  id: '53IYSXI3gEn2w3Oc',
  name: 'Good night',
  homeId,
  background,
  enabled: true,
  valid: true,
  actions: [{ kind: 'delay', seconds: 65 }],
}

const automation: Automation = {
  id: 'p2aWOkEOe2RzATHL',
  name: 'Bedtime',
  homeId,
  background,
  enabled: true,
  valid: false,
  match: 'rule',
  rule: '1||2',
  conditions: [
    { kind: 'external', order: 1, id: 'c1', code: 'bedtime', operator: '==', value: 'true' },
    { kind: 'external', order: 2, id: 'c2', code: 'bedtime', operator: '==', value: 'late' },
  ],
  preconditions: [],
  actions: [
    { kind: 'trigger', sceneId: scene.id },
    { kind: 'external', data: { action: 'goodnight', level: 3 } },
    { kind: 'external', data: { level: 4 } },
  ],
}

const read = (payload: { text: string }) => JSON.parse(payload.text)

describe('the document of a scene', () => {
  it('tells what it does in words that can be sent back', () => {
    const document = read(sceneMeta(scene, 'good_night', definitionCodec))
    expect(document).toEqual({
      id: scene.id,
      name: 'Good night',
      slug: 'good_night',
      home: homeId,
      valid: true,
      background,
      actions: [{ action_executor: 'delay', executor_property: { hours: '0', minutes: '1', seconds: '5' } }],
    })
    const { name, background: picture, actions } = document
    expect(checkScene({ name, background: picture, actions }, context).ok).toBe(true)
  })

  it('stands in its list with its home', () => {
    expect(definitionItem(scene, 'good_night')).toEqual({
      id: scene.id,
      name: 'Good night',
      slug: 'good_night',
      home: homeId,
    })
  })
})

describe('the document of an automation', () => {
  it('tells what it waits for, what it does, and what joins it to the world outside', () => {
    const document = read(automationMeta(automation, 'bedtime', definitionCodec, ['action']))
    expect(document).toMatchObject({
      id: automation.id,
      slug: 'bedtime',
      home: homeId,
      valid: false,
      match: 'rule',
      rule: '1||2',
      preconditions: [],
      external: { conditions: ['bedtime'], actions: ['goodnight'] },
    })
    const { name, match, rule, conditions, preconditions, actions } = document
    const again = {
      name,
      background,
      match_type: match,
      condition_rule: rule,
      conditions,
      preconditions,
      actions,
    }
    expect(checkAutomation(again, context).ok).toBe(true)
  })

  it('has no rule where none counts', () => {
    const any = { ...automation, match: 'any', rule: null } as const
    expect(read(automationMeta(any, 'bedtime', definitionCodec, []))).not.toHaveProperty('rule')
  })
})

it('external actions go by the first key that names them', () => {
  expect(actionName({ action: 'x', name: 'y' }, ['name', 'action'])).toBe('y')
  expect(actionName({ action: '', name: 5 }, ['action', 'name'])).toBeUndefined()
  expect(actionName('goodnight', ['action'])).toBeUndefined()
  expect(actionName(JSON.parse('{"a":1}'), ['toString'])).toBeUndefined()
})

it('switches are true or false as JSON', () => {
  expect([enabledState(true), enabledState(false)].map(({ text }) => text)).toEqual(['true', 'false'])
  expect(enabledState(true).contentType).toBe('application/json')
})

it('bindings tell which key runs which scene', () => {
  const binding = { code: 'switch1_value', value: 'single_click', sceneId: scene.id, sceneName: 'Good night' }
  expect(read(bindingsMeta([binding]))).toEqual([
    { code: 'switch1_value', value: 'single_click', scene: scene.id, sceneName: 'Good night' },
  ])
})

describe('members of a home', () => {
  const uid = 'eu1601122334455kTrZa'
  const members = [
    { uid, name: 'Kim', admin: false },
    { uid: 'eu1528964101460qLVPu', name: 'Demo', admin: true },
  ]

  it('are told by role and a word that leads nowhere', () => {
    const { text } = membersMeta(homeId, members, 'roles')
    expect(JSON.parse(text)).toEqual([
      { ref: expect.stringMatching(/^[0-9a-f]{16}$/), role: 'member' },
      { ref: expect.stringMatching(/^[0-9a-f]{16}$/), role: 'admin' },
    ])
    expect(text).not.toContain(uid)
    expect(text).not.toContain('Kim')
  })

  it('are named only where the owner wants it, never by their id', () => {
    const { text } = membersMeta(homeId, members, 'full')
    expect(JSON.parse(text)).toMatchObject([{ name: 'Kim' }, { name: 'Demo' }])
    expect(text).not.toContain(uid)
  })

  it('keep their word in one home and have another one in the next', () => {
    const refs = (home: string) =>
      read(membersMeta(home, members, 'roles')).map(({ ref }: { ref: string }) => ref)
    expect(refs(homeId)).toEqual(refs(homeId))
    expect(refs(homeId)).not.toEqual(refs('3182917'))
  })
})
