import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { fromBase64 } from '../../../src/codec/base64.ts'
import { decodePulsar, pulsarKeys } from '../../../src/codec/queue/decode.ts'
import { openEnvelope } from '../../../src/codec/queue/envelope.ts'
import { QueueError } from '../../../src/codec/queue/queue-error.ts'
import { queueFaults } from '../../../src/simulator/fault.ts'
import { HandshakeRefusal } from '../../../src/simulator/queue/handshake.ts'
import { opened, project, QueueDesk } from '../../support/queue-desk.ts'
import { settle } from '../../support/virtual-clock.ts'

/** One message through a queue with one fault. */
async function one(fault: string) {
  const desk = new QueueDesk({ faults: [fault] })
  const guest = await desk.reader()
  desk.report()
  const [frame] = guest.frames
  if (!frame) throw new Error('nothing came')
  return { desk, guest, frame }
}

/** How many of a thousand messages differ from a sound one. */
async function share(fault: string, differs: (guest: Awaited<ReturnType<typeof one>>['guest']) => number) {
  const desk = new QueueDesk({ faults: [fault] })
  const guest = await desk.reader()
  for (let i = 0; i < 500; i++) desk.report(`bf${i}`)
  return differs(guest) / 500
}

/** What each fault of the queue does; one entry for every name there is. */
const effects: Readonly<Record<keyof typeof queueFaults, () => Promise<void>>> = {
  'queue-no-rule': async () => {
    const desk = new QueueDesk({ faults: ['queue-no-rule'] })
    const guest = await desk.reader()
    desk.report()
    expect(guest.texts).toEqual([])
    desk.faults.clear('queue-no-rule')
    expect(desk.service.backlog()).toBe(0)
    desk.report()
    expect(guest.texts).toHaveLength(1)
  },
  'queue-handshake': async () => {
    const desk = new QueueDesk({ faults: ['queue-handshake=503:2'] })
    const status = () => {
      try {
        desk.guest()
        return 101
      } catch (thrown) {
        return (thrown as HandshakeRefusal).status
      }
    }
    expect([status(), status(), status()]).toEqual([503, 503, 101])
    desk.faults.set('queue-handshake=429')
    expect(status()).toBe(429)
    desk.faults.set('queue-handshake=stall')
    expect(status).not.toThrow(HandshakeRefusal)
    expect(desk.did('refuse').map(({ status }) => status)).toEqual([503, 503, 429, 'stall'])
  },
  'queue-cut': async () => {
    const desk = new QueueDesk({ faults: ['queue-cut=2:17'] })
    const guest = await desk.reader()
    for (let i = 0; i < 3; i++) desk.report()
    expect(guest.texts).toHaveLength(2)
    expect(guest.cut).toBe(17)
    await settle()
    expect(desk.did('close')).toMatchObject([{ code: 1006 }])
    desk.faults.set('queue-cut=100')
    const again = await desk.reader()
    expect(again.texts).toHaveLength(3)
  },
  'queue-half-open': async () => {
    const desk = new QueueDesk({ faults: ['queue-half-open=1'] })
    const guest = await desk.reader()
    desk.report()
    desk.report()
    guest.visit.ping(Buffer.from('hello'))
    guest.ack(guest.frames[0]?.messageId ?? '')
    expect(guest.texts).toHaveLength(1)
    expect(guest.pongs).toEqual([])
    expect(desk.service.backlog()).toBe(2)
    expect(guest.closed).toBeUndefined()
    desk.faults.set('queue-half-open=0')
    desk.journal.clear()
    await desk.reader({ suffix: 'sub' })
    desk.report()
    expect(desk.did('deliver')).toEqual([])
  },
  'queue-ping': async () => {
    const desk = new QueueDesk({ faults: ['queue-ping=10000'] })
    const guest = await desk.reader()
    await desk.clock.advance(35_000)
    expect(guest.pings).toBe(3)
    guest.leave()
    await desk.clock.advance(35_000)
    expect(guest.pings).toBe(3)
    // Its own pings are no sign of the client.
    const quiet = await desk.reader()
    await desk.clock.advance(300_000)
    expect(quiet.closed).toEqual({ code: 1001, reason: 'Idle Timeout' })
  },
  'queue-drip': async () => {
    const desk = new QueueDesk({ faults: ['queue-drip=100'] })
    const guest = await desk.reader()
    for (let i = 0; i < 4; i++) desk.report()
    await desk.clock.advance(250)
    expect(guest.texts).toHaveLength(2)
    await desk.clock.advance(1_000)
    expect(guest.texts).toHaveLength(4)
  },
  'queue-duplicate': async () => {
    const desk = new QueueDesk({ faults: ['queue-duplicate'] })
    const guest = await desk.reader()
    desk.report()
    const [first, second] = guest.texts
    expect(guest.texts).toHaveLength(2)
    expect(second).toBe(first)
    // Both count, so that whoever acknowledges but one loses a place in the window.
    expect(guest.visit.consumer.outstanding).toBe(2)
    const duplicated = await share('queue-duplicate=0.1', ({ texts }) => texts.length - 500)
    expect(duplicated).toBeGreaterThan(0.05)
    expect(duplicated).toBeLessThan(0.16)
  },
  'queue-swap': async () => {
    const desk = new QueueDesk({ faults: ['queue-swap'] })
    const guest = await desk.reader()
    for (let i = 0; i < 5; i++) desk.report('bf1', i)
    const values = () =>
      guest.frames.map((frame) => (opened(frame).body['status'] as [{ value: number }])[0].value)
    expect(values()).toEqual([1, 0, 3, 2])
    await desk.clock.advance(50)
    expect(values()).toEqual([1, 0, 3, 2, 4])
  },
  'queue-old-times': async () => {
    const { desk, frame } = await one('queue-old-times')
    expect(opened(frame).body).toMatchObject({ status: [{ t: desk.clock.now() - 3_600_000 }] })
    const minute = await one('queue-old-times=1:60000')
    expect(opened(minute.frame).body).toMatchObject({ status: [{ t: minute.desk.clock.now() - 60_000 }] })
    expect(opened(frame).envelope.t).toBe(desk.clock.now())
  },
  'queue-seconds': async () => {
    const { desk, frame } = await one('queue-seconds')
    expect(opened(frame).body).toMatchObject({ status: [{ t: String(desk.clock.now() / 1000) }] })
  },
  'queue-zero-ts': async () => {
    const { frame } = await one('queue-zero-ts')
    expect(opened(frame).body).toMatchObject({ ts: 0, devId: 'bf1' })
  },
  'queue-unknown': async () => {
    const { frame } = await one('queue-unknown')
    expect(opened(frame)).toMatchObject({ envelope: { protocol: 9999 }, body: { bizCode: 'somethingNew' } })
  },
  'queue-large': async () => {
    const desk = new QueueDesk({ faults: ['queue-large'] })
    const guest = await desk.reader()
    desk.report()
    // Base64 of base64: a third more, twice.
    expect(guest.texts[0]?.length).toBeGreaterThan(1024 * 1024 * 1.7)
    const smaller = await one('queue-large=1:300000')
    expect(String(opened(smaller.frame).body['padding'])).toHaveLength(300_000)
  },
  'queue-no-properties': async () => {
    const { guest, frame } = await one('queue-no-properties')
    expect(JSON.parse(guest.texts[0] ?? '')).not.toHaveProperty('properties')
    expect(opened(frame).body).toMatchObject({ devId: 'bf1' })
  },
  'queue-bad-tag': async () => {
    const { frame } = await one('queue-bad-tag')
    expect(frame.properties['em']).toBe('aes_gcm')
    expect(() => opened(frame)).toThrow(expect.objectContaining({ code: 'decrypt' }))
  },
  'queue-bad-base64': async () => {
    const { frame } = await one('queue-bad-base64')
    const { data } = openEnvelope(frame.payload)
    expect(fromBase64(data)).toBeUndefined()
    expect(opened(frame).signed).toBe(true)
  },
  'queue-bad-sign': async () => {
    const { frame } = await one('queue-bad-sign')
    expect(opened(frame)).toMatchObject({ signed: false, body: { devId: 'bf1' } })
  },
  'queue-wrong-key': async () => {
    const { frame } = await one('queue-wrong-key')
    const keys = pulsarKeys(project.accessSecret)
    // Nothing about it fits, so that it looks like the reader's own fault.
    expect(() => decodePulsar(frame, keys, 0)).toThrow(expect.objectContaining({ keySuspect: true }))
    const other = createHash('md5').update(project.accessSecret).digest('hex')
    expect(decodePulsar(frame, pulsarKeys(other), 0)).toMatchObject({ signOk: true })
    const damaged = await share(
      'queue-wrong-key=0.5',
      ({ frames }) =>
        frames.filter((each) => {
          try {
            return opened(each) === undefined
          } catch {
            return true
          }
        }).length,
    )
    expect(damaged).toBeGreaterThan(0.4)
    expect(damaged).toBeLessThan(0.6)
  },
  'queue-poison': async () => {
    const desk = new QueueDesk({ entry: { cipher: 'mixed' }, faults: ['queue-poison'] })
    const guest = await desk.reader()
    const keys = pulsarKeys(project.accessSecret)
    for (let i = 0; i < 300; i++) desk.report(`bf${i}`)
    const codes = guest.frames.map((frame) => {
      try {
        decodePulsar(frame, keys, desk.clock.now())
        return 'read'
      } catch (thrown) {
        return thrown instanceof QueueError ? thrown.code : String(thrown)
      }
    })
    expect(new Set(codes)).toEqual(
      new Set([
        'payload_base64',
        'payload_json',
        'data_missing',
        'data_base64',
        'data_length',
        'decrypt',
        'body_json',
        'unsupported_encryption',
      ]),
    )
  },
  'queue-burst': async () => {
    const desk = new QueueDesk({ faults: ['queue-burst'] })
    const guest = await desk.reader()
    expect(desk.service.backlog()).toBe(5_000)
    // More than the window may not lack its acknowledgement.
    expect(guest.texts).toHaveLength(1_000)
    desk.faults.set('queue-burst=3')
    await desk.reader({ environment: 'event-test' })
    expect(desk.service.backlog()).toBe(5_003)
  },
  'queue-backlog': async () => {
    const desk = new QueueDesk({ faults: ['queue-backlog=90:150'] })
    const guest = desk.guest({ acks: true })
    while (desk.service.backlog() > 0) await settle(1)
    // The oldest half hour of two and a half is gone.
    const ages = guest.frames.map(({ publishTimeMs }) => desk.clock.now() - (publishTimeMs ?? 0))
    expect(ages.length).toBeGreaterThan(70)
    expect(ages.length).toBeLessThan(75)
    expect(Math.max(...ages)).toBeLessThanOrEqual(7_200_000)
  },
}

describe('the fault', () => {
  it.each(Object.entries(queueFaults))('%s: %s', async (name) => {
    await effects[name as keyof typeof queueFaults]()
  })

  it('hits the same messages again with the same seed', async () => {
    const run = async (seed: number) => {
      const desk = new QueueDesk({ seed, faults: ['queue-duplicate=0.2', 'queue-bad-sign=0.2'] })
      const guest = await desk.reader()
      for (let i = 0; i < 100; i++) desk.report(`bf${i}`)
      return guest.texts
    }
    expect(await run(7)).toEqual(await run(7))
    expect(await run(7)).not.toEqual(await run(8))
  })

  it('in a message stays in it however often it is delivered', async () => {
    const desk = new QueueDesk({ faults: ['queue-bad-base64=0.5'] })
    const first = await desk.reader()
    for (let i = 0; i < 50; i++) desk.report(`bf${i}`)
    first.leave()
    await settle()
    desk.faults.clear()
    const second = await desk.reader()
    expect([...second.texts].sort()).toEqual([...first.texts].sort())
  })
})
