import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { lanCommand } from '../../../src/codec/lan/command.ts'
import { type LanVersion, lanVersions } from '../../../src/codec/lan/version.ts'
import { diagnoses } from '../../../src/transport/lan/diagnosis.ts'
import type { Dial } from '../../../src/transport/lan/dial.ts'
import { examine, type Patient } from '../../../src/transport/lan/examination.ts'
import { LanLinkError } from '../../../src/transport/lan/link-error.ts'
import { seededRandom } from '../../../src/util/random.ts'
import { Secret } from '../../../src/util/secret.ts'
import { type FakeDeviceOptions, FakeLanDevice } from '../../support/lan-device.ts'
import { LanNet } from '../../support/lan-net.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const key = '0123456789abcdef'

/** A device, and somebody who looks at it. */
function clinic(options: FakeDeviceOptions = {}) {
  const clock = new VirtualClock()
  const net = new LanNet(() => clock.monotonic())
  const device = new FakeLanDevice(net, { key, ...options })
  const look = (
    more: Partial<Patient> = {},
    dial: Dial = net.dial,
    signal = new AbortController().signal,
  ) => {
    const patient: Patient = {
      id: device.id,
      localKey: new Secret(key),
      places: [device.address],
      version: device.version,
      isAnnounced: false,
      pointIds: [],
      isBehindGateway: false,
      ...more,
    }
    return clock.during(examine({ clock, random: seededRandom(5), dial }, patient, signal))
  }
  return { clock, net, device, look }
}

const failing =
  (code: string): Dial =>
  () =>
    Promise.reject(
      new LanLinkError('unreachable', 'No.', { cause: Object.assign(new Error('no'), { code }) }),
    )

describe('a device that is well', () => {
  it.each(lanVersions.filter((version) => version !== '3.2'))(
    'of %s answers, and its data points are counted',
    async (version) => {
      const { look, device } = clinic({ version })
      expect(await look()).toMatchObject({ finding: 'ok', version, points: 2, address: device.address })
      expect(device.standing).toEqual([])
    },
  )

  it.each(['3.1', '3.3', '3.4', '3.5'] as const)(
    'of %s is found when nobody knows its version, with a second between connections',
    async (version) => {
      const { look, net, device } = clinic({ version })
      device.intercept = (message, visit) => {
        if (version !== '3.1' || message.payload[0] === 0x7b) return false
        visit.answer(message, 'parse data error', 1)
        return true
      }
      const found = await look({ version: null })
      expect(found).toMatchObject({ finding: 'ok', version, points: 2 })
      expect(found.tried.map((one) => one.version)).toEqual(
        ['3.5', '3.4', '3.3', '3.1'].slice(0, found.tried.length),
      )
      const times = net.dialed.map(({ at }) => at)
      for (let i = 1; i < times.length; i++)
        expect((times[i] ?? 0) - (times[i - 1] ?? 0)).toBeGreaterThanOrEqual(1_000)
      expect(device.mostVisits).toBe(1)
    },
  )

  it('is found as what it is where another version is configured', async () => {
    const { look } = clinic({ version: '3.5' })
    expect(await look({ version: '3.4' })).toMatchObject({ finding: 'ok', version: '3.5' })
  })

  it('that answers no question is well all the same', async () => {
    const { look, device } = clinic({ version: '3.4' })
    device.intercept = (message, visit) => {
      if (message.command !== lanCommand.queryNew) return false
      visit.answer(message, 'cannot', 1)
      return true
    }
    expect(await look()).toMatchObject({ finding: 'ok', points: null })
  })

  it('is found where it was heard, although it is configured elsewhere, and the other way round', async () => {
    const { look, device, net } = clinic()
    const nowhere = { host: '127.0.0.9', port: 6668 }
    expect(await look({ places: [device.address, nowhere] })).toMatchObject({ finding: 'ok' })
    expect(net.dialed).toHaveLength(1)
    const refusing: Dial = (address, handlers, signal) =>
      address.host === nowhere.host
        ? failing('EHOSTUNREACH')(address, handlers, signal)
        : net.dial(address, handlers, signal)
    expect(await look({ places: [nowhere, device.address] }, refusing)).toMatchObject({
      finding: 'ok',
      address: device.address,
    })
  })
})

