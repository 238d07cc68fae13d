import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeClientFrame,
  decodeFrame,
  encodeAck,
  encodeFrame,
  type Frame,
} from '../../../src/codec/queue/frame.ts'
import { QueueError } from '../../../src/codec/queue/queue-error.ts'
import { hostileJson, hostileText } from '../../support/hostile.ts'
import { queueFault } from '../../support/queue-fault.ts'

const frame: Frame = {
  messageId: 'CKCf+gEQFBgA',
  payload: 'e30=',
  properties: { em: 'aes_gcm', tid: 'x' },
  publishTimeMs: 1_767_225_601_537,
  key: 'bf1',
  redeliveryCount: 0,
}
const wire = {
  messageId: frame.messageId,
  payload: frame.payload,
  properties: frame.properties,
  publishTime: '2026-01-01T00:00:01.537Z',
  redeliveryCount: 0,
  key: 'bf1',
}

describe('a frame', () => {
  it('is read member by member', () => {
    expect(decodeFrame(JSON.stringify(wire))).toEqual(frame)
  })

  it('is written as the proxy writes it', () => {
    expect(encodeFrame(frame)).toBe(JSON.stringify(wire))
    const { key: _key, ...keyless } = wire
    expect(encodeFrame({ ...frame, key: null })).toBe(JSON.stringify(keyless))
  })

  it('needs nothing but an id and a payload', () => {
    expect(decodeFrame('{"messageId":"a","payload":""}')).toEqual({
      messageId: 'a',
      payload: '',
      properties: {},
      publishTimeMs: null,
      key: null,
      redeliveryCount: 0,
    })
  })

  it('may hold anything else', () => {
    const odd = {
      ...wire,
      eventTime: 0,
      encryptionContext: { keys: { k: { metadata: [] } } },
      context: null,
      properties: { em: 'aes_gcm', tid: 'x', count: 5, nested: {} },
      redeliveryCount: -1.5,
    }
    expect(decodeFrame(JSON.stringify(odd))).toEqual(frame)
    expect(decodeFrame(JSON.stringify({ ...wire, properties: null })).properties).toEqual({})
    expect(decodeFrame(JSON.stringify({ ...wire, publishTime: 'soon', key: '' }))).toMatchObject({
      publishTimeMs: null,
      key: null,
    })
    const deep = `${'['.repeat(900)}${']'.repeat(900)}`
    expect(decodeFrame(`{"messageId":"a","payload":"b","context":${deep},"__proto__":{"em":"x"}}`)).toEqual({
      ...frame,
      messageId: 'a',
      payload: 'b',
      properties: {},
      publishTimeMs: null,
      key: null,
    })
  })

  it.each([
    ['no JSON', 'hello'],
    ['nothing', ''],
    ['a list', '[]'],
    ['null', 'null'],
    ['no id', '{"payload":"e30="}'],
    ['an empty id', '{"messageId":"","payload":"e30="}'],
    ['an id that is a number', '{"messageId":5,"payload":"e30="}'],
    ['an id without end', `{"messageId":"${'x'.repeat(2000)}","payload":"e30="}`],
    ['more than anybody sends', `{"messageId":"a","payload":"${'A'.repeat(2_000_000)}"}`],
    ['deeper than a parser likes', `{"messageId":"a","payload":"","x":${'['.repeat(700_000)}`],
    ['half of one', '{"messageId":"a","pay'],
  ])('that is %s cannot be acknowledged', (_name, text) => {
    expect(queueFault(() => decodeFrame(text))).toMatchObject({ code: 'frame_json', messageId: null })
  })

  it('without a payload is broken, but tells whom to acknowledge', () => {
    expect(queueFault(() => decodeFrame('{"messageId":"a","payload":7}'))).toMatchObject({
      code: 'frame_json',
      messageId: 'a',
      keySuspect: false,
    })
  })

  it('comes back as it went, whatever it holds', () => {
    const any = fc.record<Frame>({
      messageId: fc.string({ minLength: 1 }),
      payload: fc.string(),
      properties: fc.dictionary(fc.string(), fc.string()),
      publishTimeMs: fc.option(fc.integer({ min: 0, max: 4e12 })),
      key: fc.option(fc.string({ minLength: 1 })),
      redeliveryCount: fc.nat(),
    })
    fc.assert(
      fc.property(any, (one) => {
        expect(decodeFrame(encodeFrame(one))).toEqual({ ...one, properties: { ...one.properties } })
      }),
    )
  })
})

describe('what a consumer sends', () => {
  it('is an acknowledgement when it has no type', () => {
    expect(encodeAck('a+b/c=')).toBe('{"messageId":"a+b/c="}')
    expect(decodeClientFrame(encodeAck('a'))).toEqual({ kind: 'ack', messageId: 'a' })
  })

  it.each([
    ['{"type":"negativeAcknowledge","messageId":"a"}', { kind: 'nack', messageId: 'a' }],
    ['{"type":"permit","permitMessages":100}', { kind: 'permit', permits: 100 }],
    ['{"type":"isEndOfTopic"}', { kind: 'isEndOfTopic' }],
    ['{"type":"unsubscribe"}', { kind: 'unsubscribe' }],
  ])('%s', (text, meaning) => {
    expect(decodeClientFrame(text)).toEqual(meaning)
  })

  it.each([
    '',
    'ack',
    '[]',
    '5',
    '{}',
    '{"messageId":5}',
    '{"type":"permit"}',
    '{"type":"permit","permitMessages":0}',
  ])('is refused when it is %s', (text) => {
    expect(queueFault(() => decodeClientFrame(text)).code).toBe('frame_json')
  })
})

it('no text does anything else to a reader of frames than a QueueError', () => {
  const any = fc.oneof(
    hostileText,
    hostileJson.map((value) => JSON.stringify(value)),
  )
  fc.assert(
    fc.property(any, (text) => {
      for (const decode of [decodeFrame, decodeClientFrame]) {
        try {
          decode(text)
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(QueueError)
        }
      }
    }),
  )
})
