import { expect } from 'vitest'
import { operationById } from '../../src/codec/cloud/operation/index.ts'
import { conform } from '../../src/codec/cloud/schema.ts'

/** What the bridge understands of a result, after the check that every answer goes through. */
export function understood(id: string, result: unknown, dropped = 0): unknown {
  const operation = operationById(id)
  if (!operation) throw new Error(`no operation ${id}`)
  const fitting = conform(operation.reply, result)
  expect(fitting).toMatchObject({ ok: true, dropped })
  return fitting.ok ? operation.read(fitting.value as never) : undefined
}

export function isRefused(id: string, result: unknown): boolean {
  const operation = operationById(id)
  if (!operation) throw new Error(`no operation ${id}`)
  return !conform(operation.reply, result).ok
}
