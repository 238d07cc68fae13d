import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { decodeFrame, encodeFrame } from '../../../src/codec/queue/frame.ts'
import { makeContent, type QueueContent } from '../../../src/simulator/queue/content.ts'
import { Sealer } from '../../../src/simulator/queue/seal.ts'
import type { LogEntry } from '../../../src/simulator/queue/topic-log.ts'

interface Vector {
  readonly id: string
  readonly channel: string
  readonly given: { readonly accessId: string; readonly accessKey: string; readonly frame: string }
  readonly steps: { readonly ivHex?: string }
  readonly expect: {
    readonly result: string
    readonly error?: string
    readonly plaintext?: string
    readonly protocol: number
    readonly t: number
    readonly publishTimeMs: number
  }
}

const { vectors } = JSON.parse(
  readFileSync(new URL('../../vector/event-queue.json', import.meta.url), 'utf8'),
) as { vectors: readonly Vector[] }
const ok = vectors.filter(({ channel, expect }) => channel === 'pulsar' && expect.result === 'ok')

/** Chance that gives these bytes. */
function bytesOf(hex = ''): () => number {
  const bytes = [...Buffer.from(hex, 'hex')]
  return () => ((bytes.shift() ?? 0) + 0.5) / 256
}

function entryOf(content: QueueContent, key: string, publishedMs: number): LogEntry<QueueContent> {
  return { partition: 0, offset: 0, key, publishedMs, content }
}

describe('a frame', () => {
  it.each(ok.map((vector) => [vector.id, vector] as const))('%s is made byte for byte', (_id, vector) => {
    const { given, steps, expect: wanted } = vector
    const frame = decodeFrame(given.frame)
    const content: QueueContent = {
      protocol: wanted.protocol,
      bizCode: null,
      body: wanted.plaintext ?? '',
      t: wanted.t,
      cipher: steps.ivHex === undefined ? 'ecb' : 'gcm',
      properties: frame.properties,
      damage: undefined,
    }
    const entry = entryOf(content, frame.key ?? '', wanted.publishTimeMs)
    const made = decodeFrame(new Sealer(given.accessKey, bytesOf(steps.ivHex)).frame(entry, 0))
    // The id alone says where it lies here.
    expect(encodeFrame({ ...made, messageId: frame.messageId })).toBe(encodeFrame(frame))
  })

  it('there are at least six such vectors', () => {
    expect(ok.length).toBeGreaterThanOrEqual(6)
  })

  it('is the same each time but for its count', () => {
    const message = { protocol: 4, bizCode: null, body: { a: 1 } }
    const content = makeContent(message, { t: 1, cipher: 'gcm', tid: 'x' })
    const sealer = new Sealer('0f1e2d3c4b5a69788796a5b4c3d2e1f0', Math.random)
    const entry = entryOf(content, 'k', 5)
    const first = sealer.frame(entry, 0)
    expect(sealer.frame(entry, 0)).toBe(first)
    expect({ ...decodeFrame(sealer.frame(entry, 3)), redeliveryCount: 0 }).toEqual(decodeFrame(first))
    expect(decodeFrame(sealer.frame(entry, 3)).redeliveryCount).toBe(3)
  })

  it('names its cipher, or does not', () => {
    const em = (cipher: QueueContent['cipher']) =>
      makeContent({ protocol: 4, bizCode: null, body: {} }, { t: 1, cipher, tid: 'x' }).properties?.['em']
    expect([em('ecb'), em('gcm'), em('plain-ecb')]).toEqual(['aes_ecb', 'aes_gcm', undefined])
  })
})
