import { computed, signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { PageDevice, PagePlace } from '../../src/app/page/protocol.ts'
import { furnish } from '../furnish.ts'
import { allDevices, arrangement, findingsOf, homes, rooms } from '../store.ts'
import { DeviceCard } from './device-card.tsx'

const search = signal('')
const home = signal('')
const troubledOnly = signal(false)

interface Group {
  readonly key: string
  readonly name: string
  readonly ids: readonly string[]
  /** How many devices stand before it. */
  readonly place: number
}

/** Homes with their rooms; devices that stand in no room come last. */
const groups = computed(() => {
  arrangement.value
  const wanted = search.value.trim().toLowerCase()
  const shown = allDevices()
    .map((device) => (troubledOnly.value ? device.value : device.peek()))
    .filter((device) => home.value === '' || device.home === home.value)
    .filter((device) => wanted === '' || textOf(device).includes(wanted))
    .filter((device) => !troubledOnly.value || findingsOf(device).some(({ grade }) => grade !== 'note'))
    .sort((a, b) => a.name.localeCompare(b.name))
  let place = 0
  return homes.value
    .map((one) => {
      const inHome = shown.filter((device) => device.home === one.id)
      const groups = groupsOf(one, inHome, place)
      place += inHome.length
      return { home: one, groups }
    })
    .filter((one) => one.groups.length > 0)
})

function textOf({ name, id, product, category, room }: PageDevice): string {
  const place = rooms.value.find((one) => one.id === room)?.name ?? ''
  return `${name} ${id} ${product} ${category} ${place}`.toLowerCase()
}

/** `before`: how many devices stand before those of this home. */
function groupsOf({ id: homeId }: PagePlace, devices: readonly PageDevice[], before: number): Group[] {
  const placed = rooms.value.filter((room) => room.home === homeId)
  const known = new Set(placed.map(({ id }) => id))
  let place = before
  const group = (key: string, name: string, isIn: (device: PageDevice) => boolean): Group => {
    const ids = devices.filter(isIn).map(({ id }) => id)
    place += ids.length
    return { key, name, ids, place: place - ids.length }
  }
  return [
    ...placed.map(({ id, name }) => group(id, name, ({ room }) => room === id)),
    group('', 'No room', ({ room }) => room === null || !known.has(room)),
  ].filter(({ ids }) => ids.length > 0)
}

export function Devices() {
  const isThere = groups.value.length > 0
  useEffect(() => furnish(allDevices().length), [isThere])
  return (
    <>
      <Filters />
      {groups.value.length === 0 && <p class="empty">No device fits.</p>}
      {groups.value.map(({ home: { id, name }, groups: inHome }) => (
        <section key={id} class="home">
          <h2>{name}</h2>
          {inHome.map((group) => (
            <section key={group.key} class="room" aria-label={`${group.name}, ${name}`}>
              <h3>{group.name}</h3>
              <ul class="cards">
                {group.ids.map((device, i) => (
                  <DeviceCard key={device} id={device} place={group.place + i} />
                ))}
              </ul>
            </section>
          ))}
        </section>
      ))}
    </>
  )
}

function Filters() {
  return (
    <search class="filters">
      <input
        type="search"
        placeholder="Name, room, product, id"
        aria-label="Search devices"
        value={search}
        onInput={(event) => {
          search.value = event.currentTarget.value
        }}
      />
      {homes.value.length > 1 && (
        <select
          aria-label="Home"
          value={home}
          onChange={(event) => {
            home.value = event.currentTarget.value
          }}
        >
          <option value="">All homes</option>
          {homes.value.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      )}
      <label class="check">
        <input
          type="checkbox"
          checked={troubledOnly}
          onChange={(event) => {
            troubledOnly.value = event.currentTarget.checked
          }}
        />{' '}
        Only with trouble
      </label>
    </search>
  )
}
