import { useComputed } from '@preact/signals'
import type { PageDevice, PagePoint } from '../../src/app/page/protocol.ts'
import { type Card, cardOf } from '../control.ts'
import { ageText, newestMs, valueText } from '../format.ts'
import { furnished } from '../furnish.ts'
import { detailsOf } from '../route.ts'
import { deviceOf, now, pointsOf } from '../store.ts'
import { ControlAlone, ControlRow } from './controls.tsx'

/**
 * A device at a glance: what one would do with it, what it says, and by which way it is reached. `place`: how many
 * stand before it.
 */
export function DeviceCard({ id, place }: { id: string; place: number }) {
  const device = deviceOf(id)?.value
  const isFurnished = useComputed(() => place < furnished.value).value
  if (!device) return null
  const { controls, readings } = isFurnished ? choiceOf(pointsOf(device), device.barred) : none
  // What has one switch is switched beside its name.
  const [first, ...more] = controls
  const isSwitched = first?.kind === 'switch' && more.every(({ kind }) => kind !== 'switch')
  return (
    <li class={device.online ? 'card' : 'card offline'} data-device={id}>
      <header>
        <h4>
          <a href={detailsOf(id)}>{device.name}</a>
        </h4>
        {isSwitched && <ControlAlone device={device} control={first} />}
      </header>
      {readings.length > 0 && (
        <p class="readings">
          {readings.map((point) => (
            <span key={point.code} title={point.name}>
              <span class="label">{point.name}</span>{' '}
              <span class="value">{valueText(point, device.dp[point.code]?.[0])}</span>
            </span>
          ))}
        </p>
      )}
      {(isSwitched ? more : controls).map((control) => (
        <ControlRow key={control.point.code} device={device} control={control} />
      ))}
      <p class="route">
        <Way device={device} /> {isFurnished && <Freshness device={device} />}
      </p>
    </li>
  )
}

const choices = new WeakMap<readonly PagePoint[], Card>()
const none: Card = { controls: [], readings: [] }

/** Devices of one model share it. */
function choiceOf(points: readonly PagePoint[] | undefined, barred: boolean): Card {
  if (!points) return none
  if (barred) return cardOf(points, true)
  const known = choices.get(points) ?? cardOf(points)
  choices.set(points, known)
  return known
}

/** By which way a command would go now. */
export function Way({ device: { online, ways } }: { device: PageDevice }) {
  if (!online) return <span class="tag bad">offline</span>
  if (ways.lan.state === 'up') return <span class="tag good">LAN</span>
  if (ways.cloud.state === 'up') return <span class="tag good">cloud</span>
  return <span class="tag bad">no way</span>
}

export function Freshness({ device }: { device: PageDevice }) {
  const newest = newestMs(device.dp)
  const isStale = Object.values(device.dp).some(([, , , marks]) => marks & 1)
  // The text alone follows the clock, not the card.
  const age = useComputed(() => {
    const known = deviceOf(device.id)?.value ?? device
    const since = newestMs(known.dp)
    return since === undefined ? '' : ageText(since, now.value)
  })
  if (newest === undefined) return <span class="age">no value yet</span>
  return (
    <span class="age">
      {age}
      {isStale && (
        <>
          {' '}
          <span class="tag warn">stale</span>
        </>
      )}
    </span>
  )
}
