import { describe, expect, it } from 'vitest'
import { openHubKey, queueKey, queuePassword } from '../../../src/codec/queue/credential.ts'
import { BridgeError } from '../../../src/util/error.ts'
import { queueVectors } from '../../support/queue-vector.ts'

const accessId = 'demoaccessid00000001'
const accessKey = '0f1e2d3c4b5a69788796a5b4c3d2e1f0'

describe('what is made of the access secret', () => {
  it('is the password of the header', () => {
    expect(queuePassword(accessId, accessKey)).toBe('abf1edb653addd70')
  })

  it('is the key, whose characters are its bytes', () => {
    expect(queueKey(accessKey).toString('latin1')).toBe('4b5a69788796a5b4')
  })

  it.each(queueVectors('pulsar'))('is as in $id', ({ given, steps }) => {
    expect(queuePassword(given.accessId, given.accessKey)).toBe(steps.wsPassword)
    expect(queueKey(given.accessKey).toString()).toBe(steps.aesKey)
  })

  it.each(['', 'short', 'x'.repeat(23), `xxxxxxxx${'é'.repeat(8)}`, `xxxxxxxx${'é'.repeat(16)}`])(
    'is nothing when the secret is "%s"',
    (secret) => {
      const call = () => queueKey(secret)
      expect(call).toThrow(BridgeError)
      expect(call).toThrow('at least 24 characters')
      if (secret !== '') expect(call).not.toThrow(secret)
    },
  )
})

describe('what is made of the password of the Open Hub', () => {
  it('is the key', () => {
    expect(openHubKey('00112233445566778899aabbccddeeff').toString()).toBe('445566778899aabb')
  })

  it.each(queueVectors('openhub'))('is as in $id', ({ given, steps }) => {
    expect(openHubKey(given.password).toString()).toBe(steps.aesKey)
  })
})
