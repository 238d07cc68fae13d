import { useEffect, useRef } from 'preact/hooks'
import type { PageDevice, PageFact, PagePoint, PageWay } from '../../src/app/page/protocol.ts'
import { ask } from '../connection.ts'
import { controlOf } from '../control.ts'
import { adviceOf, byGrade } from '../doctor.ts'
import { ageText, timeText, words } from '../format.ts'
import { closeDetails } from '../route.ts'
import { base, deviceOf, findingsOf, homes, lastReceipts, now, pointsOf, rooms } from '../store.ts'
import { ControlRow } from './controls.tsx'
import { Findings } from './findings.tsx'
import { notifyOf } from './notices.tsx'

/** Everything of one device: what is wrong, its ways, all its points with their age, and where it stands on MQTT. */
export function Details({ id }: { id: string }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const device = deviceOf(id)?.value
  useEffect(() => {
    if (device && !dialog.current?.open) dialog.current?.showModal()
  }, [device !== undefined])
  if (!device) return null
  return (
    <dialog ref={dialog} onClose={closeDetails} aria-labelledby="details-name">
      <header>
        <h2 id="details-name">{device.name}</h2>
        <button type="button" class="quiet" aria-label="Close" onClick={() => dialog.current?.close()}>
          ×
        </button>
      </header>
      <p class="place">{placeOf(device)}</p>
      <Findings findings={findingsOf(device).sort(byGrade)} />
      <Ways device={device} />
      <Points device={device} />
      <Addresses device={device} />
    </dialog>
  )
}

function placeOf({ home, room, product, category }: PageDevice): string {
  const name = (places: typeof homes, id: string | null) =>
    places.value.find((place) => place.id === id)?.name
  return [name(homes, home), name(rooms, room), product, `category ${category}`].filter(Boolean).join(' · ')
}

function Ways({ device }: { device: PageDevice }) {
  const read = async () =>
    notifyOf(await ask({ do: 'read', device: device.id }), `${device.name}, read again`)
  const last = lastReceipts.value.get(`device/${device.id}`)
  return (
    <section>
      <h3>Route</h3>
      <dl>
        <dt>LAN</dt>
        <dd>{wayText(device.ways.lan)}</dd>
        <dt>Cloud</dt>
        <dd>{wayText(device.ways.cloud)}</dd>
        <dt>Heard</dt>
        <dd>
          {device.heardMs === null ? 'not since the bridge started' : ageText(device.heardMs, now.value)}
        </dd>
        {last && (
          <>
            <dt>Last command</dt>
            <dd>
              {last.state} in {last.ms} ms{last.message ? `: ${last.message}` : ''}
            </dd>
          </>
        )}
      </dl>
      <button type="button" onClick={() => void read()}>
        Read again
      </button>
    </section>
  )
}

function wayText({ state, reason, sinceMs, version }: PageWay): string {
  const since = sinceMs ? `, since ${timeText(sinceMs, now.value)}` : ''
  const more = state === 'down' ? `: ${adviceOf(reason)[0]}` : version ? `, version ${version}` : ''
  return `${state}${more}${state === 'unused' ? '' : since}`
}

function Points({ device }: { device: PageDevice }) {
  const points = pointsOf(device) ?? []
  const described = new Set(points.map(({ code }) => code))
  const others = Object.keys(device.dp).filter((code) => !described.has(code))
  return (
    <section class="points">
      <h3>Data points</h3>
      <ul>
        {points.map((point) => (
          <Point key={point.code} device={device} point={point} />
        ))}
        {others.map((code) => (
          <Point key={code} device={device} point={{ ...undescribed, code, name: words(code) }} />
        ))}
      </ul>
    </section>
  )
}

const undescribed: PagePoint = {
  code: '',
  name: '',
  type: 'unknown',
  access: 'ro',
  unit: null,
  min: null,
  max: null,
  step: null,
  range: null,
  maxlen: null,
  colour: null,
  momentary: false,
  once: false,
}

function Point({ device, point }: { device: PageDevice; point: PagePoint }) {
  const fact = device.dp[point.code]
  return (
    <li>
      <ControlRow device={device} control={controlOf(point, device.barred)} />
      <p class="origin">
        <code>{point.code}</code> {originOf(point, fact)}
      </p>
    </li>
  )
}

const sources: Readonly<Record<string, string>> = {
  lan: 'over the LAN',
  queue: 'by the event queue',
  poll: 'read from the cloud',
  ack: 'acknowledged',
  snapshot: 'from before the start',
}

function originOf({ momentary, access }: PagePoint, fact: PageFact | undefined): string {
  if (momentary) return 'an event, never a state'
  if (access === 'wo') return 'can only be written'
  if (!fact) return 'not reported yet'
  const [, timeMs, source, marks] = fact
  const doubts = [marks & 1 ? 'stale' : '', marks & 2 ? 'does not fit its type' : ''].filter(Boolean)
  return [`${timeText(timeMs, now.value)}, ${sources[source] ?? source}`, ...doubts].join(', ')
}

function Addresses({ device: { id } }: { device: PageDevice }) {
  return (
    <section>
      <h3>On MQTT</h3>
      <p class="addresses">
        <code>{`${base.value}/state/device/${id}`}</code>
        <code>{`${base.value}/cmd/device/${id}`}</code>
        <code>{`${base.value}/result/device/${id}`}</code>
      </p>
    </section>
  )
}
