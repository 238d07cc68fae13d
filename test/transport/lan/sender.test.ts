import { expect, it } from 'vitest'
import type { Json } from '../../../src/domain/data-point.ts'
import { SendError } from '../../../src/domain/link.ts'
import { joinSpecification } from '../../../src/domain/specification.ts'
import { LanSender } from '../../../src/transport/lan/sender.ts'
import { writeOf } from '../../support/write.ts'

const standard = [
  { code: 'switch_led', dpId: 20, type: 'boolean', access: 'rw' },
  { code: 'colour_data_v2', dpId: 24, type: 'json', access: 'rw', colour: { h: 360, s: 1000, v: 1000 } },
  { code: 'nameless', type: 'boolean', access: 'rw' },
] as const

function bench() {
  const log: unknown[] = []
  const sender = new LanSender({
    ways: {
      set: async (deviceId: string, dps: Readonly<Record<string, Json>>) => {
        log.push(['set', deviceId, dps])
        return { by: 'device' }
      },
      query: async (deviceId: string) => void log.push(['query', deviceId]),
    },
    specification: () => joinSpecification({ standard, thing: [], shadow: [] }, {}),
    onSet: (deviceId, points) => log.push(['wrote', deviceId, points.map(({ code }) => code)]),
  })
  return { sender, log }
}

const { signal } = new AbortController()

it('points go by their numbers, in the device’s own form, in one frame; what they were is known before', async () => {
  const { sender, log } = bench()
  const write = writeOf({ switch_led: true, colour_data_v2: { h: 201, s: 511, v: 899 } })
  expect(await sender.send(write, { signal })).toEqual({ by: 'device' })
  expect(log).toEqual([
    ['wrote', 'bf1', ['switch_led', 'colour_data_v2']],
    ['set', 'bf1', { 20: true, 24: '00c901ff0383' }],
  ])
})

it.each(['nameless', 'unknown'])(
  'a point without a number (%s) cannot go, and nothing of the write does',
  async (code) => {
    const { sender, log } = bench()
    const sent = sender.send(writeOf({ switch_led: true, [code]: true }), { signal })
    await expect(sent).rejects.toBeInstanceOf(SendError)
    await expect(sent).rejects.toMatchObject({ outcome: 'not-sent', code: 'lan/error' })
    expect(log).toEqual([])
  },
)

it('a read is a question to the device', async () => {
  const { sender, log } = bench()
  await sender.read('bf1', { signal })
  expect(log).toEqual([['query', 'bf1']])
})
