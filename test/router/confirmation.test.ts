import { describe, expect, it } from 'vitest'
import { Confirmation } from '../../src/router/confirmation.ts'
import { settle } from '../support/virtual-clock.ts'
import { writeOf } from '../support/write.ts'

const sentMs = 1_000
const { points } = writeOf({ switch_led: true, bright_value: 500, colour: { h: 1, s: 2, v: 3 } })

async function isConfirmed(confirmation: Confirmation): Promise<boolean> {
  let confirmed = false
  void confirmation.confirmed.then(() => {
    confirmed = true
  })
  await settle(1)
  return confirmed
}

describe('a confirmation', () => {
  it('needs every point with the value that was sent, in any order and over several reports', async () => {
    const confirmation = new Confirmation(points, sentMs)
    confirmation.observe([{ code: 'bright_value', value: 500, timeMs: sentMs }], false)
    confirmation.observe(
      [
        { code: 'colour', value: { v: 3, s: 2, h: 1 }, timeMs: sentMs },
        { code: 'other', value: true, timeMs: sentMs },
      ],
      false,
    )
    expect(confirmation.missing).toEqual(['switch_led'])
    expect(await isConfirmed(confirmation)).toBe(false)
    confirmation.observe([{ code: 'switch_led', value: true, timeMs: sentMs }], false)
    expect(confirmation.missing).toEqual([])
    expect(await isConfirmed(confirmation)).toBe(true)
  })

  it('takes no other value for it', async () => {
    const confirmation = new Confirmation(writeOf({ bright_value: 500 }).points, sentMs)
    for (const value of [499, '500', true, null, [500]]) {
      confirmation.observe([{ code: 'bright_value', value, timeMs: sentMs }], false)
    }
    expect(await isConfirmed(confirmation)).toBe(false)
  })

  it('takes no read that began before the sending, but any push', async () => {
    const confirmation = new Confirmation(writeOf({ bright_value: 500 }).points, sentMs)
    confirmation.observe([{ code: 'bright_value', value: 500, timeMs: sentMs - 1 }], true)
    expect(await isConfirmed(confirmation)).toBe(false)
    confirmation.observe([{ code: 'bright_value', value: 500, timeMs: sentMs - 1 }], false)
    expect(await isConfirmed(confirmation)).toBe(true)
  })

  it('takes a read that began with the sending', async () => {
    const confirmation = new Confirmation(writeOf({ bright_value: 500 }).points, sentMs)
    confirmation.observe([{ code: 'bright_value', value: 500, timeMs: sentMs }], true)
    expect(await isConfirmed(confirmation)).toBe(true)
  })

  it('of nothing is there from the start', async () => {
    expect(await isConfirmed(new Confirmation([], sentMs))).toBe(true)
  })
})
