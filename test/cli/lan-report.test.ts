import { describe, expect, it } from 'vitest'
import type { Wanted } from '../../src/cli/lan-patients.ts'
import { asJson, asText, isWell, type LanReport, type Visit } from '../../src/cli/lan-report.ts'
import type { Finding } from '../../src/transport/lan/diagnosis.ts'
import type { Heard } from '../../src/transport/lan/discovery.ts'
import type { Examination } from '../../src/transport/lan/examination.ts'
import { Secret } from '../../src/util/secret.ts'
import { configuredDevice } from '../support/configured-device.ts'

const address = { host: '192.168.1.20', port: 6668 }
const heard: Heard = {
  host: address.host,
  ip: null,
  version: '3.4',
  productKey: 'k',
  active: 2,
  port: 6667,
  atMs: 7,
}

function visit(
  finding: Finding,
  more: { device?: Partial<Wanted>; heard?: Heard; examination?: Partial<Examination> } = {},
): Visit {
  const device: Wanted = {
    ...configuredDevice('bf3c9a7d41e0b2f6aaw1vn', {
      name: 'Lamp',
      localKey: new Secret('0123456789abcdef'),
    }),
    sources: ['configuration'],
    isBehindGateway: false,
    ...more.device,
  }
  const examination: Examination = {
    finding,
    tried: [],
    version: null,
    address: null,
    points: null,
    ...more.examination,
  }
  return { device, heard: more.heard, examination }
}

const report = (...visits: Visit[]): LanReport => ({
  discovery: null,
  listenedSeconds: 6,
  visits,
  strangers: [],
})
const well = visit('ok', { heard, examination: { version: '3.4', address, points: 8 } })

describe('what check --lan tells', () => {
  it('is one row for a device that is well', () => {
    expect(asText(report(well))).toBe(
      [
        '    finding  id                      heard               answers at         version  points  name',
        'ok  ok       bf3c9a7d41e0b2f6aaw1vn  192.168.1.20 (3.4)  192.168.1.20:6668  3.4      8       Lamp',
      ].join('\n'),
    )
  })

  it('is what was tried, and each advice once however many share it', () => {
    const tried = [{ address, version: '3.4', finding: 'refused', message: 'It ends connections.' }] as const
    const text = asText(
      report(visit('refused', { examination: { tried } }), visit('refused', { examination: { tried } })),
    )
    expect(text.match(/tried 192\.168\.1\.20:6668 as 3\.4: refused\. It ends connections\./g)).toHaveLength(2)
    expect(text.match(/^refused: It takes the connection/gm)).toHaveLength(1)
  })

  it('is what is odd: other addresses, other versions, no proof, no state, no account', () => {
    const odd = visit('ok', {
      device: { address: { host: '192.168.1.9', port: 6668 }, version: '3.3' },
      heard: { ...heard, ip: '192.168.1.21', active: 0 },
      examination: { version: '3.1', address, points: null },
    })
    const text = asText(report(odd))
    for (const note of [
      'It is configured at 192.168.1.9 and was heard from 192.168.1.20.',
      'It calls itself 192.168.1.21;',
      'not paired',
      'configured as 3.3 and answers as 3.1',
      'whatever the key is',
      'answers no question about its state',
    ])
      expect(text).toContain(note)
  })

  it('is no fault of devices that only the cloud knows, or that a gateway speaks for', () => {
    const battery = visit('no-address', { device: { sources: ['cloud'] } })
    expect(isWell(report(well, battery, visit('behind-gateway')))).toBe(true)
    expect(isWell(report(well, visit('no-address')))).toBe(false)
    expect(
      isWell(report(well, visit('no-address', { device: { sources: ['configuration', 'cloud'] } }))),
    ).toBe(false)
    expect(isWell(report(visit('key-mismatch', { device: { sources: ['cloud'] } })))).toBe(false)
  })

  it("names those who were heard and are nobody's", () => {
    const text = asText({ ...report(well), strangers: [['bf00000000000000000000', heard]] })
    expect(text).toMatch(/^heard, and neither configured nor in the cloud:$/m)
    expect(text).toMatch(/^bf00000000000000000000 +192\.168\.1\.20 +3\.4 +k$/m)
  })

  it('holds no key, for people and for programs', () => {
    const all = report(well, visit('key-mismatch'))
    expect(asText(all) + JSON.stringify(asJson(all))).not.toContain('0123456789abcdef')
  })
})
