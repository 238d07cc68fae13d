import type { FeedMessage } from '../feed.ts'

/** How a body is encrypted; `plain-ecb` is the other one without a word about it. */
export type QueueCipher = 'ecb' | 'plain-ecb' | 'gcm'

/** A message as it goes into the queue. */
export interface QueueContent {
  readonly protocol: number
  readonly bizCode: string | null
  /** JSON, not yet encrypted. */
  readonly body: string
  /** When it was pushed, as the envelope says it. */
  readonly t: number
  readonly cipher: QueueCipher
  /** Null = the frame has none, not even an empty one. */
  readonly properties: Readonly<Record<string, string>> | null
  readonly damage: QueueDamage | undefined
}

/** What can be wrong with a message so that nobody can read it, from the outermost to the innermost. */
export const poisons = [
  'payload-base64',
  'payload-json',
  'no-data',
  'data-base64',
  'data-length',
  'tag',
  'key',
  'body-json',
  'cipher',
] as const

/** What is wrong with a message beneath its body; a wrong signature keeps nobody from reading it. */
export type QueueDamage = (typeof poisons)[number] | 'sign'

/** What a message may be given that it would otherwise get by chance or by the time. */
export interface ContentWishes {
  readonly cipher?: QueueCipher | undefined
  readonly t?: number | undefined
  readonly properties?: Readonly<Record<string, string>> | null | undefined
  readonly damage?: QueueDamage | undefined
}

const emOf = { ecb: { em: 'aes_ecb' }, 'plain-ecb': {}, gcm: { em: 'aes_gcm' } } as const

export function makeContent(
  { protocol, bizCode, body }: Pick<FeedMessage, 'protocol' | 'bizCode' | 'body'>,
  wishes: ContentWishes & { readonly t: number; readonly cipher: QueueCipher; readonly tid: string },
): QueueContent {
  const { t, tid, damage } = wishes
  // Only one of the ciphers has a tag.
  const cipher = damage === 'tag' ? 'gcm' : wishes.cipher
  const em = damage === 'cipher' ? { em: 'aes_unknown' } : emOf[cipher]
  const properties = wishes.properties === undefined ? { ...em, tid } : wishes.properties
  return { protocol, bizCode, body: JSON.stringify(body), t, cipher, properties, damage }
}
