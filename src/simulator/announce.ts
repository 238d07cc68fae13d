import type { Clock } from '../util/clock.ts'
import type { Feed, FeedFamily, FeedMessage } from './feed.ts'
import { type Wording, wordings } from './feed-body.ts'
import type { WorldEvents } from './world/event.ts'
import type { World } from './world.ts'

/** Everything that happens in the world and that the platform tells goes into the feed, in the wanted wordings. */
export function announce(world: World, feed: Feed, clock: Clock, families: readonly FeedFamily[]): void {
  let reports = 0
  const dataId = () => `AAZ${(++reports).toString(16).toUpperCase().padStart(12, '0')}`
  const wording = (): Wording => ({ world, nowMs: clock.now(), dataId })
  for (const family of families) {
    const words = wordings[family]
    for (const kind of Object.keys(words) as (keyof WorldEvents)[]) {
      const word = words[kind] as (event: unknown, wording: Wording) => FeedMessage | undefined
      world.events.on(kind, (event) => {
        const message = word(event, wording())
        if (message) feed.append(message)
      })
    }
  }
}
