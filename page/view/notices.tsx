import { signal } from '@preact/signals'
import type { PageReceipt } from '../../src/app/page/protocol.ts'

interface Notice {
  readonly key: number
  readonly text: string
  readonly isBad: boolean
}

const notices = signal<readonly Notice[]>([])
let count = 0

/** Says in a corner what became of something; the ears are told too. */
export function notify(text: string, isBad: boolean): void {
  const key = ++count
  notices.value = [...notices.value.slice(-2), { key, text, isBad }]
  setTimeout(() => dismiss(key), isBad ? 10_000 : 3_000)
}

/** What to say of an answer; nothing where a newer command took the place of this one. */
export function notifyOf(receipt: PageReceipt, what: string): void {
  if (receipt.state === 'superseded') return
  if (receipt.ok) notify(`${what}: done in ${receipt.ms} ms`, false)
  else notify(`${what}: ${receipt.message ?? receipt.reason ?? receipt.state}`, true)
}

function dismiss(key: number): void {
  notices.value = notices.value.filter((notice) => notice.key !== key)
}

export function Notices() {
  return (
    <div class="notices" role="status" aria-live="polite">
      {notices.value.map(({ key, text, isBad }) => (
        <p key={key} class={isBad ? 'notice bad' : 'notice'}>
          {text}
          {isBad && (
            <button type="button" class="quiet" aria-label="Dismiss" onClick={() => dismiss(key)}>
              ×
            </button>
          )}
        </p>
      ))}
    </div>
  )
}
