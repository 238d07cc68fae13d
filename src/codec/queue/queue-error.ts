import { BridgeError } from '../../util/error.ts'

/** What can be wrong with a message; the words are those of the platform's own documentation of the queue. */
export type QueueFault =
  | 'frame_json'
  | 'payload_base64'
  | 'payload_json'
  | 'data_missing'
  | 'data_base64'
  | 'data_length'
  | 'decrypt'
  | 'body_json'
  | 'unsupported_encryption'

const advice: Readonly<Record<QueueFault, string>> = {
  frame_json: 'The queue sent a frame that is no message.',
  payload_base64: 'The payload of a message is not base64.',
  payload_json: 'The payload of a message is no envelope.',
  data_missing: 'The envelope of a message has no data.',
  data_base64: 'The data of a message are not base64.',
  data_length: 'The data of a message have a length that no ciphertext has.',
  decrypt: 'A message cannot be decrypted: it is damaged, or it is another key, so check the access secret.',
  body_json:
    'What a message was decrypted to is no message: it was sent so, or it is another key, so check the access secret.',
  unsupported_encryption: 'A message is encrypted in a way that is not known here.',
}

export interface QueueErrorOptions {
  /** What exactly; a sentence that never quotes the message. */
  readonly detail?: string | undefined
  readonly messageId?: string | undefined
  /** False where the plain text is known to be what the sender wrote. */
  readonly keySuspect?: boolean
}

/** A message that cannot be read. Its text never holds a key nor a part of the message. */
export class QueueError extends BridgeError {
  override readonly code: QueueFault
  /** The code as it may be published: area and word. */
  readonly reason: string
  /** Of a frame that is broken but still tells whom to acknowledge. */
  readonly messageId: string | null
  /** It may have been the key rather than the message (R-Q4). */
  readonly keySuspect: boolean

  constructor(code: QueueFault, options: QueueErrorOptions = {}) {
    const { detail, messageId = null, keySuspect = code === 'decrypt' || code === 'body_json' } = options
    super(code, detail === undefined ? advice[code] : `${advice[code]} ${detail}`)
    this.name = 'QueueError'
    this.code = code
    this.reason = `queue/${code.replaceAll('_', '-')}`
    this.messageId = messageId
    this.keySuspect = keySuspect
  }
}
