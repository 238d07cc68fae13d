import { signal } from '@preact/signals'
import type { PageNews, PageReceipt, PageRequest, PageSession } from '../src/app/page/protocol.ts'
import { take } from './store.ts'

/** How the page stands with the bridge. */
export type Standing = 'connecting' | 'live' | 'lost' | 'signed-out' | 'shut'

export const standing = signal<Standing>('connecting')
/** Whether there is a session that one can end. */
export const hasSession = signal(false)

const answerWithinMs = 20_000
const longestPauseMs = 10_000
/** The bridge's own codes; see Watchers. */
const signedOut = 4401

type Asked = PageRequest extends infer R ? (R extends PageRequest ? Omit<R, 'id'> : never) : never

const waiting = new Map<string, (receipt: PageReceipt) => void>()
let socket: WebSocket | undefined
let tries = 0
let count = 0
const run = crypto.getRandomValues(new Uint32Array(2)).join('')

/** Looks whether one has to sign in, and opens the live connection when not. */
export async function open(): Promise<void> {
  let session: PageSession
  try {
    const reply = await fetch('/session')
    session = (await reply.json()) as PageSession
  } catch {
    again()
    return
  }
  hasSession.value = session.needed && session.signedIn
  if (session.shut) standing.value = 'shut'
  else if (!session.signedIn) standing.value = 'signed-out'
  else connect()
}

/** Undefined when one is in; else what to tell. */
export async function signIn(password: string): Promise<string | undefined> {
  try {
    const reply = await fetch('/login', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ password }),
    })
    if (reply.ok) {
      standing.value = 'connecting'
      await open()
      return undefined
    }
    if (reply.status === 429) return 'Too many wrong tries. Wait for a minute.'
    return reply.status === 401 ? 'That is not the password.' : 'The bridge refused this.'
  } catch {
    return 'The bridge cannot be reached.'
  }
}

export async function signOut(): Promise<void> {
  await fetch('/logout', { method: 'POST' })
  socket?.close()
  hasSession.value = false
  standing.value = 'signed-out'
}

/** Asks for something; resolves with what became of it, and never rejects. */
export function ask(asked: Asked): Promise<PageReceipt> {
  const id = `page-${run}-${++count}`
  return new Promise((resolve) => {
    const end = (receipt: PageReceipt) => {
      clearTimeout(timer)
      waiting.delete(id)
      resolve(receipt)
    }
    const timer = setTimeout(() => end(unanswered(id)), answerWithinMs)
    if (socket?.readyState !== WebSocket.OPEN) {
      end(unanswered(id))
      return
    }
    waiting.set(id, end)
    socket.send(JSON.stringify({ ...asked, id }))
  })
}

function unanswered(id: string): PageReceipt {
  return {
    id,
    target: '',
    state: 'timeout',
    ok: false,
    ms: answerWithinMs,
    timeMs: Date.now(),
    path: null,
    by: null,
    reason: null,
    message: 'The bridge did not answer.',
    sent: null,
    warnings: [],
  }
}

function connect(): void {
  const opened = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/live`)
  socket = opened
  opened.addEventListener('message', ({ data }) => {
    tries = 0
    const news = JSON.parse(String(data)) as PageNews
    take(news)
    standing.value = 'live'
    for (const receipt of news.receipts ?? []) if (receipt.id !== null) waiting.get(receipt.id)?.(receipt)
  })
  opened.addEventListener('close', ({ code }) => {
    if (socket !== opened || standing.peek() === 'signed-out') return
    if (code === signedOut) standing.value = 'signed-out'
    else again()
  })
}

/** A little later each time, and never all pages at once. */
function again(): void {
  standing.value = 'lost'
  const pause = Math.min(longestPauseMs, 500 * 2 ** tries++)
  setTimeout(() => void open(), pause * (0.5 + Math.random() / 2))
}
