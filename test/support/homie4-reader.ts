/**
 * A strict reader of Homie 4, written from the convention and not from what publishes: what is retained below a domain,
 * by topic, and what is wrong with it.
 */

const id = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/
const states = ['init', 'ready', 'disconnected', 'sleeping', 'lost', 'alert']
const datatypes = ['integer', 'float', 'boolean', 'string', 'enum', 'color']

export interface ReadProperty {
  readonly datatype: string
  readonly format: string
  readonly settable: boolean
  readonly retained: boolean
  readonly unit: string
  readonly value: string | undefined
}

export interface ReadDevice {
  readonly name: string
  readonly state: string
  /** By `<node>/<property>`. */
  readonly properties: ReadonlyMap<string, ReadProperty>
}

export interface Read {
  readonly devices: ReadonlyMap<string, ReadDevice>
  readonly faults: readonly string[]
}

export function readHomie4(retained: ReadonlyMap<string, string>, domain = 'homie'): Read {
  const reader = new Reader(retained, domain)
  const found = [...retained.keys()].flatMap((topic) => {
    const [base, device, attribute, more] = topic.split('/')
    return base === domain && attribute === '$homie' && more === undefined ? [device ?? ''] : []
  })
  const devices = new Map(found.map((device) => [device, reader.device(device)]))
  for (const topic of retained.keys())
    if (topic.startsWith(`${domain}/`) && !topic.startsWith(`${domain}/5/`) && !reader.known.has(topic))
      reader.faults.push(`${topic}: nobody has announced it`)
  return { devices, faults: reader.faults }
}

class Reader {
  readonly faults: string[] = []
  readonly known = new Set<string>()
  readonly #retained: ReadonlyMap<string, string>
  readonly #domain: string

  constructor(retained: ReadonlyMap<string, string>, domain: string) {
    this.#retained = retained
    this.#domain = domain
  }

  device(device: string): ReadDevice {
    this.#isId(device)
    if (!/^4\.0\.\d+$/.test(this.#take(`${device}/$homie`) ?? ''))
      this.#fault(`${device}/$homie`, 'no version 4')
    const state = this.#oneOf(`${device}/$state`, states)
    const name = this.#text(`${device}/$name`)
    for (const optional of ['$implementation', '$extensions']) this.#take(`${device}/${optional}`)
    const nodes = this.#list(`${device}/$nodes`)
    const properties = new Map<string, ReadProperty>()
    for (const node of nodes) {
      this.#text(`${device}/${node}/$name`)
      this.#text(`${device}/${node}/$type`)
      const listed = this.#list(`${device}/${node}/$properties`)
      if (listed.length === 0) this.#fault(`${device}/${node}/$properties`, 'empty')
      for (const property of listed)
        properties.set(`${node}/${property}`, this.#property(`${device}/${node}/${property}`))
    }
    return { name, state, properties }
  }

  #property(path: string): ReadProperty {
    this.#text(`${path}/$name`)
    const datatype = this.#oneOf(`${path}/$datatype`, datatypes)
    const format = this.#take(`${path}/$format`) ?? ''
    const settable = this.#boolean(`${path}/$settable`, false)
    const retained = this.#boolean(`${path}/$retained`, true)
    const unit = this.#take(`${path}/$unit`) ?? ''
    const value = this.#take(path)
    if (value !== undefined && !retained) this.#fault(path, 'retained, though it only happens')
    const wrong = formatFault(datatype, format)
    if (wrong !== undefined) this.#fault(`${path}/$format`, wrong)
    else if (value !== undefined && !fits(value, datatype, format))
      this.#fault(path, `${JSON.stringify(value)} is no ${datatype} of ${format}`)
    return { datatype, format, settable, retained, unit, value }
  }

  #take(path: string): string | undefined {
    const topic = `${this.#domain}/${path}`
    this.known.add(topic)
    return this.#retained.get(topic)
  }

  #text(path: string): string {
    const found = this.#take(path) ?? ''
    if (found === '') this.#fault(path, 'missing')
    return found
  }

  #oneOf(path: string, words: readonly string[]): string {
    const found = this.#take(path) ?? ''
    if (!words.includes(found)) this.#fault(path, `“${found}” is none of ${words}`)
    return found
  }

  #boolean(path: string, otherwise: boolean): boolean {
    const found = this.#take(path)
    if (found !== undefined && found !== 'true' && found !== 'false') this.#fault(path, `“${found}”`)
    return found === undefined ? otherwise : found === 'true'
  }

  #list(path: string): readonly string[] {
    const found = this.#take(path) ?? ''
    const ids = found === '' ? [] : found.split(',')
    for (const one of ids) this.#isId(one)
    if (new Set(ids).size !== ids.length) this.#fault(path, 'something twice')
    return ids
  }

  #isId(text: string): void {
    if (!id.test(text)) this.#fault(text, 'no id')
  }

  #fault(path: string, what: string): void {
    this.faults.push(`${path}: ${what}`)
  }
}

function formatFault(datatype: string, format: string): string | undefined {
  switch (datatype) {
    case 'integer':
    case 'float': {
      const parts = format === '' ? ['0', '1'] : format.split(':')
      const [min, max] = parts.map(Number)
      return parts.length === 2 && Number(min) < Number(max) ? undefined : `no range: ${format}`
    }
    case 'enum': {
      const words = format.split(',')
      return words.includes('') || new Set(words).size !== words.length ? `no list: ${format}` : undefined
    }
    case 'color':
      return format === 'rgb' || format === 'hsv' ? undefined : `no form of colours: ${format}`
    default:
      return undefined
  }
}

function fits(value: string, datatype: string, format: string): boolean {
  switch (datatype) {
    case 'boolean':
      return value === 'true' || value === 'false'
    case 'integer':
      return /^-?\d+$/.test(value)
    case 'float':
      return /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(value)
    case 'enum':
      return format.split(',').includes(value)
    case 'color': {
      const tops = format === 'rgb' ? [255, 255, 255] : [360, 100, 100]
      const numbers = value.split(',')
      return (
        numbers.length === 3 &&
        numbers.every((number, i) => /^\d+$/.test(number) && Number(number) <= (tops[i] ?? 0))
      )
    }
    default:
      return value !== ''
  }
}

/** What was said, in its order: attributes are complete before a device is ready, and change in `init` alone. */
export function lifeFaults(
  said: readonly (readonly [topic: string, payload: string, retain: boolean])[],
  domain = 'homie',
): readonly string[] {
  const states = new Map<string, string>()
  return said.flatMap(([topic, payload, retain]) => {
    const [base, device = '', ...path] = topic.split('/')
    if (base !== domain || device === '5') return []
    const last = path.at(-1) ?? ''
    if (path.length === 1 && last === '$state') {
      states.set(device, payload)
      return retain ? [] : [`${topic}: not retained`]
    }
    if (!last.startsWith('$')) return []
    const state = states.get(device)
    const isGone = state === 'disconnected' || state === ''
    return state === 'init' || (isGone && payload === '') ? [] : [`${topic} said in “${state}”`]
  })
}
