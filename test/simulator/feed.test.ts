import { describe, expect, it } from 'vitest'
import { Feed, type FeedEntry, type FeedMessage } from '../../src/simulator/feed.ts'

const message: FeedMessage = { family: 'legacy', protocol: 20, bizCode: 'online', key: 'bf1', body: {} }

describe('the feed', () => {
  it('numbers what is appended from 1 on, and dates it', () => {
    const feed = new Feed(() => 1_700)
    expect(feed.last).toBe(0)
    expect(feed.append(message)).toEqual({ ...message, sequence: 1, timeMs: 1_700 })
    feed.append(message)
    expect(feed.last).toBe(2)
    expect(feed.since().map(({ sequence }) => sequence)).toEqual([1, 2])
    expect(feed.since(1).map(({ sequence }) => sequence)).toEqual([2])
    expect(feed.since(2)).toEqual([])
  })

  it('tells those who listen, in order, until they leave', () => {
    const feed = new Feed(() => 0)
    const heard: string[] = []
    const hear = (name: string) =>
      feed.subscribe((entry: FeedEntry) => heard.push(`${name}${entry.sequence}`))
    feed.append(message)
    const leaveA = hear('a')
    hear('b')
    feed.append(message)
    leaveA()
    leaveA()
    feed.append(message)
    expect(heard).toEqual(['a2', 'b2', 'b3'])
  })

  it('may be left while it tells', () => {
    const feed = new Feed(() => 0)
    const heard: string[] = []
    const leave = feed.subscribe(() => {
      heard.push('once')
      leave()
    })
    feed.subscribe(() => heard.push('always'))
    feed.append(message)
    feed.append(message)
    expect(heard).toEqual(['once', 'always', 'always'])
  })

  it('keeps the newest ten thousand at least and does not grow for ever', () => {
    const feed = new Feed(() => 0)
    for (let i = 0; i < 50_000; i++) feed.append(message)
    const kept = feed.since()
    expect(kept.length).toBeGreaterThanOrEqual(10_000)
    expect(kept.length).toBeLessThanOrEqual(20_000)
    expect(kept.at(-1)?.sequence).toBe(50_000)
    expect(kept.map(({ sequence }) => sequence)).toEqual(kept.map((_, i) => (kept[0]?.sequence ?? 0) + i))
  })
})
