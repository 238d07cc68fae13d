import { objectPrefix } from './document.ts'

/** What a document is about. */
export type Subject = 'bridge' | `device/${string}` | `scenes/${string}` | `automations/${string}`

export interface DiscoveryTopicsParts {
  /** The level below which Home Assistant looks. */
  readonly prefix: string
  readonly instance: string
}

/** Where documents stand, and what they are about by where they stand. */
export class DiscoveryTopics {
  readonly #prefix: string
  /** What the topics of this bridge's documents begin with. */
  readonly #begin: string

  constructor({ prefix, instance }: DiscoveryTopicsParts) {
    this.#prefix = prefix
    this.#begin = `${prefix}/device/${objectPrefix(instance)}`
  }

  /** Where Home Assistant says that it came up. */
  get birth(): string {
    return `${this.#prefix}/status`
  }

  /** All documents, of whichever program. */
  get filter(): string {
    return `${this.#prefix}/device/+/config`
  }

  isOurs(topic: string): boolean {
    return topic.startsWith(this.#begin) && topic.endsWith(end)
  }

  /** Of one of ours: the id of its device, if it is that of a device. */
  objectIn(topic: string): string {
    return topic.slice(this.#begin.length, -end.length)
  }

  /** The first page is 0. */
  of(subject: Subject, page: number): string {
    const [kind, id] = subject.split('/')
    const object = id === undefined ? kind : kind === 'device' ? id : `${kind}_${id}`
    return `${this.#begin}${object}${page === 0 ? '' : `_${page + 1}`}${end}`
  }

  /** Of one of ours that is a further page: of what, and its number as it is written, from 2. */
  pageIn(topic: string): { readonly subject: Subject; readonly page: number } | undefined {
    const [, kind, home, page] = pagePattern.exec(this.objectIn(topic)) ?? []
    return kind === undefined ? undefined : { subject: `${kind}/${home}` as Subject, page: Number(page) }
  }
}

const end = '/config'
const pagePattern = /^(scenes|automations)_(\d+)_(\d{1,3})$/
