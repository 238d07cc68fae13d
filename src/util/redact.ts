import { mapMembers } from './json.ts'
import { Secret } from './secret.ts'
import { wellFormed } from './text.ts'

const mask = '[redacted]'

/** Shorter texts occur in ordinary words; masking them would wreck the log and tell their length. */
const shortest = 4

/** How many secrets are known at most, of those that come and go and of those that stay; a fleet has one local key per device and a few more. */
const capacity = 10_000

/**
 * S-2: redaction by value. Knows every secret in all the forms in which it could appear in a finished line. The forms
 * are found by how they begin: learning one more costs the same with ten secrets and with ten thousand, and so does
 * a line, which one pattern of all forms together would hold up for seconds.
 */
export class Redactor {
  readonly #passing = new Map<string, readonly string[]>()
  readonly #kept = new Map<string, readonly string[]>()
  readonly #byStart = new Map<number, string[]>()

  /** From now on the text is masked. Of keys and tokens, which come and go, the one learned longest ago is forgotten past the cap. */
  learn(secret: Secret | string): void {
    const text = textOf(secret)
    if (!this.#kept.has(text)) this.#put(this.#passing, text)
  }

  /**
   * From now on the text is masked, however many others are learned: what a configuration holds, and what follows from
   * it. No configuration holds as many as the cap, past which those of earlier ones are forgotten.
   */
  keep(secret: Secret | string): void {
    const text = textOf(secret)
    this.#put(this.#kept, text)
    this.#drop(this.#passing, text)
  }

  forget(secret: Secret | string): void {
    for (const known of [this.#passing, this.#kept]) this.#drop(known, textOf(secret))
  }

  redact(line: string): string {
    if (this.#byStart.size === 0) return line
    let redacted = ''
    let from = 0
    for (let at = 0; at + shortest <= line.length; ) {
      const found = this.#longestAt(line, at)
      if (found === 0) {
        at++
        continue
      }
      redacted += line.slice(from, at) + mask
      at += found
      from = at
    }
    return redacted + line.slice(from)
  }

  /** The same for every text inside a JSON value; member names are left alone. Without a secret it is the same value. */
  redactJson(value: unknown): unknown {
    if (typeof value === 'string') return this.redact(value)
    return mapMembers(value, (member) => this.redactJson(member))
  }

  /** Known ones become the youngest. */
  #put(known: Map<string, readonly string[]>, text: string): void {
    if (text.length < shortest) return
    const before = known.get(text)
    const forms = before ?? formsOf(text)
    known.delete(text)
    known.set(text, forms)
    if (before) return
    for (const form of forms) this.#add(form)
    const [oldest] = known.size > capacity ? known.keys() : []
    if (oldest !== undefined) this.#drop(known, oldest)
  }

  #drop(known: Map<string, readonly string[]>, text: string): void {
    for (const form of known.get(text) ?? []) this.#remove(form)
    known.delete(text)
  }

  /** Length of the longest form that stands here; 0 when none does. */
  #longestAt(line: string, at: number): number {
    let longest = 0
    for (const form of this.#byStart.get(startOf(line, at)) ?? []) {
      if (form.length > longest && line.startsWith(form, at)) longest = form.length
    }
    return longest
  }

  #add(form: string): void {
    const start = startOf(form, 0)
    const known = this.#byStart.get(start)
    if (known) known.push(form)
    else this.#byStart.set(start, [form])
  }

  /** Two secrets may share a form: one of its entries goes. */
  #remove(form: string): void {
    const start = startOf(form, 0)
    const known = this.#byStart.get(start) ?? []
    known.splice(known.indexOf(form), 1)
    if (known.length === 0) this.#byStart.delete(start)
  }
}

function textOf(secret: Secret | string): string {
  return secret instanceof Secret ? secret.reveal() : secret
}

/** A number for the first characters from here on; different ones may share it. */
function startOf(text: string, at: number): number {
  let start = 0
  for (let i = at; i < at + shortest; i++) start = (Math.imul(start, 31) + text.charCodeAt(i)) | 0
  return start
}

/** Every form of S-2: plain, base64 (alone and inside a longer text), hex, URL-encoded, JSON-escaped. */
export function formsOf(text: string): string[] {
  const bytes = Buffer.from(text)
  const json = JSON.stringify(text).slice(1, -1)
  const forms = [
    text,
    json,
    JSON.stringify(json).slice(1, -1),
    ...urlEncoded(text),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    bytes.toString('base64'),
    bytes.toString('base64url'),
    ...base64Inside(bytes, 'base64'),
    ...base64Inside(bytes, 'base64url'),
  ]
  return [...new Set(forms)].filter((form) => form.length >= shortest)
}

/** A URL has three ways to write a text: as a component, as a field of a form, and as somebody's password. */
function urlEncoded(text: string): string[] {
  const url = new URL('mqtt://broker')
  url.username = 'user'
  url.password = text
  return [
    encodeURIComponent(wellFormed(text)),
    new URLSearchParams({ '': text }).toString().slice(1),
    url.password,
  ]
}

/** The characters of the base64 of any text that holds the secret, for each of the three alignments. */
function base64Inside(bytes: Buffer, encoding: 'base64' | 'base64url'): string[] {
  if (bytes.length < 6) return []
  return [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString(encoding)
      .replace(/=+$/, '')
    // Characters that mix secret bytes with a neighbour's are left out at both ends.
    const start = Math.ceil((offset * 8) / 6)
    const end = Math.floor(((offset + bytes.length) * 8) / 6)
    return encoded.slice(start, end)
  })
}
