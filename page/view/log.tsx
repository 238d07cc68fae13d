import { signal } from '@preact/signals'
import type { TailLine } from '../../src/app/log-tail.ts'
import { timeText } from '../format.ts'
import { log, now } from '../store.ts'

const levels = ['debug', 'info', 'warn', 'error'] as const
const least = signal<(typeof levels)[number]>('info')
const grade: Readonly<Record<TailLine['level'], number>> = { debug: 0, info: 1, warn: 2, error: 3, fatal: 4 }

/** The last lines of the log, as they stand in it: without secrets. */
export function LogTail() {
  const shown = log.value.filter(({ level }) => grade[level] >= grade[least.value]).reverse()
  return (
    <section class="panel">
      <header>
        <h2>Log</h2>
        <label class="check">
          From{' '}
          <select
            value={least}
            onChange={(event) => {
              least.value = event.currentTarget.value as typeof least.value
            }}
          >
            {levels.map((level) => (
              <option key={level}>{level}</option>
            ))}
          </select>
        </label>
      </header>
      {shown.length === 0 && <p class="empty">No line of this level.</p>}
      <ol class="log" aria-label="Lines of the log, the newest first">
        {shown.map((line, i) => (
          <li key={`${line.timeMs} ${shown.length - i}`} class={line.level}>
            <time>{timeText(line.timeMs, now.value)}</time>{' '}
            <span class={`tag ${tags[line.level]}`}>{line.level}</span> <span class="part">{line.part}</span>{' '}
            <span class="text">{line.text}</span> <code>{line.more}</code>
          </li>
        ))}
      </ol>
    </section>
  )
}

const tags: Readonly<Record<TailLine['level'], string>> = {
  debug: 'note',
  info: 'note',
  warn: 'warn',
  error: 'bad',
  fatal: 'bad',
}
