import { describe, expect, it } from 'vitest'
import type { WeatherKind } from '../../src/domain/definition.ts'
import { WeatherList } from '../../src/inventory/weather-list.ts'
import { BridgeError } from '../../src/util/error.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const day = 86_400_000
const temp: WeatherKind = { code: 'temp', type: 'integer', operators: ['<'] }

function list(read: (signal: AbortSignal) => Promise<readonly WeatherKind[]>) {
  const clock = new VirtualClock()
  const errors: string[] = []
  let asked = 0
  const weather = new WeatherList({
    read: (signal) => {
      asked++
      return read(signal)
    },
    clock,
    onError: (error, what) => errors.push(`${error.code} ${what}`),
  })
  return { clock, errors, weather, asked: () => asked }
}

describe('the list of weather conditions', () => {
  it('is asked for once a day, by however many at once', async () => {
    const { clock, weather, asked, errors } = list(async () => [temp])
    expect([weather.kinds, weather.isFresh]).toEqual([undefined, false])
    await Promise.all([weather.refresh(), weather.refresh()])
    await weather.refresh()
    expect([weather.kinds, weather.isFresh, asked()]).toEqual([[temp], true, 1])
    await clock.advance(day - 1)
    await weather.refresh()
    expect(asked()).toBe(1)
    await clock.advance(1)
    expect(weather.isFresh).toBe(false)
    await weather.refresh()
    expect([asked(), errors]).toEqual([2, []])
  })

  it('is what it was, or unknown, when it cannot be had; and nobody asks again that day', async () => {
    let answer: () => Promise<readonly WeatherKind[]> = () =>
      Promise.reject(new BridgeError('cloud/permission', 'no'))
    const { clock, weather, asked, errors } = list(() => answer())
    await weather.refresh()
    await weather.refresh()
    expect([weather.kinds, weather.isFresh, asked()]).toEqual([undefined, true, 1])
    expect(errors).toEqual(['cloud/permission the list of weather conditions'])
    await clock.advance(day)
    answer = async () => [temp]
    await weather.refresh()
    await clock.advance(day)
    answer = async () => []
    await weather.refresh()
    expect([weather.kinds, asked()]).toEqual([[temp], 3])
  })

  it('is not waited for longer than four seconds', async () => {
    const { clock, weather, errors } = list(
      (signal) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    )
    const waiting = weather.refresh()
    expect(weather.isFresh).toBe(false)
    await clock.advance(4_000)
    await waiting
    expect([weather.kinds, weather.isFresh]).toEqual([undefined, true])
    expect(errors).toEqual(['cloud/unavailable the list of weather conditions'])
  })
})
