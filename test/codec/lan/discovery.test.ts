import { describe, expect, it } from 'vitest'
import { decodeAnnouncement, encodeAnnouncement } from '../../../src/codec/lan/discovery.ts'

const said = (counter: number) => ({ gwId: `bf${counter}`, ip: '192.168.1.2', active: 2, version: '3.3' })

describe('what a device announces', () => {
  it('is read whatever byte its ciphertext begins with', () => {
    const begins = new Set<number>()
    for (let counter = 0; counter < 4_000; counter++) {
      const datagram = encodeAnnouncement('ecb', { x: counter, ...said(counter) })
      begins.add(datagram.readUInt8(20))
      expect(decodeAnnouncement(datagram).id).toBe(`bf${counter}`)
    }
    expect(begins.has('{'.charCodeAt(0))).toBe(true)
  })

  it('is read in the clear whatever its length', () => {
    for (let more = 0; more < 17; more++) {
      const datagram = encodeAnnouncement('clear', { ...said(1), more: 'x'.repeat(more) })
      expect(decodeAnnouncement(datagram)).toMatchObject({ id: 'bf1', version: '3.3' })
    }
  })
})
