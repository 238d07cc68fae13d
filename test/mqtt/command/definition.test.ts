import { beforeEach, describe, expect, it } from 'vitest'
import { CommandDesk } from '../../support/command-desk.ts'
import { automationOf, externalOf, sceneOf } from '../../support/rule.ts'

let desk: CommandDesk
/** What was called: operation and parameters. */
let calls: [operation: string, params: object][]

beforeEach(() => {
  calls = []
  desk = new CommandDesk({
    operations: {
      describe: (id, params = {}) => ({
        class: 'control',
        allowed: true,
        private: false,
        ...(id === 'automation-external-trigger' ? { fires: String(params['automation_id']) } : {}),
      }),
      prepare:
        (id, params) =>
        async (_signal, accepted = () => {}) => {
          accepted()
          calls.push([id, params])
          return { state: 'confirmed', by: 'cloud', path: 'cloud', result: true }
        },
    },
  })
  desk.scenes.set('s1', sceneOf('s1', { name: 'Good night' }))
  desk.automations.set(
    'a1',
    automationOf('a1', {
      name: 'Bedtime',
      conditions: [externalOf('bedtime'), externalOf('level', { order: 2, value: 3 })],
    }),
  )
  desk.automations.set('a2', automationOf('a2', { name: 'Sunrise', conditions: [] }))
})

const ok = (target: string) => ({ state: 'confirmed', ok: true, final: true, by: 'cloud', target })

describe('a scene', () => {
  it.each(['1', 'true', 'ON', 'press', 'run', '{}', '{"id":"r1"}'])('runs with the verb %s', async (verb) => {
    expect(await desk.ask('scene/s1/trigger', verb)).toMatchObject(ok('scene/s1'))
    expect(calls).toEqual([['scene-trigger', { home_id: 'h1', scene_id: 's1' }]])
  })

  it.each(['false', '0', 'off', 'go', '[]'])('does not run with %s', async (word) => {
    expect(await desk.ask('scene/s1/trigger', word)).toMatchObject({ ok: false, state: 'rejected' })
    expect(calls).toEqual([])
  })

  it('answers to whom it names, and on its own topic', async () => {
    desk.hand('scene/s1/trigger', { id: 'r1', from: 'panel' })
    const said = await desk.said()
    expect(said.map(({ topic, answer }) => [topic, answer?.['id']])).toEqual([
      ['reply/panel', 'r1'],
      ['result/scene/s1', 'r1'],
    ])
  })

  it.each([
    ['true', 'scene-enable'],
    ['on', 'scene-enable'],
    ['0', 'scene-disable'],
    [' False ', 'scene-disable'],
  ])('is switched by %s', async (word, operation) => {
    expect(await desk.ask('scene/s1/enabled', word)).toMatchObject(ok('scene/s1'))
    expect(calls).toEqual([[operation, { home_id: 'h1', scene_id: 's1' }]])
  })

  it('is not switched by another word', async () => {
    expect(await desk.ask('scene/s1/enabled', 'toggle')).toMatchObject({ reason: 'command/bad-value' })
    expect(calls).toEqual([])
  })
})

describe('an automation', () => {
  it.each([
    ['true', 'automation-enable'],
    ['off', 'automation-disable'],
  ])('is switched by %s', async (word, operation) => {
    expect(await desk.ask('automation/a1/enabled', word)).toMatchObject(ok('automation/a1'))
    expect(calls).toEqual([[operation, { home_id: 'h1', automation_id: 'a1' }]])
  })

  it('a trigger fulfils all conditions from outside, each with the value that it waits for', async () => {
    expect(await desk.ask('automation/a1/trigger', '1')).toMatchObject(ok('automation/a1'))
    expect(calls).toEqual([
      [
        'automation-external-trigger',
        {
          home_id: 'h1',
          automation_id: 'a1',
          $root: [
            { entity_id: 'id-bedtime', display: { code: 'bedtime', value: 'true' } },
            { entity_id: 'id-level', display: { code: 'level', value: 3 } },
          ],
        },
      ],
    ])
  })

  it('a trigger with conditions fulfils those', async () => {
    await desk.ask('automation/a1/trigger', { conditions: { level: 5 }, id: 'r1' })
    expect(calls[0]?.[1]).toMatchObject({ $root: [{ entity_id: 'id-level', display: { value: 5 } }] })
  })

  it.each([['true'], ['{"conditions":{"level":5}}']])(
    'that nobody outside can fulfil is told so (%s)',
    async (payload) => {
      expect(await desk.ask('automation/a2/trigger', payload)).toMatchObject({
        reason: 'command/unknown-condition',
      })
      expect(calls).toEqual([])
    },
  )
})

