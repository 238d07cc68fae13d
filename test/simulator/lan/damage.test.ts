import { describe, expect, it } from 'vitest'
import type { LanFault } from '../../../src/codec/lan/lan-error.ts'
import { type LanVersion, lanVersions } from '../../../src/codec/lan/version.ts'
import { damages } from '../../../src/simulator/lan/damage.ts'
import { LanClient } from '../../support/lan-client.ts'
import { LanHouse } from '../../support/lan-house.ts'

/** What a client finds in the push after a set when frames are broken so; null where the version has no such fault. */
const found: Readonly<Record<LanFault, Partial<Record<LanVersion, string>> | string>> = {
  bad_prefix: 'bad_prefix',
  bad_length: 'bad_length',
  bad_suffix: 'bad_suffix',
  bad_crc: { '3.1': 'bad_crc', '3.2': 'bad_crc', '3.3': 'bad_crc', '3.4': 'bad_hmac', '3.5': 'bad_tag' },
  bad_hmac: { '3.1': 'bad_crc', '3.2': 'bad_crc', '3.3': 'bad_crc', '3.4': 'bad_hmac', '3.5': 'bad_tag' },
  bad_tag: { '3.1': 'bad_crc', '3.2': 'bad_crc', '3.3': 'bad_crc', '3.4': 'bad_hmac', '3.5': 'bad_tag' },
  bad_padding: { '3.1': 'bad_padding', '3.2': 'bad_padding', '3.3': 'bad_padding', '3.4': 'bad_padding' },
  bad_block_size: {
    '3.1': 'bad_block_size',
    '3.2': 'bad_block_size',
    '3.3': 'bad_block_size',
    '3.4': 'bad_block_size',
  },
  bad_base64: { '3.1': 'bad_base64' },
  bad_json: 'bad_json',
  no_retcode: { '3.5': 'no_retcode' },
  bad_session_length: {},
  bad_session_hmac: {},
  unexpected_command: {},
  version_mismatch: 'version_mismatch',
}

async function fault(act: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await act()
    return undefined
  } catch (thrown) {
    return (thrown as { code?: string }).code ?? (thrown as Error).message
  }
}

describe('a broken frame', () => {
  it.each(lanVersions.flatMap((version) => Object.keys(damages).map((name) => [version, name] as const)))(
    '%s %s is what a client finds it to be',
    async (version, name) => {
      const faults = [`lan-bad=${name},command=push`]
      await using house = await LanHouse.start({ version }, { faults })
      await using client = await LanClient.open(house.lamp)
      client.set({ 20: false })
      await client.next()
      const wanted = found[name as LanFault]
      expect(await fault(() => client.next())).toBe(typeof wanted === 'string' ? wanted : wanted[version])
    },
  )

  it.each(
    (['3.4', '3.5'] as const).flatMap((version) =>
      (['bad_session_length', 'bad_session_hmac', 'unexpected_command'] as const).map(
        (name) => [version, name] as const,
      ),
    ),
  )('%s %s is found in the handshake', async (version, name) => {
    await using house = await LanHouse.start({ version }, { faults: [`lan-bad=${name}`] })
    expect(await fault(() => LanClient.open(house.lamp))).toBe(name)
  })
})
