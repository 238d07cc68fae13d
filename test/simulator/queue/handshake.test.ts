import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { queuePassword } from '../../../src/codec/queue/credential.ts'
import {
  HandshakeRefusal,
  readUpgrade,
  refusalAnswer,
  type Upgrade,
} from '../../../src/simulator/queue/handshake.ts'
import { project } from '../../support/queue-desk.ts'

const headers = {
  username: project.accessId,
  password: queuePassword(project.accessId, project.accessSecret),
}
const path = `/ws/v2/consumer/persistent/${project.accessId}/out/event/${project.accessId}-sub`

function status(change: Partial<Upgrade>): number {
  try {
    readUpgrade({ target: path, headers, ...change }, project)
    return 101
  } catch (thrown) {
    if (!(thrown instanceof HandshakeRefusal)) throw thrown
    return thrown.status
  }
}

describe('what a client asks for', () => {
  it('has the proxy’s own values where nothing is said', () => {
    expect(readUpgrade({ target: path, headers }, project)).toEqual({
      environment: 'event',
      subscription: `${project.accessId}-sub`,
      wishes: {
        type: 'Exclusive',
        name: undefined,
        priority: 0,
        ackTimeoutMs: 0,
        window: 1_000,
        nackDelayMs: 60_000,
        pull: false,
      },
    })
  })

  it.each([
    ['receiverQueueSize=0', { window: 1 }],
    ['receiverQueueSize=50', { window: 50 }],
    ['receiverQueueSize=5000', { window: 1_000 }],
    ['ackTimeoutMillis=30000&subscriptionType=Failover', { ackTimeoutMs: 30_000, type: 'Failover' }],
    ['consumerName=bridge%40main&priorityLevel=1', { name: 'bridge@main', priority: 1 }],
    ['negativeAckRedeliveryDelay=100&pullMode=true', { nackDelayMs: 100, pull: true }],
    ['subscriptionType=Key_Shared&unknown=1', { type: 'Key_Shared' }],
  ])('%s', (query, wishes) => {
    expect(readUpgrade({ target: `${path}?${query}`, headers }, project).wishes).toMatchObject(wishes)
  })
})

describe('the answer', () => {
  it.each([
    ['no header', { headers: {} }, 401],
    ['a wrong name', { headers: { ...headers, username: 'x' } }, 401],
    ['a wrong password', { headers: { ...headers, password: 'x' } }, 401],
    ['the path of another project', { target: path.replace(project.accessId, 'other') }, 401],
    ['two slashes', { target: `/${path}` }, 404],
    ['half a path', { target: '/ws/v2/consumer' }, 404],
    ['a producer', { target: path.replace('consumer', 'producer') }, 404],
    ['ackTimeoutMillis 1', { target: `${path}?ackTimeoutMillis=1` }, 400],
    ['ackTimeoutMillis 1000', { target: `${path}?ackTimeoutMillis=1000` }, 101],
    ['ackTimeoutMillis 0', { target: `${path}?ackTimeoutMillis=0` }, 101],
    ['a negative number', { target: `${path}?priorityLevel=-1` }, 400],
    ['a type in other letters', { target: `${path}?subscriptionType=failover` }, 400],
  ])('to %s', (_what, change, expected) => {
    expect(status(change)).toBe(expected)
  })

  it('is one of these whatever is asked', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (target, query) => {
        expect([101, 400, 401, 404]).toContain(status({ target: `${path}${target}?${query}` }))
      }),
    )
  })

  it('is a page of HTTP, with nothing of the client’s own words in its head', () => {
    const text = refusalAnswer(new HandshakeRefusal(400, 'Invalid subscriptionType a\r\nX-Evil: 1'), {
      'Retry-After': '5',
    })
    const [head = '', body = ''] = text.split('\r\n\r\n')
    const lines = head.split('\r\n')
    expect(lines[0]).toBe('HTTP/1.1 400 Invalid subscriptionType a  X-Evil: 1')
    expect(lines).toContain('Retry-After: 5')
    expect(lines).toContain(`Content-Length: ${Buffer.byteLength(body)}`)
    expect(lines.some((line) => line.startsWith('X-Evil'))).toBe(false)
  })
})
