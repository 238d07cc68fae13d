import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  isSigned,
  openEnvelope,
  readEnvelope,
  sealEnvelope,
  signEnvelope,
} from '../../../src/codec/queue/envelope.ts'
import { decodeFrame } from '../../../src/codec/queue/frame.ts'
import { QueueError } from '../../../src/codec/queue/queue-error.ts'
import { hostileJson, hostileText } from '../../support/hostile.ts'
import { queueFault } from '../../support/queue-fault.ts'
import { queueVectors } from '../../support/queue-vector.ts'

const accessKey = '0f1e2d3c4b5a69788796a5b4c3d2e1f0'
const members = { data: '+WJwiHGngiEb/lA4TLCjWQ==', protocol: 4, pv: '2.0', t: 1_767_225_600_000 }
const base64 = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64')

describe('an envelope', () => {
  it('holds the data and what they are', () => {
    expect(openEnvelope(base64({ ...members, sign: 'ab' }))).toEqual({
      data: members.data,
      protocol: 4,
      t: members.t,
      sign: 'ab',
      members: { ...members, sign: 'ab' },
    })
  })

  it('may lack everything but the data, and hold more', () => {
    expect(readEnvelope('{"data":"","more":[1]}')).toMatchObject({ data: '', protocol: 0, sign: null })
    expect(readEnvelope('{"data":"x","protocol":"20","sign":5,"t":"1"}')).toMatchObject({
      protocol: 20,
      sign: null,
      t: '1',
    })
  })

  it('may name the data otherwise, which then counts', () => {
    expect(readEnvelope('{"encryptPayload":"eA==","encryptType":"x"}').data).toBe('eA==')
    expect(readEnvelope('{"encryptPayload":"eA==","data":"eQ=="}').data).toBe('eA==')
    expect(readEnvelope('{"encryptPayload":"","data":"eQ=="}').data).toBe('eQ==')
  })

  it.each([
    ['payload_base64', '{"data":"x"}'],
    ['payload_base64', 'e30'],
    ['payload_json', ''],
    ['payload_json', base64('hello')],
    ['payload_json', base64([])],
    ['payload_json', base64('null')],
    ['payload_json', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]).toString('base64')],
    ['payload_json', base64(`{"data":"x","a":${'['.repeat(20)}${']'.repeat(20)}}`)],
    ['payload_json', base64({ data: 'x', a: Array(5000).fill(0) })],
    ['payload_json', base64('{"data":"x","__proto__":{"a":1}}')],
    ['payload_json', base64('{"data":"x","t":1e999}')],
    ['payload_json', base64({ data: 'A'.repeat(1024 * 1024) })],
    ['data_missing', base64('{}')],
    ['data_missing', base64('{"data":null}')],
    ['data_missing', base64('{"data":{"a":1}}')],
  ])('is %s when it is %s', (code, payload) => {
    expect(queueFault(() => openEnvelope(payload))).toMatchObject({ code, keySuspect: false })
  })

  it('comes back as it was sealed, signed', () => {
    fc.assert(
      fc.property(fc.base64String(), fc.nat(), fc.nat(), (data, protocol, t) => {
        const envelope = openEnvelope(sealEnvelope({ data, protocol, t }, accessKey))
        expect(envelope).toMatchObject({ data, protocol, t })
        expect(isSigned(envelope, accessKey)).toBe(true)
        expect(isSigned(envelope, `${accessKey}0`)).toBe(false)
      }),
    )
  })

  it('throws nothing but QueueErrors', () => {
    const any = fc.oneof(
      hostileText,
      hostileText.map(base64),
      hostileJson.map(base64),
      fc.record({ data: hostileJson, t: hostileJson, protocol: hostileJson, sign: hostileJson }).map(base64),
    )
    fc.assert(
      fc.property(any, (payload) => {
        try {
          expect(typeof isSigned(openEnvelope(payload), accessKey)).toBe('boolean')
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(QueueError)
        }
      }),
    )
  })
})

describe('a signature', () => {
  it('is as in the worked example, whatever the order', () => {
    const sign = 'dab08acd0a38be0e911df2460e376438'
    expect(signEnvelope(members, accessKey)).toBe(sign)
    const { data, protocol, pv, t } = members
    expect(signEnvelope({ t, sign: 'x', pv, protocol, data }, accessKey)).toBe(sign)
    expect(isSigned(readEnvelope(JSON.stringify({ ...members, sign })), accessKey)).toBe(true)
    expect(isSigned(readEnvelope(JSON.stringify({ ...members, sign: sign.toUpperCase() })), accessKey)).toBe(
      true,
    )
  })

  it('is over members that nobody knows, and not over empty ones', () => {
    const sign = signEnvelope(members, accessKey)
    expect(signEnvelope({ ...members, empty: '', none: null }, accessKey)).toBe(sign)
    expect(signEnvelope({ ...members, v: '1' }, accessKey)).not.toBe(sign)
    expect(signEnvelope({ data: 'x', t: 1e21 }, accessKey)).toBe(
      signEnvelope({ data: 'x', t: '1000000000000000000000' }, accessKey),
    )
  })

  it('that is missing or another is told', () => {
    expect(isSigned(readEnvelope(JSON.stringify(members)), accessKey)).toBe(false)
    expect(isSigned(readEnvelope(JSON.stringify({ ...members, sign: 'ab' })), accessKey)).toBe(false)
  })

  it.each(queueVectors('pulsar'))('is right in $id, both ways', ({ given, expect: expected }) => {
    const { payload } = decodeFrame(given.frame)
    const envelope = openEnvelope(payload)
    expect(envelope).toMatchObject({ protocol: expected.protocol, t: expected.t })
    expect(isSigned(envelope, given.accessKey)).toBe(expected.signOk)
    const { data, protocol } = envelope
    expect(sealEnvelope({ data, protocol, t: expected.t }, given.accessKey)).toBe(payload)
  })
})
