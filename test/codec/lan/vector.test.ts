import { describe, expect, it } from 'vitest'
import {
  decodeAnnouncement,
  decodeProbe,
  encodeAnnouncement,
  encodeProbe,
} from '../../../src/codec/lan/discovery.ts'
import { frameKindOf, splitFrames } from '../../../src/codec/lan/frame.ts'
import { readReply } from '../../../src/codec/lan/reply.ts'
import { answerSession, finishSession, isFinish, sessionKey } from '../../../src/codec/lan/session.ts'
import { wireOf } from '../../../src/codec/lan/wire.ts'
import { directionOf, hex, lanFault, lanVectors, openOne, vectorWire } from '../../support/lan-vector.ts'

const { frames, sessions, udp, streams, malformed } = lanVectors

it('there are 184 vectors', () => {
  expect(frames.length + sessions.length + udp.length + streams.length + malformed.length).toBe(184)
})

describe('frames', () => {
  it.each(frames.map((vector) => [vector.id, vector] as const))('%s is read', (_, vector) => {
    const message = openOne(vectorWire(vector), hex(vector.frame), directionOf(vector.direction))
    expect(message.seq).toBe(vector.seq)
    expect(message.command).toBe(vector.cmd)
    expect(message.returnCode?.toString('hex')).toBe(vector.retcode_hex)
    expect(message.header?.toString('hex') ?? null).toBe(vector.header_hex)
    expect(message.payload.toString('utf8')).toBe(vector.payload)
  })

  // An empty payload that is encrypted all the same is read, never written.
  const written = frames.filter(({ id }) => id !== '34-a-ack-padding-block')
  it.each(written.map((vector) => [vector.id, vector] as const))(
    '%s is written, byte by byte',
    (_, vector) => {
      const { seq, cmd: command, payload, header_hex, retcode_hex, iv_hex } = vector
      const frame = vectorWire(vector).seal({
        seq,
        command,
        returnCode: retcode_hex === undefined ? undefined : hex(retcode_hex),
        header: header_hex === null || vector.version === '3.1' ? undefined : hex(header_hex),
        payload: Buffer.from(payload),
        nonce: iv_hex === undefined ? undefined : hex(iv_hex),
      })
      expect(frame.toString('hex')).toBe(vector.frame)
    },
  )
})

describe('sessions', () => {
  it.each(sessions.map((vector) => [vector.id, vector] as const))('%s', (_, vector) => {
    const { version, client_nonce_hex, device_nonce_hex, session_key_hex, usable } = vector
    const localKey = Buffer.from(vector.key, 'latin1')
    const [clientNonce, deviceNonce] = [hex(client_nonce_hex), hex(device_nonce_hex)]
    const answer = answerSession(localKey, clientNonce, deviceNonce)
    const session = finishSession(version, localKey, clientNonce, { command: 4, payload: answer })
    expect(session.key.toString('hex')).toBe(session_key_hex)
    expect(session.usable).toBe(usable)
    expect(sessionKey(version, localKey, clientNonce, deviceNonce).toString('hex')).toBe(session_key_hex)
    expect(isFinish(localKey, deviceNonce, session.finish)).toBe(true)
    expect(isFinish(localKey, clientNonce, session.finish)).toBe(false)
    const plain = { start: clientNonce, resp: answer, finish: session.finish }
    const wire = wireOf(version, localKey)
    for (const message of vector.messages) {
      expect(plain[message.name].toString('hex')).toBe(message.plaintext_hex)
      const sealed = wire.seal({
        seq: message.seq,
        command: message.cmd,
        returnCode: message.retcode_hex === undefined ? undefined : hex(message.retcode_hex),
        payload: plain[message.name],
        nonce: message.iv_hex === undefined ? undefined : hex(message.iv_hex),
      })
      expect(sealed.toString('hex')).toBe(message.frame)
      expect(openOne(wire, hex(message.frame), directionOf(message.direction)).payload).toEqual(
        plain[message.name],
      )
    }
    for (const { frame, direction, payload, seq } of vector.then ?? []) {
      const message = openOne(vectorWire(vector), hex(frame), directionOf(direction))
      expect([message.seq, message.payload.toString()]).toEqual([seq, payload])
    }
  })
})

describe('datagrams', () => {
  const forms = { 0: 'clear', 19: 'ecb', 35: 'ecb34' } as const
  it.each(udp.map((vector) => [vector.id, vector] as const))('%s', (_, vector) => {
    const { datagram, json, direction, iv_hex, padding_hex, cmd, id } = vector
    const value = JSON.parse(json)
    const nonce = iv_hex === undefined ? undefined : hex(iv_hex)
    if (direction === 'c2d') {
      expect(decodeProbe(hex(datagram))).toEqual(value)
      if (padding_hex === undefined)
        expect(encodeProbe(value.ip, nonce as Buffer).toString('hex')).toBe(datagram)
      return
    }
    const { id: deviceId, ip, version, productKey, active } = decodeAnnouncement(hex(datagram))
    expect({ gwId: deviceId, ip, version, productKey, active }).toEqual({
      gwId: value.gwId,
      ip: value.ip,
      version: value.version,
      productKey: value.productKey,
      active: value.active,
    })
    if (id === 'udp-a-plain-json-in-6667') return
    const form = nonce ? 'gcm' : cmd === null ? 'bare' : forms[cmd as keyof typeof forms]
    expect(encodeAnnouncement(form, value, nonce).toString('hex')).toBe(datagram)
  })
})

describe('streams', () => {
  it.each(streams.map((vector) => [vector.id, vector] as const))('%s', (_, vector) => {
    const wire = vectorWire(vector)
    let rest: Buffer = Buffer.alloc(0)
    const read: object[] = []
    for (const bytes of vector.reads) {
      const split = splitFrames(rest, hex(bytes), frameKindOf(vector.version), 'fromDevice')
      rest = split.rest
      for (const part of split.parts) {
        if (part.kind === 'gap') continue
        const { seq, command, returnCode, payload } = wire.open(part, 'fromDevice')
        read.push({
          seq,
          cmd: command,
          retcode_hex: returnCode?.toString('hex'),
          payload: payload.toString(),
        })
      }
    }
    expect(read).toEqual(vector.expect)
    expect(rest.toString('hex')).toBe(vector.pending_hex)
  })
})

describe('what is broken', () => {
  it.each(malformed.map((vector) => [`${vector.id}: ${vector.error}`, vector] as const))(
    '%s',
    (_, vector) => {
      const { version, data, error, direction, client_nonce_hex } = vector
      const from = directionOf(direction)
      const { parts, rest } = splitFrames(Buffer.alloc(0), hex(data), frameKindOf(version), from)
      if (error === 'incomplete') {
        expect([parts.length, rest.length]).toEqual([0, data.length / 2])
        return
      }
      const [part] = parts
      if (part?.kind === 'gap') {
        expect(part.fault).toBe(error)
        return
      }
      const fault = lanFault(() => {
        if (!part) throw new Error('nothing came of it')
        const message = vectorWire(vector).open(part, from)
        if (client_nonce_hex !== undefined) {
          const localKey = Buffer.from(vector.key, 'latin1')
          return finishSession(version as '3.4' | '3.5', localKey, hex(client_nonce_hex), message)
        }
        return readReply(message.payload)
      })
      // Nobody looks at this digest; and other bytes in a text leave the rest of use.
      expect(fault).toBe(vector.action === 'accept' ? 'none' : error)
    },
  )
})
