import { describe, expect, it } from 'vitest'
import { dayMs, EventBench, type EventBenchOptions } from '../support/event-bench.ts'
import { externalAction, message, presence } from '../support/told-message.ts'

const online = 'last/device/lamp/online'
const action = 'last/automation/p2aWOkEOe2RzATHL/external_action'

/** The lamp came online, and the broker knows. */
function told(options: EventBenchOptions = {}): EventBench {
  const bench = new EventBench(options)
  bench.events.presence(presence(bench.now), bench.now)
  bench.flush()
  return bench
}

describe('the life of a copy', () => {
  it('ends a day after it happened, by our own timer', async () => {
    const bench = told()
    await bench.clock.advance(dayMs)
    expect(bench.flush()).toEqual([])
    await bench.clock.advance(1_000)
    expect(bench.said()).toEqual([online])
    expect(bench.lasts).toEqual({})
    expect(bench.publisher.owned.size).toBe(0)
  })

  it('is told to brokers that can count, less the time that passed since it happened', () => {
    const bench = new EventBench()
    const { events, now } = bench
    events.home(message('home', { homeId: '7', change: 'created', timeMs: now - 7_200_000 }), now)
    const [copy] = bench.flush()
    expect([copy?.topic, copy?.properties?.expirySeconds]).toEqual(['tuya/last/home/7/created', 79_200])
  })

  it('is not longer for a source whose clock is ahead', async () => {
    const bench = new EventBench()
    bench.events.presence(presence(bench.now + dayMs), bench.now)
    expect(bench.flush()[1]?.properties?.expirySeconds).toBe(86_400)
    await bench.clock.advance(dayMs + 1_000)
    expect(bench.said()).toEqual([online])
  })

  it.each([
    ['told so', () => told()],
    ['an earlier run left it', () => new EventBench({ retained: new Map(told().retained) })],
  ])('I-3: what a clock has dated a day ahead gives way to what happens after it: %s', (_case, open) => {
    const bench = open()
    bench.events.found.adopt(bench.found)
    bench.clock.jump(-dayMs)
    bench.events.presence(presence(bench.now), bench.now)
    bench.flush()
    expect(bench.lasts[online]).toMatchObject({ timeMs: bench.now, replay: false })
  })

  it('is over when a reload wants none, and none comes back with a broker that has lost them', () => {
    const bench = told()
    bench.settings.last = false
    bench.events.settingsChanged()
    expect(bench.said()).toEqual([online])
    expect(bench.lasts).toEqual({})
    bench.events.found.restore(bench.found)
    expect(bench.flush()).toEqual([])
  })

  it('is for ever where that is wanted', async () => {
    const bench = new EventBench({ settings: { lastTtlMs: 0 } })
    bench.events.presence(presence(bench.now - 30 * dayMs), bench.now)
    expect(bench.flush().map(({ properties }) => properties)).toEqual([
      expect.not.objectContaining({ expirySeconds: expect.anything() }),
    ])
    await bench.clock.advance(100 * dayMs)
    expect(bench.flush()).toEqual([])
  })

  it('is over at once for what is older when it arrives: it is refused', () => {
    const bench = new EventBench()
    const { events, now } = bench
    expect(events.presence(presence(now - dayMs), now, bench.waiter('old'))).toBe(true)
    expect(bench.flush()).toEqual([])
    expect(bench.told).toEqual(['old false'])
  })

  it('starts again with each event, each topic for itself', async () => {
    const bench = told()
    await bench.clock.advance(dayMs / 2)
    bench.events.presence(presence(bench.now), bench.now)
    bench.events.presence(presence(bench.now, false), bench.now)
    bench.flush()
    await bench.clock.advance(dayMs / 2 + 1_000)
    expect(bench.flush()).toEqual([])
    await bench.clock.advance(dayMs / 2)
    expect(bench.said().sort()).toEqual(['last/device/lamp/offline', online])
  })

  it('outlives a clock that was set back, and ends with one that was set forward', async () => {
    const bench = told()
    bench.clock.jump(-3_600_000)
    await bench.clock.advance(dayMs + 1_000)
    expect(bench.flush()).toEqual([])
    await bench.clock.advance(3_600_000)
    expect(bench.said()).toEqual([online])
  })

  it('ends with its thing, and nothing is cleared twice', async () => {
    const bench = told()
    bench.publisher.clearGroup('device/lamp')
    expect(bench.said()).toEqual([online])
    await bench.clock.advance(2 * dayMs)
    expect(bench.flush()).toEqual([])
    bench.events.found.restore(bench.found)
    expect(bench.flush()).toEqual([])
  })

  it('of an action ends with the automation that ran it', () => {
    const bench = new EventBench()
    bench.events.externalAction(externalAction(bench.now, { action: 'x' }, 'a1'), bench.now)
    bench.events.externalAction(externalAction(bench.now + 1, { action: 'x' }, 'a2'), bench.now)
    bench.flush()
    bench.publisher.clearGroup('automation/a1')
    expect(bench.said()).toEqual(['last/automation/a1/external_action'])
    bench.publisher.clearGroup('automation/a2')
    expect(bench.said().sort()).toEqual(['last/action/x', 'last/automation/a2/external_action'])
  })

  it('ends when there are too many: the oldest goes', () => {
    const bench = new EventBench({ settings: { lastTtlMs: 0 } })
    for (let i = 0; i <= 10_000; i++)
      bench.events.home(
        message('home', { homeId: `h${i}`, change: 'created', timeMs: bench.now - dayMs }),
        bench.now,
      )
    bench.flush()
    expect(Object.keys(bench.lasts)).toHaveLength(10_000)
    expect(bench.lasts).not.toHaveProperty('last/home/h0/created')
  })
})

