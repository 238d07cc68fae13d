import { vector } from './vector.ts'

interface Expectation {
  readonly result: 'ok' | 'error'
  readonly error?: string
  readonly protocol: number
  readonly t: number
  readonly plaintext: string
  readonly body: Readonly<Record<string, unknown>>
  readonly normalized: Readonly<Record<string, unknown>>
}

interface Steps {
  readonly aesKey: string
  readonly mode: string
  readonly ivHex?: string
  readonly ivLength?: number
  readonly tagHex?: string
  readonly aad?: string
}

export interface PulsarVector {
  readonly id: string
  readonly title: string
  readonly channel: 'pulsar'
  readonly given: { readonly accessId: string; readonly accessKey: string; readonly frame: string }
  readonly steps: Steps & { readonly wsPassword: string }
  readonly expect: Expectation & {
    readonly messageId: string
    readonly ack: string
    readonly publishTimeMs: number
    readonly signOk: boolean
  }
}

export interface OpenHubVector {
  readonly id: string
  readonly title: string
  readonly channel: 'openhub'
  readonly given: {
    readonly password: string
    readonly encryptedVersion: '1.0' | '2.0'
    readonly topic: string
    readonly payload: string
  }
  readonly steps: Steps
  readonly expect: Expectation
}

interface ByChannel {
  readonly pulsar: PulsarVector
  readonly openhub: OpenHubVector
}

const { vectors } = vector<{ vectors: readonly (PulsarVector | OpenHubVector)[] }>('event-queue.json')

/** Messages of one channel, byte for byte. */
export function queueVectors<C extends keyof ByChannel>(channel: C): ByChannel[C][] {
  return vectors.filter((one): one is ByChannel[C] => one.channel === channel)
}
