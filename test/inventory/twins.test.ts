import { expect, it } from 'vitest'
import { Delivery } from '../../src/inventory/delivery.ts'
import { Twins } from '../../src/inventory/twins.ts'
import { Settlement } from '../../src/util/settlement.ts'

const press = (timeMs: number, value = 'single_click', receivedMs = timeMs) => ({
  code: 'switch_mode1',
  value,
  timeMs,
  receivedMs,
})

it('what both ways tell is news once, whichever comes first', () => {
  const twins = new Twins()
  expect(twins.take('bf1', 'lan', press(1_000))).toBeUndefined()
  expect(twins.take('bf1', 'queue', press(1_040))).toBeDefined()
  expect(twins.take('bf1', 'queue', press(9_000))).toBeUndefined()
  expect(twins.take('bf1', 'lan', press(9_010))).toBeDefined()
})

it('two presses stay two, also when each is told on both ways', () => {
  const twins = new Twins()
  expect(twins.take('bf1', 'lan', press(1_000))).toBeUndefined()
  expect(twins.take('bf1', 'lan', press(1_400))).toBeUndefined()
  expect(twins.take('bf1', 'queue', press(1_010))).toBeDefined()
  expect(twins.take('bf1', 'queue', press(1_410))).toBeDefined()
  expect(twins.take('bf1', 'queue', press(1_800))).toBeUndefined()
})

it('another value, another device, another time are other news', () => {
  const twins = new Twins()
  twins.take('bf1', 'lan', press(1_000))
  expect(twins.take('bf1', 'queue', press(1_000, 'double_click'))).toBeUndefined()
  expect(twins.take('bf2', 'queue', press(1_000))).toBeUndefined()
  expect(twins.take('bf1', 'queue', press(3_001))).toBeUndefined()
})

it('a device that nobody knows any more has told nothing', () => {
  const twins = new Twins()
  twins.take('bf1', 'lan', press(1_000))
  twins.forget('bf1')
  expect(twins.take('bf1', 'queue', press(1_000))).toBeUndefined()
})

it('I-7: it remembers a limited number of sayings', () => {
  const twins = new Twins()
  for (let i = 0; i < 100; i++) twins.take('bf1', 'lan', press(1_000, `v${i}`))
  expect(twins.take('bf1', 'queue', press(1_000, 'v99'))).toBeDefined()
  expect(twins.take('bf1', 'queue', press(1_000, 'v0'))).toBeUndefined()
})

it('clocks that are minutes apart: while the cloud’s time is not known it is known by when it comes', () => {
  const twins = new Twins()
  const ahead = 5 * 60_000
  expect(twins.take('bf1', 'lan', press(1_000 + ahead, 'a', 1_000), false)).toBeUndefined()
  expect(twins.take('bf1', 'queue', press(1_000, 'a', 1_300), false)).toBeDefined()
  expect(twins.take('bf1', 'queue', press(1_400, 'a', 1_700), false)).toBeUndefined()
  expect(twins.take('bf1', 'lan', press(9_000 + ahead, 'a', 9_000), false)).toBeUndefined()
  expect(twins.take('bf1', 'queue', press(9_000, 'a', 11_001), false)).toBeUndefined()
  expect(twins.take('bf1', 'lan', press(20_000 + ahead, 'a', 20_000), true)).toBeUndefined()
  expect(twins.take('bf1', 'queue', press(20_000, 'a', 20_300), true)).toBeUndefined()
})

it('what the LAN said and nobody had room for is known to be lost, however often the queue brings it', () => {
  const twins = new Twins()
  const delivery = new Delivery()
  twins.take('bf1', 'lan', { ...press(1_000), delivery })
  const fates: string[] = []
  const twin = twins.take('bf1', 'queue', press(1_000))
  const waiting = new Settlement(
    () => fates.push('settled'),
    () => fates.push('again'),
  )
  twin?.delivery?.join(waiting, () => twins.again('bf1', twin))
  waiting.seal()
  expect(fates).toEqual([])
  delivery.settlement.refuse()
  expect(fates).toEqual(['again'])
  expect(twins.take('bf1', 'queue', press(1_000))?.delivery?.isLost).toBe(true)
  expect(twins.take('bf1', 'queue', press(1_000))?.delivery?.isLost).toBe(true)
  expect(twins.take('bf1', 'queue', press(5_000))).toBeUndefined()
})

it.each([true, false])(
  'whoever waits for what the LAN said learns that the broker has it: %s',
  (delivered) => {
    const delivery = new Delivery()
    const fates: boolean[] = []
    const waiting = new Settlement((settled) => fates.push(settled))
    delivery.join(waiting, () => {})
    waiting.seal()
    const part = delivery.settlement.part()
    delivery.settlement.seal()
    expect(fates).toEqual([])
    part(delivered)
    expect([fates, delivery.isLost]).toEqual([[delivered], false])
    const late = new Settlement((settled) => fates.push(settled))
    delivery.join(late, () => {})
    late.seal()
    expect(fates).toEqual([delivered, true])
  },
)