describe('the newest copy stays', () => {
  it('what happened before does not replace it, and its bringer waits for the newer one', () => {
    const bench = new EventBench()
    const { events, now } = bench
    events.presence(presence(now), now, bench.waiter('newer'))
    events.presence(presence(now - 61_000), now, bench.waiter('older'))
    expect(bench.told).toEqual([])
    expect(bench.topicsSaid()).toEqual(['event/device/lamp/online', online])
    expect(bench.told).toEqual(['newer true', 'older true'])
    events.presence(presence(now - 62_000), now, bench.waiter('oldest'))
    expect(bench.told.at(-1)).toBe('oldest true')
    expect(bench.flush()).toEqual([])
  })

  it('while the broker is away the newest waits, and all who brought one are told', () => {
    const bench = new EventBench()
    bench.publisher.pause()
    for (let i = 0; i < 3; i++)
      bench.events.presence(presence(bench.now - 70_000 + i), bench.now, bench.waiter(`${i}`))
    bench.publisher.resume()
    expect(bench.topicsSaid()).toEqual([online])
    expect(bench.lasts[online]).toMatchObject({ timeMs: bench.now - 70_000 + 2 })
    expect(bench.told).toEqual(['0 true', '1 true', '2 true'])
  })
})

describe('after a reconnect', () => {
  it('what the broker holds is not said again, nor with everything else', async () => {
    const bench = told()
    bench.publisher.pause()
    bench.events.found.restore(bench.found)
    bench.publisher.resume()
    bench.publisher.republish()
    await bench.clock.advance(1_000)
    expect(bench.flush()).toEqual([])
  })

  it('what it lost is said again, as a replay, once, and is no event', async () => {
    const bench = told()
    const before = bench.lasts[online]
    bench.publisher.pause()
    bench.retained.clear()
    await bench.clock.advance(3_600_000)
    bench.events.found.restore(bench.found)
    bench.publisher.resume()
    const messages = bench.flush()
    expect(messages.map(({ topic }) => topic)).toEqual([`tuya/${online}`])
    expect(bench.lasts[online]).toEqual({ ...before, replay: true })
    expect(messages[0]?.properties).toMatchObject({
      expirySeconds: 82_800,
      user: { source: '/tuya/device/lamp', type: 'tuya.online', id: before?.['id'] },
    })
    bench.events.found.restore(bench.found)
    expect(bench.flush()).toEqual([])
    bench.events.presence(presence(bench.now - 3_600_000), bench.now)
    expect(bench.flush()).toEqual([])
  })

  it('an older copy that the broker brought back gives way', () => {
    const bench = told()
    const old = new Map(bench.retained)
    bench.events.presence(presence(bench.now + 5), bench.now)
    bench.flush()
    for (const [topic, text] of old) bench.retained.set(topic, text)
    bench.events.found.restore(bench.found)
    expect(bench.topicsSaid()).toEqual([online])
    expect(bench.lasts[online]).toMatchObject({ timeMs: bench.now + 5, replay: true })
  })

  it('what no broker has taken yet goes out as it is', () => {
    const bench = new EventBench()
    bench.publisher.pause()
    bench.events.presence(presence(bench.now), bench.now)
    bench.events.found.restore(bench.found)
    bench.publisher.resume()
    expect(bench.topicsSaid()).toEqual(['event/device/lamp/online', online])
    expect(bench.lasts[online]).toMatchObject({ replay: false })
  })

  it('only our own word for it is changed, whatever came from outside', () => {
    const bench = new EventBench()
    const data = { text: '"replay":false,\\"replay\\":false', replay: false }
    bench.events.other(message('unknown', { deviceId: null, data, timeMs: bench.now }), bench.now)
    bench.flush()
    bench.retained.clear()
    bench.events.found.restore(bench.found)
    bench.flush()
    expect(bench.lasts['last/queue/made_up']).toMatchObject({ replay: true, data })
  })
})

