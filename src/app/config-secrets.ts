import { readFileSync, statSync } from 'node:fs'
import { isRecord } from '../util/json.ts'
import { Secret } from '../util/secret.ts'
import type { ConfigFault } from './config-fault.ts'
import type { ConfigSchema } from './config-shape.ts'

type Tree = Record<string, unknown>

/** S-1: secrets leave the tree before anything else looks at it, and come back wrapped. */
export class SecretShelf {
  readonly all: Secret[] = []
  readonly warnings: string[] = []
  readonly #faults: ConfigFault[]
  readonly #places: { readonly holder: Tree; readonly key: string; readonly secret: Secret }[] = []

  constructor(faults: ConfigFault[]) {
    this.#faults = faults
  }

  #keep(holder: Tree, key: string, text: string): void {
    const secret = new Secret(text)
    this.all.push(secret)
    this.#places.push({ holder, key, secret })
    // What the schema checks in its place: a text of any length.
    holder[key] = 'secret'
  }

  /** Walks the tree along the schema. */
  take(tree: unknown, schema: ConfigSchema, prefix: string): void {
    if (Array.isArray(tree) && schema.items) {
      for (const [i, item] of tree.entries()) this.take(item, schema.items, `${prefix}.${i}`)
    }
    if (!isRecord(tree)) return
    for (const [key, child] of Object.entries(schema.properties ?? {})) {
      const path = prefix === '' ? key : `${prefix}.${key}`
      if (child['x-secret']) this.#takeOne(tree, key, path)
      else if (Object.hasOwn(tree, key)) this.take(tree[key], child, path)
    }
  }

  putBack(): void {
    for (const { holder, key, secret } of this.#places) holder[key] = secret
  }

  #takeOne(holder: Tree, key: string, path: string): void {
    const file = holder[`${key}File`]
    const value = holder[key]
    if (typeof file === 'string' && file !== '') {
      if (typeof value === 'string') {
        this.#faults.push({
          path,
          message: `is given twice, here and by ${key}File.`,
          hint: 'Keep one of the two.',
        })
      }
      this.#readFile(holder, key, path, file)
    } else if (typeof value === 'string' && value !== '') this.#keep(holder, key, value)
    else if (value !== undefined && value !== null && value !== '') {
      this.#faults.push({ path, message: 'must be text.', hint: 'Put it in quotes.' })
      holder[key] = 'secret'
    }
  }

  #readFile(holder: Tree, key: string, path: string, file: string): void {
    try {
      const text = readFileSync(file, 'utf8').replace(/\r?\n$/, '')
      if (text === '')
        this.#faults.push({
          path: `${path}File`,
          message: `${file} is empty.`,
          hint: 'Write the secret into it.',
        })
      else this.#keep(holder, key, text)
      this.warnings.push(...exposed(file))
    } catch (thrown) {
      const code = (thrown as NodeJS.ErrnoException).code
      this.#faults.push({
        path: `${path}File`,
        message: `${file} cannot be read (${code}).`,
        hint: 'Check the path and its rights.',
      })
    }
  }
}

/** What to say of a file with secrets in it that others may read; nothing when they may not, or it is not there. */
export function exposed(file: string): string[] {
  const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0
  return (mode & 0o004) === 0 ? [] : [`${file} can be read by every user of this machine; chmod 600 it.`]
}

/** Whether a secret itself stands in the tree, not the name of a file that holds it. */
export function holdsSecret(tree: Tree, schema: ConfigSchema): boolean {
  const whole = structuredClone(tree)
  splitUserinfo(whole)
  return standsIn(whole, schema)
}

function standsIn(tree: unknown, schema: ConfigSchema): boolean {
  const { items } = schema
  if (Array.isArray(tree)) return items !== undefined && tree.some((item) => standsIn(item, items))
  if (!isRecord(tree)) return false
  return Object.entries(schema.properties ?? {}).some(([key, child]) =>
    child['x-secret'] ? typeof tree[key] === 'string' : standsIn(tree[key], child),
  )
}

/** Credentials inside a URL become user name and password, before secrets are taken, so that the URL may be shown. */
export function splitUserinfo(tree: Tree): void {
  const mqtt = tree['mqtt']
  if (!isRecord(mqtt) || typeof mqtt['url'] !== 'string') return
  const match = /^([a-z]+:\/\/)([^/@]*)@(.*)$/i.exec(mqtt['url'])
  if (!match) return
  const [, scheme = '', userinfo = '', rest = ''] = match
  const [name = '', ...password] = userinfo.split(':')
  mqtt['url'] = scheme + rest
  mqtt['username'] ??= decoded(name)
  if (password.length > 0 && mqtt['password'] === undefined) mqtt['password'] = decoded(password.join(':'))
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
