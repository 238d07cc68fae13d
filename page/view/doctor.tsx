import { computed } from '@preact/signals'
import type { LinkHealth, LinkStatus } from '../../src/domain/link.ts'
import { ask } from '../connection.ts'
import { adviceOf, byGrade, examineLinks, examineSettings, type LinkName, linkName } from '../doctor.ts'
import { ageText, countText, spanText, timeText, words } from '../format.ts'
import { detailsOf } from '../route.ts'
import { allDevices, arrangement, findingsOf, health, info, now } from '../store.ts'
import { Findings } from './findings.tsx'
import { notifyOf } from './notices.tsx'

const shownAtMost = 100

/** Devices with something to do about, the gravest first. */
const patients = computed(() => {
  arrangement.value
  return allDevices()
    .map(({ value: device }) => ({ device, findings: findingsOf(device).sort(byGrade) }))
    .filter(({ findings }) => findings.some(({ grade }) => grade !== 'note'))
    .sort(
      (a, b) =>
        byGrade(a.findings[0] as never, b.findings[0] as never) || a.device.name.localeCompare(b.device.name),
    )
})

/** How many things ask to be looked at. */
export const troubles = computed(() => {
  const links = health.value ? examineLinks(health.value) : []
  return links.length + patients.value.length
})

/** What is wrong and what to do about it, for links, settings and devices. */
export function Doctor() {
  const document = health.value
  const settings = info.value ? examineSettings(info.value) : []
  const links = document ? examineLinks(document) : []
  const isWell = links.length === 0 && patients.value.length === 0
  return (
    <>
      {isWell && <p class="well">Nothing is wrong: every link works, and no device complains.</p>}
      {links.length === 0 && <Patients />}
      <div class="columns">
        <section class="panel">
          <h2>Links</h2>
          <Findings findings={links} />
          <Links />
          <Budget />
        </section>
        <section class="panel">
          <h2>Bridge</h2>
          <Self />
          <h3>Settings to think about</h3>
          {settings.length === 0 ? <p class="empty">None.</p> : <Findings findings={settings} />}
        </section>
      </div>
      {links.length > 0 && <Patients />}
    </>
  )
}

function Patients() {
  if (patients.value.length === 0) return null
  return (
    <section class="panel">
      <h2>Devices</h2>
      <ul class="patients">
        {patients.value.slice(0, shownAtMost).map(({ device, findings }) => (
          <li key={device.id}>
            <a href={detailsOf(device.id)}>{device.name}</a>
            <Findings findings={findings} />
          </li>
        ))}
      </ul>
      {patients.value.length > shownAtMost && (
        <p class="empty">and {patients.value.length - shownAtMost} more.</p>
      )}
    </section>
  )
}

function Links() {
  const links = health.value?.links
  if (!links) return null
  const { lan } = links
  const lanReasons = Object.entries(lan.reasons).map(([word, n]) => `${n} ${adviceOf(word)[0]}`)
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Link</th>
          <th scope="col">State</th>
          <th scope="col">Since</th>
          <th scope="col">Heard</th>
        </tr>
      </thead>
      <tbody>
        {(['mqtt', 'cloud', 'queue'] as const).map((name) => (
          <LinkRow key={name} name={name} link={links[name]} />
        ))}
        <tr>
          <th scope="row">LAN</th>
          <td>
            <span class={`tag ${tagOf(lan.state)}`}>{lan.state}</span>
          </td>
          <td colSpan={2}>
            {lan.state !== 'unused' && [`${lan.up} up, ${lan.down} down`, ...lanReasons].join('; ')}
          </td>
        </tr>
      </tbody>
    </table>
  )
}

function LinkRow({ name, link: { state, reason, sinceMs, lastMs } }: { name: LinkName; link: LinkHealth }) {
  return (
    <tr>
      <th scope="row">{linkName(name)}</th>
      <td>
        <span class={`tag ${tagOf(state)}`}>{state}</span> {reason}
      </td>
      <td>{state === 'unused' || sinceMs === 0 ? '' : timeText(sinceMs, now.value)}</td>
      <td>{lastMs === null ? '' : ageText(lastMs, now.value)}</td>
    </tr>
  )
}

function tagOf(state: LinkStatus): string {
  return { up: 'good', unused: 'note', degraded: 'warn', down: 'bad' }[state]
}

function Budget() {
  const budget = health.value?.budget
  if (!budget) return null
  const { used, limit, resetMs } = budget
  return (
    <div class="budget">
      <h3 id="budget">Cloud calls of today</h3>
      <meter aria-labelledby="budget" min={0} max={limit} high={limit * 0.8} optimum={0} value={used} />
      <p>
        {countText(used)} of {countText(limit)}, counted anew in {spanText(resetMs - now.value)}
      </p>
    </div>
  )
}

function Self() {
  const about = info.value
  const document = health.value
  const resync = async () => notifyOf(await ask({ do: 'resync' }), 'Reading everything again')
  if (!about || !document) return null
  return (
    <>
      <dl>
        <dt>Version</dt>
        <dd>{about.version}</dd>
        <dt>Instance</dt>
        <dd>{about.instance}</dd>
        <dt>Runs since</dt>
        <dd>{timeText(about.startedMs, now.value)}</dd>
        <dt>Shows</dt>
        <dd>
          {about.counts.devices} devices, {about.counts.rooms} rooms, {about.counts.homes} homes
        </dd>
        <dt>Waiting</dt>
        <dd>
          {Object.entries(document.queues)
            .map(([name, n]) => `${words(name).toLowerCase()} ${n}`)
            .join(', ')}
        </dd>
      </dl>
      <button type="button" onClick={() => void resync()}>
        Read everything again
      </button>
    </>
  )
}
