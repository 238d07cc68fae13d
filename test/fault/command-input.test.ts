import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { faultOfMessage } from '../../src/mqtt/message.ts'
import { anyText } from '../support/any-text.ts'
import { CommandDesk } from '../support/command-desk.ts'
import { cpuMs, leastCpuMs } from '../support/cpu.ts'
import { hostileNames } from '../support/hostile-names.ts'
import { VirtualHouse } from '../support/virtual-house.ts'

const lamp = 'bf3c9a7d41e0b2f6aaw1vn'

describe('K7: hostile names in commands', () => {
  const names = hostileNames(500)
  const shapes = (name: string): [topic: string, payload: string][] => [
    [`device/${name}`, '{"switch_led":true}'],
    [`device/bf1/dp/${name}`, 'on'],
    [`device/bf1/view/${name}/${name}`, '1'],
    [`named/device/${name}/get`, '1'],
    [`op/${name}`, '{}'],
    [`bridge/${name}`, '1'],
    [name, '1'],
    ['device/bf1', JSON.stringify({ dp: { [name]: true }, id: name, from: name })],
    ['op/device-get', JSON.stringify({ params: { [name]: name } })],
  ]

  it('in topics, members, ids and places of answers: one answer each, on legal topics alone', async () => {
    const desk = new CommandDesk()
    for (const name of names) {
      for (const [topic, payload] of shapes(name)) {
        desk.hand(topic, payload, { user: { from: name, id: name } })
        const said = await desk.said()
        const finals = said.filter(({ topic: on }) => on.startsWith('result/'))
        const replies = said.filter(({ topic: on }) => on.startsWith('reply/'))
        expect(Math.max(finals.length, replies.length), JSON.stringify(topic.slice(0, 80))).toBe(1)
        for (const one of said) {
          const whole = {
            topic: `tuya/${one.topic}`,
            payload: JSON.stringify(one.answer),
            qos: 1,
            retain: false,
          } as const
          expect(faultOfMessage(whole, 256 * 1024), JSON.stringify(one.topic)).toBeUndefined()
        }
      }
    }
    expect(desk.defects).toEqual([])
    expect(desk.writes).toEqual([])
  }, 60_000)

  it('through the broker inside: those that it takes are answered, nobody is cut off', async () => {
    await using house = await VirtualHouse.open()
    const client = await house.client()
    const legal = names.filter(
      (name) =>
        !/[+#\0]/.test(name) && Buffer.byteLength(name) < 300 && Buffer.from(name).toString() === name,
    )
    let sent = 0
    for (const name of legal) {
      const topic = `tuya/cmd/device/${lamp}/dp/${name}`
      if (topic.split('/').length > 16) continue
      client.publish(topic, 'on', { qos: 1 })
      sent++
    }
    await house.time.until(() => house.answers.length >= sent, 10_000, 'the answers')
    expect(house.answers).toHaveLength(sent)
    expect(client.connected).toBe(true)
    await house.time.pass(2_000)
    expect(house.simulator.journal.entries('command')).toEqual([])
  })
})

describe('K8: hostile payloads', () => {
  const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
  const many = (members: number) => `{${Array.from({ length: members }, (_, i) => `"k${i}":1`).join()}}`

  it.each([
    ['8 KiB and a byte', Buffer.alloc(8 * 1024 + 1, 'x'), 'too-large'],
    ['100,000 levels', Buffer.from(deep(100_000)), 'too-large'],
    ['1,300 levels, which fit', Buffer.from(deep(1_300)), 'too-deep'],
    ['8,000 open brackets', Buffer.from('['.repeat(8_000)), 'bad-json'],
    ['100,000 members', Buffer.from(many(100_000)), 'too-large'],
    ['700 members, which fit', Buffer.from(many(700)), 'too-deep'],
    ['a number beyond doubles', Buffer.from('{"dp":{"bright":1e999}}'), 'bad-json'],
    ['no number', Buffer.from('{"dp":{"bright":NaN}}'), 'bad-json'],
    ['an infinite number as text', Buffer.from('{"dp":{"bright":"Infinity"}}'), 'bad-value'],
    ['a very long number', Buffer.from(`{"dp":{"bright":"${'9'.repeat(8_000)}"}}`), 'bad-value'],
    ['a member called __proto__', Buffer.from('{"dp":{"__proto__":{"switch_led":true}}}'), 'bad-json'],
    ['a member called constructor', Buffer.from('{"constructor":true}'), 'bad-json'],
    ['bytes that are no text', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), 'bad-json'],
    ['a surrogate alone', Buffer.from('{"dp":{"mode":"\\ud800"}}'), 'not-in-enum'],
    ['an object for a boolean', Buffer.from('{"dp":{"switch_led":{}}}'), 'bad-value'],
    ['null for a number', Buffer.from('{"dp":{"bright":null}}'), 'bad-value'],
    ['a list for a number', Buffer.from('{"dp":{"bright":[20]}}'), 'bad-value'],
  ])('%s: refused', async (_what, payload, reason) => {
    const desk = new CommandDesk()
    expect(await desk.ask('device/bf1', payload)).toMatchObject({
      state: 'rejected',
      reason: `command/${reason}`,
    })
    expect(desk.writes).toEqual([])
  })

  it('whatever the bytes: one answer within 50 ms, never a defect', async () => {
    const desk = new CommandDesk()
    const topics = [
      'device/bf1',
      'device/bf1/dp/bright',
      'device/bf1/dp/plan',
      'device/bf1/view/colour/hsv',
      'device/bf1/get',
      'op/device-get',
      'bridge/ping',
    ]
    const payload = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 8_192 }).map((bytes) => Buffer.from(bytes)),
      fc.json({ maxDepth: 12 }).map((text) => Buffer.from(text)),
      fc
        .record({
          dp: fc.dictionary(fc.constantFrom('bright', 'mode', 'plan', 'x'), fc.jsonValue(), { maxKeys: 3 }),
          id: fc.jsonValue(),
        })
        .map((value) => Buffer.from(JSON.stringify(value))),
      anyText({ minLength: 1 }).map((text) => Buffer.from(text)),
    )
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...topics), payload, async (topic, bytes) => {
        fc.pre(bytes.length > 0)
        const took = cpuMs(() => desk.hand(topic, bytes))
        const again = () => new CommandDesk().hand(topic, bytes)
        if (took >= 50) expect(leastCpuMs(50, again)).toBeLessThan(50)
        const finals = (await desk.said()).filter(
          ({ topic: on, answer }) => on.startsWith('result/') && answer?.['final'],
        )
        expect(finals).toHaveLength(1)
        expect(desk.defects).toEqual([])
        await desk.clock.advance(1_000)
      }),
      { numRuns: 500 },
    )
  })
})
