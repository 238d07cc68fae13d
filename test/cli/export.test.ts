import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { mosquittoAcl } from '../../src/mqtt/rights.ts'
import { Program } from '../support/process.ts'

/** What `dp2mqtt export` writes and how it ends. */
async function exported(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  await using program = new Program({ args: ['export', ...args], env })
  const { code } = await program.exited
  return { code, out: program.out, err: program.err }
}

describe('dp2mqtt export', () => {
  it('writes the access list for the base of this installation', async () => {
    const { code, out } = await exported(['acl'], { DP2MQTT_MQTT_BASE: 'house/tuya' })
    expect(code).toBe(0)
    expect(out).toBe(mosquittoAcl({ base: 'house/tuya' }))
  })

  it('writes the same AsyncAPI document as YAML and as JSON', async () => {
    const [yaml, json] = await Promise.all([
      exported(['asyncapi']),
      exported(['asyncapi', '--format', 'json']),
    ])
    expect(yaml.out.startsWith('asyncapi: 3.0.0\n')).toBe(true)
    expect(parse(yaml.out)).toEqual(JSON.parse(json.out))
  })

  it('says what it can write when it is asked for something else', async () => {
    const { code, err } = await exported(['everything'])
    expect(code).toBe(64)
    expect(err).toContain("unknown command 'everything'")
  })
})
