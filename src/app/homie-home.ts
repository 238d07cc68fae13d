import { type DescribedHome, homeSubject } from '../integration/homie/home.ts'
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
