import { signal } from '@preact/signals'
import type { PageEvent, PageReceipt } from '../../src/app/page/protocol.ts'
import { timeText, words } from '../format.ts'
import { detailsOf } from '../route.ts'
import { automations, deviceOf, events, now, receipts, reports, scenes } from '../store.ts'

const withReports = signal(false)

/** What happened, and what became of commands: the newest on top. */
export function Activity() {
  return (
    <div class="columns">
      <section class="panel">
        <h2>Commands</h2>
        <Receipts />
      </section>
      <section class="panel">
        <header>
          <h2>Events</h2>
          <label class="check">
            <input
              type="checkbox"
              checked={withReports}
              onChange={(event) => {
                withReports.value = event.currentTarget.checked
              }}
            />{' '}
            Every report
          </label>
        </header>
        <Events />
      </section>
    </div>
  )
}

function Receipts() {
  const all = [...receipts.value].reverse()
  if (all.length === 0) return <p class="empty">Nobody has commanded anything yet.</p>
  return (
    <ul class="rows receipts">
      {all.map((receipt, i) => (
        <Receipt key={`${receipt.timeMs} ${receipt.target} ${all.length - i}`} receipt={receipt} />
      ))}
    </ul>
  )
}

function Receipt({ receipt }: { receipt: PageReceipt }) {
  const { target, state, ok, ms, path, timeMs, message, sent, warnings } = receipt
  return (
    <li>
      <div>
        <span class="title">
          <Target path={target} />
        </span>
        {sent && <code class="sent">{JSON.stringify(sent)}</code>}
        {message && <span class="sub">{message}</span>}
        {warnings.length > 0 && <span class="sub">{warnings.join(', ')}</span>}
      </div>
      <span class="facts">
        <span class={`tag ${ok ? 'good' : state === 'superseded' ? 'note' : 'bad'}`}>{state}</span>
        <span>
          {ms} ms{path ? ` · ${path}` : ''}
        </span>
        <time>{timeText(timeMs, now.value)}</time>
      </span>
    </li>
  )
}

/** `device/<id>` by the name that people know. */
function Target({ path }: { path: string }) {
  const [kind = '', id = ''] = path.split('/')
  const device = kind === 'device' ? deviceOf(id)?.value : undefined
  if (device) return <a href={detailsOf(id)}>{device.name}</a>
  const list = kind === 'scene' ? scenes.value : kind === 'automation' ? automations.value : []
  const name = list.find((one) => one.id === id)?.name
  return <>{name ?? path}</>
}

function Events() {
  const shown = withReports.value
    ? [...events.value, ...reports.value].sort((a, b) => b.timeMs - a.timeMs)
    : [...events.value].reverse()
  if (shown.length === 0) return <p class="empty">Nothing has happened yet.</p>
  return (
    <ul class="rows events">
      {shown.map((event, i) => (
        <Event key={`${event.timeMs} ${event.topic} ${shown.length - i}`} event={event} />
      ))}
    </ul>
  )
}

function Event({ event: { topic, kind, text, timeMs } }: { event: PageEvent }) {
  const about = topic.replace(/^event\//, '')
  return (
    <li>
      <div>
        <span class="title">
          {words(kind)} {about.startsWith('device/') && <Target path={about} />}
        </span>
        <code class="sub">{topic}</code>
        <code class="sent">{text}</code>
      </div>
      <span class="facts">
        <time>{timeText(timeMs, now.value)}</time>
      </span>
    </li>
  )
}
