import { expect, it } from 'vitest'
import type { SimulatorAddress } from '../../src/simulator/simulator.ts'
import { Program } from '../support/process.ts'
import { QueueClient } from '../support/queue-client.ts'
import { until } from '../support/until.ts'

it('simulate says in its first line where everything is, and its queue speaks as it was told to', async () => {
  const args = [
    'simulate',
    '--still',
    '--queue-tls',
    '--queue-cipher',
    'gcm',
    '--queue-family',
    'iotcore',
    '--queue-subscription',
    'second',
    '--fault',
    'queue-burst=3',
  ]
  await using program = new Program({ args })
  await until(() => program.out.includes('\n') || program.child.exitCode !== null)
  const address = JSON.parse(program.out.split('\n')[0] ?? '') as SimulatorAddress
  expect(Object.keys(address)).toEqual(['cloud', 'queue', 'lan', 'udp'])
  expect(address.queue).toMatchObject({ url: expect.stringMatching(/^wss:/), environment: 'event' })
  await using client = await QueueClient.open(address, { suffix: 'second' })
  const frames = await client.received(3)
  expect(frames.map(({ properties }) => properties['em'])).toEqual(['aes_gcm', 'aes_gcm', 'aes_gcm'])
})

it.each([
  [['--queue-cipher', 'rot13'], /Allowed choices are ecb/],
  [['--queue-family', 'ancient'], /Allowed are legacy and iotcore/],
  [['--fault', 'queue-cutt=1'], /Did you mean queue-cut/],
])('simulate %j is refused with a word of help', async (args, said) => {
  await using program = new Program({ args: ['simulate', ...args] })
  const { code } = await program.exited
  expect(code).toBe(64)
  await until(() => program.err.length > 0)
  expect(program.err).toMatch(said)
})