describe('a condition', () => {
  it('is fulfilled by its code, with the value as the type that the automation compares with', async () => {
    await desk.ask('automation/a1/condition/level', '7')
    expect(calls).toEqual([
      [
        'automation-external-trigger',
        {
          home_id: 'h1',
          automation_id: 'a1',
          $root: [{ entity_id: 'id-level', display: { code: 'level', value: 7 } }],
        },
      ],
    ])
  })

  it('has a code of any characters, percent-encoded in the topic', async () => {
    desk.automations.set('a3', automationOf('a3', { conditions: [externalOf('gone/to bed')] }))
    expect(await desk.ask('automation/a3/condition/gone%2Fto bed', 'true')).toMatchObject({ ok: true })
  })

  it('that there is not is refused with the near ones', async () => {
    const answer = await desk.ask('automation/a1/condition/bedtme', 'true')
    expect(answer).toMatchObject({
      reason: 'command/unknown-condition',
      details: [{ condition: 'bedtime' }, { condition: 'level' }],
    })
    expect(answer['message']).toContain('did you mean "bedtime"?')
  })

  it('is not UTF-8: refused', async () => {
    expect(await desk.ask('automation/a1/condition/bedtime', Buffer.from([0xff]))).toMatchObject({
      reason: 'command/bad-value',
    })
  })
})

describe('what there is not', () => {
  it.each([
    ['scene/s2/trigger', '1', 'command/unknown-scene', { scene: 's1' }],
    ['scene/s2/enabled', 'true', 'command/unknown-scene', { scene: 's1' }],
    ['automation/a9/trigger', '1', 'command/unknown-automation', { automation: 'a1' }],
    ['automation/a9/enabled', 'on', 'command/unknown-automation', { automation: 'a1' }],
    ['automation/a9/condition/bedtime', 'true', 'command/unknown-automation', { automation: 'a1' }],
  ])('%s is refused with the near ones', async (topic, payload, reason, near) => {
    const answer = await desk.ask(topic, payload)
    expect(answer).toMatchObject({ state: 'rejected', ok: false, reason })
    expect(answer['details']).toContainEqual(near)
    expect(calls).toEqual([])
  })
})

describe('by name', () => {
  it.each([
    ['named/scene/Good night/trigger', '1', 'scene-trigger', 'scene/s1'],
    ['named/scene/good_night/enabled', 'off', 'scene-disable', 'scene/s1'],
    ['named/automation/BEDTIME/enabled', 'on', 'automation-enable', 'automation/a1'],
    ['named/automation/bedtime/trigger', '1', 'automation-external-trigger', 'automation/a1'],
    ['named/automation/Bedtime/condition/level', '7', 'automation-external-trigger', 'automation/a1'],
  ])('%s', async (topic, payload, operation, target) => {
    expect(await desk.ask(topic, payload)).toMatchObject(ok(target))
    expect(calls.map(([called]) => called)).toEqual([operation])
  })

  it('answers go to the topic of the id', async () => {
    desk.hand('named/scene/good_night/trigger', '1')
    expect((await desk.said()).map(({ topic }) => topic)).toEqual(['result/scene/s1'])
  })

  it('a name that nobody has is refused with the near ones of that kind', async () => {
    const answer = await desk.ask('named/scene/good_nite/trigger', '1')
    expect(answer).toMatchObject({ reason: 'command/unknown-name', details: [{ name: 'good_night' }] })
    expect(await desk.ask('named/automation/good_night/trigger', '1')).toMatchObject({
      reason: 'command/unknown-name',
    })
  })

  it('a name that several have is refused with their ids', async () => {
    desk.scenes.set('s2', sceneOf('s2', { name: 'Good Night!' }))
    const answer = await desk.ask('named/scene/good_night/trigger', '1')
    expect(answer).toMatchObject({
      reason: 'command/ambiguous-name',
      details: [{ scene: 's1' }, { scene: 's2' }],
    })
    expect(calls).toEqual([])
  })
})

describe('§8: the rate of calls to conditions', () => {
  it('ten in 10 s reach one automation, the eleventh is refused and may come later', async () => {
    for (let i = 0; i < 10; i++)
      expect(await desk.ask('automation/a1/condition/level', String(i))).toMatchObject({ ok: true })
    expect(await desk.ask('automation/a1/trigger', '1')).toMatchObject({
      state: 'rejected',
      reason: 'command/rate',
      retry: 'later',
    })
    expect(calls).toHaveLength(10)
    await desk.clock.advance(10_000)
    expect(await desk.ask('automation/a1/trigger', '1')).toMatchObject({ ok: true })
  })

  it('is one for all ways of asking', async () => {
    const params = { home_id: 'h1', automation_id: 'a1', $root: [] }
    for (let i = 0; i < 9; i++) await desk.ask('op/automation-external-trigger', { params })
    expect(await desk.ask('automation/a1/trigger', '1')).toMatchObject({ ok: true })
    expect(await desk.ask('op/automation-external-trigger', { params })).toMatchObject({
      reason: 'command/rate',
    })
    expect(await desk.ask('automation/a1/condition/level', '3')).toMatchObject({ reason: 'command/rate' })
    expect(calls).toHaveLength(10)
  })

  it('counts what was sent, not what was refused, and each automation by itself', async () => {
    desk.automations.set('a3', automationOf('a3'))
    for (let i = 0; i < 20; i++) await desk.ask('automation/a1/condition/nonsense', '1')
    for (let i = 0; i < 10; i++) await desk.ask('automation/a1/condition/level', String(i))
    expect(await desk.ask('automation/a3/condition/bedtime', 'true')).toMatchObject({ ok: true })
    expect(calls).toHaveLength(11)
  })

  it('scenes and switches have none', async () => {
    for (let i = 0; i < 30; i++)
      expect(await desk.ask('scene/s1/trigger', { id: `r${i}` })).toMatchObject({ ok: true })
  })
})
