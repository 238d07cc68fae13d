import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addressRule,
  broadcastOf,
  formatIpv4,
  formatSubnet,
  isInside,
  parseIpv4,
  parseSubnet,
} from '../../src/util/subnet.ts'

const address = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const bits = fc.integer({ min: 0, max: 32 })

describe('IPv4 addresses and networks', () => {
  it('reads every address that it writes', () => {
    fc.assert(fc.property(address, (value) => parseIpv4(formatIpv4(value)) === value))
  })

  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    '1.2.3.256',
    '1.2.3.-4',
    ' 1.2.3.4',
    '1.2.3.4 ',
    '0x7f.0.0.1',
    '1..2.3',
    '::1',
    '1e1.2.3.4',
  ])('takes "%s" for no address', (text) => {
    expect(parseIpv4(text)).toBeUndefined()
  })

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        parseIpv4(text)
        parseSubnet(text)
        return addressRule([])(text) !== 'ok' || /^(10|172|192)\./.test(text)
      }),
    )
  })

  it('reads every network that it writes, and its last address is inside while the next one is not', () => {
    fc.assert(
      fc.property(address, bits, (value, length) => {
        const base = value - (value % 2 ** (32 - length))
        const subnet = { base, bits: length }
        expect(parseSubnet(formatSubnet(subnet))).toEqual(subnet)
        const last = broadcastOf(value, length)
        expect(isInside(subnet, value)).toBe(true)
        expect(isInside(subnet, last)).toBe(true)
        if (last + 1 < 2 ** 32) expect(isInside(subnet, last + 1)).toBe(false)
        if (base > 0) expect(isInside(subnet, base - 1)).toBe(false)
      }),
    )
  })

  it('takes a single address for a network of one', () => {
    expect(parseSubnet('192.168.1.7')).toEqual({ base: parseIpv4('192.168.1.7'), bits: 32 })
  })

  it.each([
    '192.168.1.1/24',
    '192.168.1.0/33',
    '192.168.1.0/',
    '192.168.1.0/024',
    '192.168.1.0/24/8',
    'lan/24',
    '/24',
  ])('takes "%s" for no network', (text) => {
    expect(parseSubnet(text)).toBeUndefined()
  })
})

describe('R-L5: which addresses may be believed', () => {
  const rule = (...texts: string[]) => addressRule(texts.map((text) => parseSubnet(text) as never))

  it.each([
    ['10.1.2.3', 'ok'],
    ['172.16.0.1', 'ok'],
    ['172.32.0.1', 'outside'],
    ['192.168.77.20', 'ok'],
    ['8.8.8.8', 'outside'],
    ['127.0.0.1', 'outside'],
    ['169.254.169.254', 'never'],
    ['224.0.0.1', 'never'],
    ['239.255.255.250', 'never'],
    ['255.255.255.255', 'never'],
    ['0.0.0.0', 'never'],
    ['10.255.255.255', 'never'],
    ['device.example', 'never'],
    ['::1', 'never'],
  ] as const)('without networks %s is %s', (text, verdict) => {
    expect(rule()(text)).toBe(verdict)
  })

  it('knows only the networks that are given, without their first and last address', () => {
    const verdict = rule('192.168.1.0/24', '192.168.2.8/32')
    expect(
      ['192.168.1.1', '192.168.1.0', '192.168.1.255', '192.168.2.8', '192.168.2.9', '10.0.0.1'].map(verdict),
    ).toEqual(['ok', 'never', 'never', 'ok', 'outside', 'outside'])
  })

  it('believes loopback only where a network within it is named, however wide another one is', () => {
    expect(rule('0.0.0.0/0')('127.0.0.1')).toBe('outside')
    expect(rule('127.0.0.0/8')('127.0.0.1')).toBe('ok')
    expect(rule('127.3.0.0/16')('127.0.0.1')).toBe('outside')
    expect(rule('127.3.0.0/16')('127.3.0.9')).toBe('ok')
  })

  it('never believes link-local, multicast or broadcast, whatever is given', () => {
    const verdict = rule('0.0.0.0/0', '169.254.0.0/16', '224.0.0.0/4', '255.255.255.255')
    fc.assert(
      fc.property(address, (value) => {
        const first = value >>> 24
        const isNever = first === 0 || first >= 224 || value >>> 16 === 0xa9fe
        return !isNever || verdict(formatIpv4(value)) === 'never'
      }),
    )
    expect(['169.254.169.254', '224.0.0.1', '255.255.255.255', '0.1.2.3'].map(verdict)).toEqual(
      Array(4).fill('never'),
    )
  })
})
