import { automationCode, type DescribedHome, homeSubject } from '../integration/homie/home.ts'
import type { Inventory } from '../inventory/inventory.ts'

/** A home as the Homie trees need it; undefined for one in which nothing can be run or switched. */
export function describeHome(
  { homes, scenes, automations }: Inventory,
  homeId: string,
): DescribedHome | undefined {
  const home = homes.get(homeId)
  if (!home) return undefined
  const described = { home, scenes: scenes.inHome(homeId), automations: automations.inHome(homeId) }
  return described.scenes.length + described.automations.length > 0 ? described : undefined
}

/** All that may have a device in the trees: homes first, of which there are few. */
export function* subjectsOf({ homes, devices }: Inventory): Iterable<string> {
  for (const id of homes.keys()) yield homeSubject(id)
  yield* devices.keys()
}

export interface HomeFollower {
  /** The home may be described otherwise by now. */
  readonly touch: (subject: string) => void
  /** What these properties tell has changed. */
  readonly reported: (subject: string, codes: readonly string[]) => void
  readonly removed: (subject: string) => void
}

export function followHomes(
  { events, scenes, automations }: Inventory,
  { touch, reported, removed }: HomeFollower,
): void {
  events.on('home', ({ home }) => touch(homeSubject(home.id)))
  events.on('homeRemoved', ({ id }) => removed(homeSubject(id)))
  scenes.events.on('changed', ({ now }) => touch(homeSubject(now.homeId)))
  scenes.events.on('removed', ({ homeId }) => touch(homeSubject(homeId)))
  automations.events.on('changed', ({ now: { id, homeId } }) => {
    reported(homeSubject(homeId), [automationCode(id)])
    touch(homeSubject(homeId))
  })
  automations.events.on('removed', ({ homeId }) => touch(homeSubject(homeId)))
}
