import { describe, expect, it } from 'vitest'
import {
  CloudError,
  type CloudRequest,
  compose,
  isCloudError,
  type Layer,
  neverLeft,
} from '../../../src/transport/cloud/layer.ts'
import { BridgeError } from '../../../src/util/error.ts'
import { answering, fault, fine, requestOf } from '../../support/cloud-request.ts'

it('the first layer is the outermost', async () => {
  const order: string[] = []
  const named =
    (name: string): Layer =>
    (next) =>
    async (request: CloudRequest) => {
      order.push(`${name} in`)
      const reply = await next(request)
      order.push(`${name} out`)
      return reply
    }
  await compose([named('a'), named('b')], answering(fine))(requestOf())
  expect(order).toEqual(['a in', 'b in', 'b out', 'a out'])
})

describe('the verdict of an error', () => {
  it.each([
    ['transient', 'cloud/unavailable', 'later'],
    ['throttled', 'cloud/throttled', 'later'],
    ['auth', 'cloud/token-invalid', 'after-login'],
    ['config', 'cloud/credentials', 'after-login'],
    ['quota', 'cloud/quota', 'later'],
    ['budget', 'cloud/quota', 'later'],
    ['permission', 'cloud/permission', 'never'],
    ['device-offline', 'cloud/device-offline', 'later'],
    ['unsupported', 'cloud/unsupported', 'never'],
    ['refused', 'cloud/refused', 'never'],
  ] as const)('%s is %s, retry %s', (kind, code, retry) => {
    expect(fault(kind)).toMatchObject({ kind, code, retry })
  })

  it('is asked for by kind', () => {
    expect(isCloudError(fault('quota'))).toBe(true)
    expect(isCloudError(fault('quota'), 'config', 'quota')).toBe(true)
    expect(isCloudError(fault('quota'), 'config')).toBe(false)
    expect(isCloudError(new Error('quota'))).toBe(false)
  })
})

describe('a call that never left', () => {
  it('was not sent, whatever the reason', () => {
    const reason = new BridgeError('command/unconfirmed', 'too late')
    const error = neverLeft(reason, 'its turn')
    expect(error).toBeInstanceOf(CloudError)
    expect(error).toMatchObject({
      kind: 'blocked',
      outcome: 'not-sent',
      code: 'cloud/throttled',
      cause: reason,
    })
    expect(error.message).toContain('its turn')
  })

  it('because the bridge stops says so', () => {
    const reason = new BridgeError('bridge/shutdown', 'stopping')
    expect(neverLeft(reason, 'a token').code).toBe('bridge/shutdown')
  })
})
