import { describe, expect, it } from 'vitest'
import { DefinitionSet } from '../../src/inventory/definition-set.ts'
import {
  type DefinitionKind,
  DefinitionTopics,
  type PublishedDefinition,
} from '../../src/mqtt/definition-topics.ts'
import { json } from '../../src/mqtt/payload.ts'
import { ThingEvents } from '../../src/mqtt/thing-events.ts'
import { PublisherBench } from '../support/publisher-bench.ts'

function benchOf(kind: DefinitionKind) {
  const bench = new PublisherBench()
  bench.publisher.resume()
  const events = new ThingEvents(bench)
  events.announce()
  const defined = new DefinitionSet<PublishedDefinition>()
  const topics = new DefinitionTopics({
    kind,
    defined,
    publisher: bench.publisher,
    events,
    meta: ({ name }, slug) => json({ name, slug }),
  })
  defined.events.on('changed', ({ now, before }) => topics.changed(now, before))
  defined.events.on('removed', (one) => topics.removed(one))
  const put = (id: string, changes: Partial<PublishedDefinition> = {}) =>
    defined.set([{ id, name: 'Good night', homeId: '1', enabled: true, ...changes }])
  return { bench, defined, topics, put, told: () => bench.said().filter((line) => line.startsWith('event/')) }
}

describe.each(['scene', 'automation'] as const)('a %s', (kind) => {
  it('is a document and a switch, both retained', () => {
    const { bench, put } = benchOf(kind)
    put('aaaa1111')
    const left = bench.flush()
    expect(bench.retained).toEqual(
      new Map([
        [`tuya/meta/${kind}/aaaa1111`, '{"name":"Good night","slug":"good_night"}'],
        [`tuya/state/${kind}/aaaa1111/enabled`, 'true'],
      ]),
    )
    for (const { retain, qos } of left.filter(({ topic }) => !topic.includes('/event/')))
      expect([retain, qos]).toEqual([true, 1])
  })

  it('that is switched off says so there alone', () => {
    const { bench, put } = benchOf(kind)
    put('aaaa1111')
    bench.flush()
    put('aaaa1111', { enabled: false })
    expect(bench.said()).toEqual([`state/${kind}/aaaa1111/enabled false`])
  })

  it('is told when it comes and when its name changes, not when it is switched', () => {
    const { put, told } = benchOf(kind)
    put('aaaa1111')
    put('aaaa1111', { enabled: false })
    put('aaaa1111', { enabled: false, name: 'Sleep' })
    const events = told()
    expect(events.map((line) => line.split(' ')[0])).toEqual([
      `event/bridge/${kind}_added`,
      `event/bridge/${kind}_renamed`,
    ])
    expect(JSON.parse(events[1]?.slice(events[1].indexOf('{')) ?? '')).toMatchObject({
      kind: `${kind}_renamed`,
      [kind]: 'aaaa1111',
      seq: 2,
      data: { id: 'aaaa1111', name: 'Sleep', before: 'Good night' },
    })
  })

  it('that is removed leaves nothing', () => {
    const { bench, defined, put } = benchOf(kind)
    put('aaaa1111')
    bench.flush()
    defined.remove('aaaa1111')
    expect(bench.said().sort()).toEqual([`meta/${kind}/aaaa1111`, `state/${kind}/aaaa1111/enabled`])
    expect(bench.retained.size).toBe(0)
  })

  it('stands in the list with its slug, and counts for its home', () => {
    const { topics, put } = benchOf(kind)
    put('aaaa1111')
    put('bbbb2222')
    put('cccc3333', { name: 'Fire', homeId: '2' })
    expect(topics.items).toEqual([
      { id: 'aaaa1111', name: 'Good night', slug: 'good_night', home: '1' },
      { id: 'bbbb2222', name: 'Good night', slug: 'good_night~2222', home: '1' },
      { id: 'cccc3333', name: 'Fire', slug: 'fire', home: '2' },
    ])
    expect(['1', '2', '3'].map((home) => topics.inHome(home))).toEqual([2, 1, 0])
  })
})
