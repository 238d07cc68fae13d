import { BridgeError } from '../../util/error.ts'

/** What can be wrong with bytes from the LAN. */
export type LanFault =
  | 'bad_prefix'
  | 'bad_length'
  | 'bad_suffix'
  | 'bad_crc'
  | 'bad_hmac'
  | 'bad_tag'
  | 'bad_padding'
  | 'bad_block_size'
  | 'bad_base64'
  | 'bad_json'
  | 'no_retcode'
  | 'bad_session_length'
  | 'bad_session_hmac'
  | 'unexpected_command'
  | 'version_mismatch'

const advice: Readonly<Record<LanFault, string>> = {
  bad_prefix: 'The device sent bytes that begin no frame.',
  bad_length: 'The device sent a frame with a length that none has.',
  bad_suffix: 'The device sent a frame that does not end as it should.',
  bad_crc: 'A frame of the device was damaged on its way.',
  bad_hmac: 'A frame is not signed with the key of this connection: check local key and version.',
  bad_tag: 'A frame is not sealed with the key of this connection: check local key and version.',
  bad_padding: 'What the device sent cannot be decrypted: check local key and version.',
  bad_block_size: 'What the device sent has a length that no ciphertext has: check the version.',
  bad_base64: 'What the device sent is no base64.',
  bad_json: 'What the device sent is no message: check local key and version.',
  no_retcode: 'A frame of the device is too short for its return code.',
  bad_session_length: 'The answer of the device to the session has a wrong length.',
  bad_session_hmac: 'The device does not know this local key: read it again from the cloud.',
  unexpected_command: 'The device sent something else instead of the answer to the session.',
  version_mismatch: 'The device speaks another version of the protocol.',
}

/** Bytes that cannot be understood. Its text never holds a key nor a part of them. */
export class LanError extends BridgeError {
  override readonly code: LanFault

  constructor(code: LanFault, detail?: string) {
    super(code, detail === undefined ? advice[code] : `${advice[code]} ${detail}`, { retry: 'later' })
    this.name = 'LanError'
    this.code = code
  }

  /** It may be the key or the version rather than the bytes. */
  get keySuspect(): boolean {
    return keyFaults.has(this.code)
  }
}

const keyFaults: ReadonlySet<LanFault> = new Set([
  'bad_hmac',
  'bad_tag',
  'bad_padding',
  'bad_block_size',
  'bad_json',
  'bad_session_hmac',
])
