import { spawn } from 'node:child_process'
import { Command } from 'commander'
import { describe, expect, it, vi } from 'vitest'
import { addDecode } from '../../src/cli/decode.ts'
import { explainMessage } from '../../src/cli/decode-queue.ts'
import { CommandFailed, exit } from '../../src/cli/exit.ts'
import { encodePulsar, pulsarKeys } from '../../src/codec/queue/decode.ts'
import { decodeFrame, encodeFrame } from '../../src/codec/queue/frame.ts'
import { program } from '../support/process.ts'
import { queueVectors } from '../support/queue-vector.ts'

const [ecb, , action, gcm] = queueVectors('pulsar')
const [hub] = queueVectors('openhub')
if (!ecb || !action || !gcm || !hub) throw new Error('the golden frames are not there')
const { accessId, accessKey } = ecb.given
const env = { DP2MQTT_TUYA_ACCESS_ID: accessId, DP2MQTT_TUYA_ACCESS_SECRET: accessKey }

/** What `dp2mqtt decode` says and how it ends, without the time that a process takes to start. */
async function decode(args: readonly string[], variables: Readonly<Record<string, string>> = env) {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
  const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const command = new Command().exitOverride()
  addDecode(command)
  let code: number = exit.stopped
  let err = ''
  try {
    await command.parseAsync(['decode', ...args], { from: 'user' })
  } catch (thrown) {
    if (!(thrown instanceof CommandFailed)) throw thrown
    code = thrown.code
    err = thrown.message
  } finally {
    vi.unstubAllEnvs()
  }
  const out = written.mock.calls.map(([text]) => String(text)).join('')
  written.mockRestore()
  return { code, out, err }
}

/** The same as a process, with something on standard input. */
function decodePiped(args: readonly string[], input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, 'decode', ...args], { env: { ...process.env, ...env } })
    let out = ''
    child.stdout.on('data', (chunk) => {
      out += chunk
    })
    child.on('error', reject)
    child.on('close', () => resolve(out))
    child.stdin.end(input)
  })
}

describe('dp2mqtt decode queue', () => {
  it('shows what a frame says, with either cipher', async () => {
    const one = await decode(['queue', ecb.given.frame])
    const two = await decode(['queue', gcm.given.frame])
    expect([one.code, two.code]).toEqual([0, 0])
    expect(JSON.parse(one.out)).toMatchObject({
      messageId: 'CKCf+gEQFBgA',
      publishTimeMs: 1_767_225_601_537,
      em: 'aes_ecb',
      protocol: 4,
      signOk: true,
      body: ecb.expect.body,
      message: { kind: 'status', deviceId: 'bf59y3w9z20jjwvxb8hn1g' },
    })
    expect(JSON.parse(two.out)).toMatchObject({ em: 'aes_gcm', body: gcm.expect.body })
  })

  it('takes an envelope without its frame, and reads from standard input', async () => {
    const { payload } = decodeFrame(gcm.given.frame)
    const envelope = Buffer.from(payload, 'base64').toString()
    const outs = [
      (await decode(['queue', payload, 'aes_gcm'])).out,
      (await decode(['queue', envelope, 'aes_gcm'])).out,
      await decodePiped(['queue', '-'], `${gcm.given.frame}\n`),
    ]
    for (const out of outs) expect(JSON.parse(out)).toMatchObject({ body: gcm.expect.body })
    expect(JSON.parse(outs[0] ?? '')).not.toHaveProperty('messageId')
  })

  it('never shows the secret, ids of accounts or tokens', async () => {
    const bizData = { devId: 'bf1', uid: 'az1', token: 'AZtoken', note: `the secret is ${accessKey}` }
    const frame = encodePulsar(
      {
        messageId: 'm',
        body: { bizCode: 'bindUser', bizData },
        protocol: 20,
        t: 1_767_225_600_000,
        publishTimeMs: null,
      },
      pulsarKeys(accessKey),
    )
    const { code, out } = await decode(['queue', encodeFrame(frame)])
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      body: { bizData: { devId: 'bf1', note: 'the secret is [redacted]' } },
    })
    for (const hidden of [accessKey, 'az1', 'AZtoken']) expect(out).not.toContain(hidden)
  })

  it('says what is wrong, and ends with 78 when it may be the secret', async () => {
    const other = `9${accessKey.slice(1, 12)}9${accessKey.slice(13)}`
    const faults = [
      [gcm.given.frame, other, 78, 'queue/decrypt'],
      [gcm.given.frame, 'tooshort', 78, 'queue/credentials'],
      [hub.given.payload, accessKey, 78, 'queue/decrypt'],
      ['{"messageId":"a"', accessKey, 64, 'queue/frame-json'],
      ['{"messageId":"a"}', accessKey, 64, 'queue/frame-json'],
      ['not base64', accessKey, 64, 'queue/payload-base64'],
    ] as const
    for (const [text, secret, code, reason] of faults) {
      const call = () => explainMessage(text, '', secret)
      expect(call).toThrow(CommandFailed)
      expect(call).toThrow(expect.objectContaining({ code, message: expect.stringContaining(`${reason}: `) }))
      expect(call).not.toThrow(secret)
    }
    expect(await decode(['queue', gcm.given.frame], {})).toMatchObject({
      code: 78,
      out: '',
      err: expect.stringContaining('No cloud project is configured'),
    })
  })
})

describe('dp2mqtt decode', () => {
  it.each([
    [['colour', '00000168ffff'], undefined],
    [['phase', 'CPwAA+gAAOY='], '{"voltage":230,"current":1,"power":0.23}'],
    [['bitmap', '5', 'a', 'b', 'c'], '["a","c"]'],
    [['scaled', '2305', '1'], '230.5'],
    [['fault', '1106'], undefined],
  ])('%j', async (args, said) => {
    const { code, out } = await decode(args, {})
    expect(code).toBe(0)
    expect(out.trim()).not.toBe('')
    if (said !== undefined) expect(out.trim()).toBe(said)
  })

  it('refuses what it does not know', async () => {
    const ends = [await decode(['toString', 'x'], {}), await decode(['colour', 'red'], {})]
    expect(ends.map(({ code }) => code)).toEqual([64, 64])
    expect(ends[0]?.err).toContain('"toString" is none of colour, phase, bitmap, scaled, fault, queue.')
    expect(ends[1]?.err).toContain('"red" is not a colour')
  })
})
