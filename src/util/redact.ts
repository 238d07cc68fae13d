import { Secret } from './secret.ts'

const mask = '[redacted]'

/** Shorter texts occur in ordinary words; masking them would wreck the log and tell their length. */
const shortest = 4

/** How many secrets are known at most; a fleet has one local key per device and a few more. */
const capacity = 10_000

/**
 * S-2: redaction by value. Knows every secret in all the forms in which it could appear in a finished line.
 * The pattern is built at the first use after a change, since keys and tokens arrive in bursts.
 */
export class Redactor {
  readonly #forms = new Map<string, readonly string[]>()
  #pattern: RegExp | undefined

  /** From now on the text is masked. The oldest secret is forgotten past the cap. */
  learn(secret: Secret | string): void {
    const text = secret instanceof Secret ? secret.reveal() : secret
    if (text.length < shortest || this.#forms.has(text)) return
    this.#forms.set(text, formsOf(text))
    if (this.#forms.size > capacity) {
      const oldest = this.#forms.keys().next()
      if (!oldest.done) this.#forms.delete(oldest.value)
    }
    this.#pattern = undefined
  }

  forget(secret: Secret | string): void {
    if (this.#forms.delete(secret instanceof Secret ? secret.reveal() : secret)) this.#pattern = undefined
  }

  redact(line: string): string {
    if (this.#forms.size === 0) return line
    this.#pattern ??= compile([...this.#forms.values()].flat())
    return line.replace(this.#pattern, mask)
  }

  /** The same for every text inside a JSON value; member names are left alone. */
  redactJson(value: unknown): unknown {
    if (typeof value === 'string') return this.redact(value)
    if (Array.isArray(value)) return value.map((element) => this.redactJson(element))
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, this.redactJson(member)]))
    }
    return value
  }
}

/** Every form of S-2: plain, base64 (alone and inside a longer text), hex, URL-encoded, JSON-escaped. */
export function formsOf(text: string): string[] {
  const bytes = Buffer.from(text)
  const json = JSON.stringify(text).slice(1, -1)
  const forms = [
    text,
    json,
    JSON.stringify(json).slice(1, -1),
    encodeURIComponent(wellFormed(text)),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    bytes.toString('base64'),
    bytes.toString('base64url'),
    ...base64Inside(bytes),
  ]
  return [...new Set(forms)].filter((form) => form.length >= shortest)
}

/** encodeURIComponent throws on a lone surrogate (String.prototype.toWellFormed came after the Node that we start at). */
function wellFormed(text: string): string {
  return Buffer.from(text).toString()
}

/** The characters of the base64 of any text that holds the secret, for each of the three alignments. */
function base64Inside(bytes: Buffer): string[] {
  if (bytes.length < 6) return []
  return [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    // Characters that mix secret bytes with a neighbour's are left out at both ends.
    const start = Math.ceil((offset * 8) / 6)
    const end = Math.floor(((offset + bytes.length) * 8) / 6)
    return encoded.slice(start, end)
  })
}

function compile(forms: string[]): RegExp {
  const longestFirst = forms.sort((a, b) => b.length - a.length)
  return new RegExp(longestFirst.map((form) => form.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')).join('|'), 'g')
}
