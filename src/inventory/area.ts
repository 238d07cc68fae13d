export const partsOfHome = ['devices', 'rooms', 'scenes', 'automations', 'members'] as const

export type PartOfHome = (typeof partsOfHome)[number]

/**
 * A part of what exists that something may have changed, and that is read again. `toldGone`: somebody said that it is
 * there no more; when the cloud, asked for it, says so too, it goes at once.
 */
export type Area =
  | { readonly of: 'homes' }
  /** `gone`: devices that were told to have left this home. */
  | { readonly of: PartOfHome; readonly homeId: string; readonly gone?: readonly string[] }
  /** `device`: its values and the names of its channels; `names`: those alone. */
  | { readonly of: 'device' | 'bindings' | 'names'; readonly deviceId: string }
  | ToldArea

/** One thing of which something was told. */
export type ToldArea = ToldHomeArea | RegistrationArea

/** One home by itself, or the list of its rooms without what stands in them. */
export interface ToldHomeArea {
  readonly of: 'home' | 'roomNames'
  readonly homeId: string
  readonly toldGone: boolean
}

/** One device by itself, known or not: its name, its home, whether it is there at all. */
export interface RegistrationArea {
  readonly of: 'registration'
  readonly deviceId: string
  /** Where it is said to be; null when that was not said. */
  readonly homeId: string | null
  readonly toldGone: boolean
  /** It is on its way: when it is not there yet, it is asked for once more. */
  readonly isComing: boolean
  /** It spoke and nobody knew it: there is nothing to ask once it is known. */
  readonly isUnknown: boolean
}

/** More devices of one home than this are read with one list. */
const oneByOneAtMost = 3

/** What is to be read, each area once however often it is told. */
export class AreaSet {
  readonly #areas = new Map<string, Area>()

  get size(): number {
    return this.#areas.size
  }

  add(area: Area): void {
    const key = keyOf(area)
    const waiting = this.#areas.get(key)
    this.#areas.set(key, waiting === undefined ? area : joined(waiting, area))
  }

  clear(): void {
    this.#areas.clear()
  }

  /** Takes everything out. Many devices of one home become its list; `homeOf` knows where devices are. */
  take(homeOf: (deviceId: string) => string | undefined): Area[] {
    const isKnown = (area: Area) =>
      area.of === 'registration' && area.isUnknown && homeOf(area.deviceId) !== undefined
    const taken = [...this.#areas.values()].filter((area) => !isKnown(area))
    this.#areas.clear()
    const byHome = new Map<string, RegistrationArea[]>()
    for (const area of taken) {
      if (area.of !== 'registration') continue
      const homeId = area.homeId ?? homeOf(area.deviceId)
      if (homeId !== undefined) byHome.set(homeId, [...(byHome.get(homeId) ?? []), area])
    }
    const listed = new Set<Area>()
    const lists = new AreaSet()
    for (const [homeId, areas] of byHome) {
      if (areas.length <= oneByOneAtMost) continue
      for (const area of areas) listed.add(area)
      const gone = areas.filter(({ toldGone }) => toldGone).map(({ deviceId }) => deviceId)
      lists.add({ of: 'devices', homeId, gone })
      // No list of devices tells in which room they stand.
      if (areas.some(({ isComing }) => isComing)) lists.add({ of: 'rooms', homeId })
    }
    for (const area of taken) if (!listed.has(area)) lists.add(area)
    return [...lists.#areas.values()]
  }
}

function keyOf(area: Area): string {
  if (area.of === 'homes') return area.of
  return `${area.of} ${'deviceId' in area ? area.deviceId : area.homeId}`
}

/** Two that have the same key. */
function joined(a: Area, b: Area): Area {
  if (a.of === 'registration' && b.of === 'registration')
    return {
      ...b,
      homeId: b.homeId ?? a.homeId,
      toldGone: a.toldGone || b.toldGone,
      isComing: a.isComing || b.isComing,
      isUnknown: a.isUnknown && b.isUnknown,
    }
  if ('toldGone' in a && 'toldGone' in b) return { ...b, toldGone: a.toldGone || b.toldGone }
  if ('gone' in a && a.gone && 'homeId' in b)
    return { ...b, gone: [...a.gone, ...(('gone' in b && b.gone) || [])] } as Area
  return b
}