describe('after a restart', () => {
  /** A bridge that starts where another one stopped. */
  async function restarted(before: EventBench, afterMs = 0, options: EventBenchOptions = {}) {
    const bench = new EventBench({ ...options, retained: before.retained })
    await bench.clock.advance(afterMs)
    bench.events.found.adopt(bench.found)
    return bench
  }

  it('what an earlier run told is not told again when it is brought again', async () => {
    const before = told()
    before.events.externalAction(externalAction(before.now, { action: 'goodnight' }), before.now)
    before.flush()
    const bench = await restarted(before)
    bench.events.presence(presence(before.now), bench.now, bench.waiter('presence'))
    bench.events.externalAction(
      externalAction(before.now, { action: 'goodnight' }),
      bench.now,
      bench.waiter('action'),
    )
    expect(bench.flush()).toEqual([])
    expect(bench.told).toEqual(['presence true', 'action true'])
    bench.events.presence(presence(before.now + 1), bench.now)
    expect(bench.topicsSaid()).toEqual(['event/device/lamp/online', online])
  })

  it('copies that were found end in their time, and are said again when the broker loses them', async () => {
    const bench = await restarted(told(), dayMs / 2)
    bench.retained.clear()
    bench.events.found.restore(bench.found)
    expect(bench.topicsSaid()).toEqual([online])
    expect(bench.lasts[online]).toMatchObject({ replay: true })
    await bench.clock.advance(dayMs / 2 + 1_000)
    expect(bench.said()).toEqual([online])
  })

  it('what was too old by then is cleared, and so is what is no event', async () => {
    const before = told()
    before.retained.set('tuya/last/device/lamp/offline', 'no JSON')
    before.retained.set('tuya/last/device/lamp/shared', '{"id":"x","kind":"shared"}')
    const bench = await restarted(before, dayMs)
    expect(bench.said().sort()).toEqual(['last/device/lamp/offline', online, 'last/device/lamp/shared'])
    expect(bench.lasts).toEqual({})
  })

  it('where copies are not wanted any more they are cleared, and what they tell is remembered', async () => {
    const before = told()
    const bench = await restarted(before, 0, { settings: { last: false } })
    expect(bench.said()).toEqual([online])
    bench.events.found.restore(bench.found)
    bench.events.presence(presence(before.now), bench.now)
    expect(bench.flush()).toEqual([])
  })

  it('what was told before the look is newer than what it finds', () => {
    const before = told()
    const bench = new EventBench({ retained: before.retained })
    bench.publisher.pause()
    bench.events.presence(presence(bench.now + 5), bench.now)
    bench.events.found.adopt(bench.found)
    bench.publisher.resume()
    bench.flush()
    expect(bench.lasts[online]).toMatchObject({ timeMs: bench.now + 5 })
  })

  it('an action that was found goes with its automation', async () => {
    const before = new EventBench()
    before.events.externalAction(externalAction(before.now, { action: 'x' }), before.now)
    before.flush()
    const bench = await restarted(before)
    bench.publisher.clearGroup('automation/p2aWOkEOe2RzATHL')
    expect(bench.said().sort()).toEqual(['last/action/x', action])
  })
})
