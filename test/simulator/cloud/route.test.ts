import { describe, expect, it } from 'vitest'
import { operations } from '../../../src/codec/cloud/operation/index.ts'
import { findRoute } from '../../../src/simulator/cloud/route.ts'

describe('the route of a request', () => {
  it.each(operations.map((operation) => [operation.id, operation] as const))(
    'leads to %s, with what its path holds',
    (_id, operation) => {
      const values: Record<string, string> = {}
      const path = operation.path.replace(/\{(\w+)\}/g, (_match, name: string) => {
        values[name] = `value-of-${name}`
        return values[name]
      })
      expect(findRoute(operation.method, path)).toEqual({ operation, args: values })
    },
  )

  it('takes static paths before those that would take their words for ids', () => {
    for (const { id, method, path } of operations.filter((operation) => !operation.path.includes('{'))) {
      expect(findRoute(method, path)?.operation.id).toBe(id)
    }
    expect(findRoute('GET', '/v1.0/devices/status')?.operation.id).toBe('devices-status-batch')
  })

  it.each([
    ['GET', '/v1.0/devices/bf1/commands'],
    ['DELETE', '/v1.0/token'],
    ['GET', '/v1.0/devices/bf1/'],
    ['GET', '/v1.0/devices//status'],
    ['GET', '/v1.0/Devices/bf1'],
    ['GET', '/v1.0'],
    ['GET', '/'],
    ['GET', ''],
  ])('of %s %s there is none', (method, path) => {
    expect(findRoute(method, path)).toBeUndefined()
  })
})
