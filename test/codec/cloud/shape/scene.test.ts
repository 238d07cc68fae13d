import { expect, it } from 'vitest'
import { isRefused, understood } from '../../../support/answer.ts'

it.each(['scene-list', 'scene-list-v1-0'])(
  '%s: a scene that says nothing of it is enabled and valid',
  (operation) => {
    expect(understood(operation, [{ scene_id: 's1' }])).toEqual([
      { id: 's1', name: '', background: '', actions: [], enabled: true, valid: true },
    ])
  },
)

it.each([
  ['1', true],
  ['2', false],
  [2, false],
  [null, true],
])('status %j is valid: %s', (status, valid) => {
  expect(understood('scene-list', [{ scene_id: 's1', enabled: false, status }])).toMatchObject([
    { enabled: false, valid },
  ])
})

it('steps that nobody knows are kept, what is no step is left out', () => {
  expect(
    understood(
      'scene-list',
      [
        {
          scene_id: 's1',
          actions: [{ action_executor: 'sing', entity_id: 'x', executor_property: { song: 1 } }, 'nonsense'],
        },
        { name: 'no id' },
      ],
      2,
    ),
  ).toMatchObject([{ actions: [{ kind: 'other', executor: 'sing', entityId: 'x', property: { song: 1 } }] }])
})

it('devices that take part are called id in answers and device_id in tables', () => {
  for (const operation of ['scene-devices', 'automation-devices']) {
    expect(
      understood(operation, [{ id: 'bf1', name: 'Lamp', home_id: 7, product_id: 'p' }, { device_id: 'bf2' }]),
    ).toEqual([
      { id: 'bf1', name: 'Lamp', homeId: '7', productId: 'p' },
      { id: 'bf2', name: '', homeId: '', productId: '' },
    ])
    expect(understood(operation, [{ name: 'nobody' }], 1)).toEqual([])
  }
})

it('a binding is done, whether the answer says so plainly or in an object', () => {
  for (const operation of ['device-scene-bind', 'device-scene-unbind']) {
    expect(understood(operation, { success: true })).toBe(true)
    expect(understood(operation, { success: false })).toBe(false)
    expect(understood(operation, true)).toBe(true)
    expect(isRefused(operation, 1_408_001)).toBe(true)
  }
})

it('the value of a binding is text', () => {
  const scenes = [
    { scene_id: 's1', code: 'switch1_value', value: 'single_click' },
    { scene_id: 's2', code: 'scene_1', value: 2 },
  ]
  expect(understood('device-scene-list', { device_id: 'bf1', scenes })).toEqual([
    { code: 'switch1_value', value: 'single_click', sceneId: 's1', sceneName: '' },
    { code: 'scene_1', value: '2', sceneId: 's2', sceneName: '' },
  ])
  expect(understood('device-scene-list', { device_id: true })).toEqual([])
})
