import { describe, expect, it } from 'vitest'
import { explain, type FaultKind, faultOf, faultTable, publicReason } from '../../../src/codec/cloud/fault.ts'

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

/** The platform's codes and what each asks of the client; in the order of the documentation. */
const documented: readonly (readonly [codes: readonly number[], kind: FaultKind])[] = [
  [[500], 'transient'],
  [[1000], 'gone'],
  [[1001, 1005, 1007, 1008], 'config'],
  [[1002], 'auth'],
  [[1003, 1107, 2405], 'config'],
  [[1004], 'config'],
  [[1006, 1105], 'request'],
  [[1010], 'auth'],
  [[1011, 1012, 1400], 'auth'],
  [[1013], 'clock'],
  [[1100, 1102], 'request'],
  [[1101, 1104, 1109], 'request'],
  [[1103], 'undelivered'],
  [[1106], 'permission'],
  [[1108], 'request'],
  [[1110, 1111, 1112, 1199], 'throttled'],
  [[1113], 'refused'],
  [[1114], 'config'],
  [[2001], 'device-offline'],
  [[2002, 2005, 2006, 2010], 'gone'],
  [[2003], 'unsupported'],
  [[2004, ...range(2301, 2324)], 'refused'],
  [[2007], 'refused'],
  [[2008], 'unsupported'],
  [[2009, 2012, 2015], 'unsupported'],
  [[2017], 'config'],
  [[2013, 2014, 2016, ...range(2018, 2027), ...range(2201, 2212)], 'refused'],
  [[2401, 2402, 2403, 2406, 2410], 'config'],
  [[...range(2407, 2409), ...range(2411, 2421)], 'config'],
  [[2501, 2502, 2503], 'gone'],
  [range(2504, 2510), 'refused'],
  [range(2511, 2514), 'refused'],
  [[28841002, 28841004], 'quota'],
  [[28841001, 28841101, 28841105], 'permission'],
  [[40000309], 'throttled'],
]

const expected = new Map(documented.flatMap(([codes, kind]) => codes.map((code) => [code, kind] as const)))

describe('the kind of a code', () => {
  it.each([...expected])('of %d is %s', (code, kind) => {
    expect(faultOf(code).kind).toBe(kind)
  })

  it('of one that nobody documented is a refusal', () => {
    const unknown = [...range(0, 3_000), ...range(28_841_000, 28_841_200), -1, 1e9, Number.NaN].filter(
      (code) => !expected.has(code),
    )
    const others = unknown.filter((code) => faultOf(code).kind !== 'refused')
    expect(others).toEqual([])
  })

  it('is in the table of the reference page, once for each code and with advice', () => {
    const table = faultTable()
    expect(table.map(({ code }) => code)).toEqual([...expected.keys()].sort((a, b) => a - b))
    for (const { code, fault } of table) {
      expect(fault).toBe(faultOf(code))
      expect(fault.meaning).not.toBe('')
      expect(fault.advice).toMatch(/\.$/)
    }
  })
})

describe('what the contract calls it', () => {
  it.each<[FaultKind, string, string]>([
    ['device-offline', 'cloud/device-offline', 'later'],
    ['unsupported', 'cloud/unsupported', 'never'],
    ['auth', 'cloud/token-invalid', 'after-login'],
    ['permission', 'cloud/permission', 'never'],
    ['quota', 'cloud/quota', 'later'],
    ['throttled', 'cloud/throttled', 'later'],
    ['transient', 'cloud/unavailable', 'later'],
    ['refused', 'cloud/refused', 'never'],
    ['request', 'cloud/refused', 'never'],
    ['gone', 'cloud/refused', 'never'],
  ])('%s is %s, to be tried again %s', (kind, reason, retry) => {
    expect(publicReason(kind)).toEqual({ reason, retry })
  })
})

it('a user reads the code, its meaning, the cloud’s words and what to do', () => {
  const text = explain({ code: 28841105, msg: 'No permissions.' })
  expect(text).toMatch(/28841105 .*not subscribed or not authorised.*No permissions\..*Service API/)
  expect(explain({ code: 4711, msg: 'strange' })).toMatch(/4711 .*strange/)
  expect(explain({ code: 500, msg: 'x'.repeat(100_000) }).length).toBeLessThan(400)
})
