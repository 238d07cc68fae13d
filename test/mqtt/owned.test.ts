import { expect, it } from 'vitest'
import type { Outgoing } from '../../src/mqtt/message.ts'
import { OwnedTopics } from '../../src/mqtt/owned.ts'

const message = (topic: string, payload = 'x'): Outgoing => ({ topic, payload, qos: 1, retain: true })

it('knows what each group says, and whether that is news', () => {
  const owned = new OwnedTopics()
  expect(owned.put('a', message('t/1'))).toBe(true)
  expect(owned.put('a', message('t/1'))).toBe(false)
  expect(owned.put('a', message('t/1', 'y'))).toBe(true)
  expect(owned.put('b', message('t/2'))).toBe(true)
  expect(owned.get('a', 't/1')?.payload).toBe('y')
  expect([owned.has('a', 't/1'), owned.has('b', 't/1'), owned.says('t/1'), owned.says('t/3')]).toEqual([
    true,
    false,
    true,
    false,
  ])
  expect(owned.size).toBe(2)
  expect(owned.of('a')).toEqual([message('t/1', 'y')])
})

it('forgets topics and groups, and says what they were', () => {
  const owned = new OwnedTopics()
  owned.put('a', message('t/1'))
  owned.put('a', message('t/2'))
  expect([owned.remove('a', 't/1'), owned.remove('a', 't/1'), owned.remove('c', 't/1')]).toEqual([
    true,
    false,
    false,
  ])
  expect(owned.removeGroup('a')).toEqual(['t/2'])
  expect([owned.removeGroup('a'), owned.topics('a'), owned.of('a'), owned.size]).toEqual([[], [], [], 0])
})

it('gives everything in the order in which it came, group by group, whatever comes and goes meanwhile', () => {
  const owned = new OwnedTopics()
  for (const topic of ['1', '2', '3']) owned.put('a', message(topic))
  owned.put('b', message('4'))
  const messages = owned.messages()
  expect(messages.next().value?.topic).toBe('1')
  owned.remove('a', '2')
  owned.put('a', message('3', 'newer'))
  owned.put('c', message('5'))
  expect([...messages].map(({ topic, payload }) => `${topic} ${payload}`)).toEqual(['3 newer', '4 x', '5 x'])
})

it('gives nothing of a group that went while it was said: nobody would take that back', () => {
  const owned = new OwnedTopics()
  for (const topic of ['1', '2', '3']) owned.put('a', message(topic))
  owned.put('b', message('4'))
  const messages = owned.messages()
  messages.next()
  expect(owned.removeGroup('a')).toEqual(['1', '2', '3'])
  owned.put('a', message('1', 'again'))
  expect([...messages].map(({ topic, payload }) => `${topic} ${payload}`)).toEqual(['4 x', '1 again'])
})
