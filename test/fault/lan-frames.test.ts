import { expect, it } from 'vitest'
import { lanCommand } from '../../src/codec/lan/command.ts'
import { largestFrame } from '../../src/codec/lan/frame.ts'
import { lanVersions } from '../../src/codec/lan/version.ts'
import { LanCounts } from '../../src/transport/lan/counts.ts'
import { seededRandom } from '../../src/util/random.ts'
import { deviceFrame, hostileBytes, openEars } from '../support/lan-fuzz.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const splits = 100_000
/** `LAN_FUZZ=1000000` for a long run. */
const inputs = Number(process.env['LAN_FUZZ'] ?? 100_000)

it(`L2, R-L3: ${splits} splits of a stream give the same messages`, () => {
  const random = seededRandom(17)
  const clock = new VirtualClock()
  for (const version of lanVersions) {
    // Such a number has the bytes of a suffix.
    const seqs = [43_604, 43_605, 43_606, 43_607]
    const stream = Buffer.concat(
      seqs.map((seq) => deviceFrame(version, seq, lanCommand.status, `{"dps":{"1":${seq}}}`, random)),
    )
    const wanted = seqs.map((seq) => `${seq} {"dps":{"1":${seq}}}`)
    for (let n = 0; n < splits / lanVersions.length; n++) {
      const { connection, heard } = openEars(version, clock, random)
      const pieces = 1 + Math.floor(random() * 12)
      let at = 0
      for (let piece = 0; piece < pieces && at < stream.length; piece++) {
        const end =
          piece === pieces - 1 ? stream.length : at + Math.floor(random() * (stream.length - at + 1))
        connection.onData(stream.subarray(at, end))
        at = end
      }
      const got = heard.map(({ seq, payload }) => `${seq} ${payload.toString()}`)
      if (got.join() !== wanted.join()) expect(got).toEqual(wanted)
    }
  }
}, 300_000)

it(`L8, I-11: ${inputs} hostile inputs end in faults that have a name, quickly, and nothing grows`, () => {
  const random = seededRandom(Number(process.env['LAN_SEED'] ?? 23))
  const clock = new VirtualClock()
  const counts = new LanCounts()
  let slowestMs = 0
  let messages = 0
  let connections = 0
  for (let n = 0; n < inputs; ) {
    const version = lanVersions[n % lanVersions.length] ?? '3.1'
    const { connection, heard } = openEars(version, clock, random, counts)
    connections++
    for (let i = 0; i < 8 && n < inputs && !connection.isOver; i++, n++) {
      const bytes = hostileBytes(version, random)
      const before = process.cpuUsage()
      // What is thrown here would end the process.
      connection.onData(bytes)
      // Of the processor: a machine may be busy with something else.
      const { user, system } = process.cpuUsage(before)
      slowestMs = Math.max(slowestMs, (user + system) / 1_000)
    }
    messages += heard.length
  }
  const faults = [...counts.badFramesByFault.keys()].sort()
  expect(faults).toEqual(
    expect.arrayContaining([
      'bad_crc',
      'bad_hmac',
      'bad_length',
      'bad_prefix',
      'bad_suffix',
      'bad_tag',
      'bad_json',
      'version_mismatch',
    ]),
  )
  expect(messages).toBeGreaterThan(inputs / 20)
  expect(connections).toBeGreaterThan(inputs / 9)
  // A collection of garbage may fall into one of them.
  expect(slowestMs).toBeLessThan(100)
}, 3_600_000)

it('R-L3: a frame of the largest size in pieces of one byte is read, and one that is larger closes at once', () => {
  const random = seededRandom(5)
  const clock = new VirtualClock()
  for (const version of ['3.3', '3.4', '3.5'] as const) {
    const text = `{"dps":{"1":"${'x'.repeat(largestFrame - 200)}"}}`
    const frame = deviceFrame(version, 1, lanCommand.status, text, random)
    const { connection, heard } = openEars(version, clock, random)
    for (let at = 0; at < frame.length; at++) connection.onData(frame.subarray(at, at + 1))
    expect(heard).toHaveLength(1)
    const tooLarge = deviceFrame(version, 2, lanCommand.status, `${text}${' '.repeat(300)}`, random)
    connection.onData(tooLarge.subarray(0, 18))
    expect(connection.isOver).toBe(true)
  }
})