describe('a device that is not', () => {
  it('without a key is not connected to', async () => {
    const { look, net } = clinic()
    expect(await look({ localKey: null })).toMatchObject({ finding: 'no-key', tried: [] })
    expect(net.dialed).toEqual([])
  })

  it('that was not heard and is configured nowhere has no address', async () => {
    expect(await clinic().look({ places: [] })).toMatchObject({ finding: 'no-address', tried: [] })
  })

  it('behind a gateway is left to that', async () => {
    const { look, net } = clinic()
    expect(await look({ isBehindGateway: true })).toMatchObject({ finding: 'behind-gateway' })
    expect(net.dialed).toEqual([])
  })

  it.each([
    ['ECONNREFUSED', 'port-closed'],
    ['EHOSTUNREACH', 'no-route'],
    ['ENETUNREACH', 'no-route'],
    ['ETIMEDOUT', 'no-answer'],
  ])('that cannot be reached (%s) is %s, and no other version is tried', async (code, finding) => {
    const { tried, ...rest } = await clinic().look({}, failing(code))
    expect(rest.finding).toBe(finding)
    expect(tried).toHaveLength(1)
  })

  it('at an address where nobody is gives no answer', async () => {
    const { look, device } = clinic()
    device.mood = 'void'
    expect(await look()).toMatchObject({ finding: 'no-answer' })
  })

  it.each(['closed', 'reset'] as const)(
    'that ends connections at once (%s) is refused, and left alone after one',
    async (how) => {
      const { look, device, net } = clinic()
      device.onVisit = ({ end }) => end.close(how)
      expect(await look()).toMatchObject({ finding: 'refused' })
      expect(net.dialed).toHaveLength(1)
    },
  )

  it.each(['3.4', '3.5'] as const)('of %s with another key is a key mismatch', async (version) => {
    const { look } = clinic({ version, key: 'another-key-0000' })
    expect(await look()).toMatchObject({ finding: 'key-mismatch', points: null })
  })

  it('that announces its version is asked in no other', async () => {
    const { look, net } = clinic({ version: '3.5', key: 'another-key-0000' })
    expect(await look({ isAnnounced: true })).toMatchObject({ finding: 'key-mismatch' })
    expect(net.dialed).toHaveLength(1)
  })

  it('with another key and an unknown version may be either', async () => {
    const { look } = clinic({ version: '3.4', key: 'another-key-0000' })
    expect(await look({ version: null })).toMatchObject({ finding: 'key-or-version' })
  })

  it('that proves with another key is a key mismatch, and no other version is tried', async () => {
    const { look, device, net } = clinic({ version: '3.4' })
    device.intercept = (message, visit) => {
      if (message.command !== lanCommand.sessionStart) return false
      visit.say(lanCommand.sessionResponse, Buffer.alloc(48, 1))
      return true
    }
    expect(await look({ version: null })).toMatchObject({ finding: 'key-mismatch' })
    expect(net.dialed.length).toBe(2)
  })

  it('that takes the connection and says nothing is told so', async () => {
    const { look, device } = clinic()
    device.intercept = () => true
    const found = await look()
    expect(found.tried[0]?.finding).toBe('timeout')
    expect(device.standing).toEqual([])
  })

  it('is let go when somebody has no more patience', async () => {
    const { look, device, clock } = clinic()
    device.intercept = () => true
    const controller = new AbortController()
    clock.after(500, () => controller.abort(new Error('enough')))
    await expect(look({}, device.net.dial, controller.signal)).rejects.toThrow('enough')
    expect(device.standing).toEqual([])
  })
})

it('every finding has a meaning and an advice', () => {
  for (const { meaning, advice } of Object.values(diagnoses)) {
    expect(meaning).toMatch(/\.$/)
    expect(advice).toMatch(/[.]$/)
  }
})

it('no key is in what is told', async () => {
  const { look } = clinic({ version: '3.4' satisfies LanVersion, key: 'another-key-0000' })
  expect(JSON.stringify(await look())).not.toContain(key)
})

it('every finding stands in the documentation', () => {
  const page = readFileSync(new URL('../../../docs/lan.md', import.meta.url), 'utf8')
  for (const finding of Object.keys(diagnoses)) expect(page).toContain(`| \`${finding}\` |`)
})
