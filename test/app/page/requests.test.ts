import { expect, it } from 'vitest'
import { commandOf } from '../../../src/app/page/requests.ts'
import { TopicTree } from '../../../src/mqtt/topic.ts'

const tree = new TopicTree('tuya')
const read = (request: unknown) => {
  const { topic, payload, ...rest } = commandOf(Buffer.from(JSON.stringify(request)), tree)
  return { topic, payload: Buffer.from(payload).toString(), ...rest }
}
const usual = { retain: false, dup: false, contentType: 'application/json' }

it('a request becomes the command that anybody could have published', () => {
  expect(read({ id: 'p1', do: 'write', device: 'abc', dp: { switch_1: true } })).toEqual({
    ...usual,
    topic: 'tuya/cmd/device/abc',
    payload: '{"dp":{"switch_1":true},"id":"p1"}',
  })
  expect(read({ id: 'p2', do: 'read', device: 'abc' })).toMatchObject({
    topic: 'tuya/cmd/device/abc/get',
    payload: '{"id":"p2"}',
  })
  expect(read({ id: 'p3', do: 'trigger', kind: 'scene', thing: 's1' })).toMatchObject({
    topic: 'tuya/cmd/scene/s1/trigger',
  })
  expect(read({ id: 'p4', do: 'trigger', kind: 'automation', thing: 'a1' })).toMatchObject({
    topic: 'tuya/cmd/automation/a1/trigger',
  })
  expect(read({ id: 'p5', do: 'enable', kind: 'automation', thing: 'a1', on: false })).toEqual({
    ...usual,
    topic: 'tuya/cmd/automation/a1/enabled',
    payload: 'false',
    user: { id: 'p5' },
  })
  expect(read({ id: 'p6', do: 'resync' })).toMatchObject({ topic: 'tuya/cmd/bridge/resync' })
})

it('nothing else can be asked: no operation, no other word to the bridge, no topic of one’s own', () => {
  for (const request of [
    null,
    [],
    'write',
    {},
    { do: 'op', operation: 'home-delete' },
    { do: 'restart' },
    { do: 'write', device: '../bridge/restart', dp: {} },
    { do: 'write', device: 'a/b', dp: {} },
    { do: 'write', device: '#', dp: {} },
    { do: 'read', device: 5 },
    { do: 'trigger', kind: 'scene', thing: 'a/enabled' },
    { do: 'trigger', kind: 'scene' },
  ])
    expect(() => read(request), JSON.stringify(request)).toThrow('This is no request of the page.')
})

it('S-4: what is too large, too deep or no JSON is refused before it is looked at', () => {
  const refused = (text: string) => () => commandOf(Buffer.from(text), tree)
  expect(refused('{')).toThrow('not valid JSON')
  expect(refused(`{"do":"write","device":"a","dp":{"x":"${'y'.repeat(9_000)}"}}`)).toThrow('at most 8192')
  expect(refused(`{"dp":${'['.repeat(20)}${']'.repeat(20)}}`)).toThrow('nests deeper')
  expect(refused('{"do":"write","device":"a","dp":{"__proto__":1}}')).toThrow('not accepted')
})
