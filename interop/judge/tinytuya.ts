import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { demoWorld } from '../../src/simulator/world-file.ts'
import { Folder } from '../../test/support/folder.ts'
import { runToEnd } from '../child.ts'
import type { Court, Judge } from '../court.ts'
import { installPythonPackages, python, pythonLacks } from '../install.ts'
import { SimulatorProcess } from '../simulator.ts'
import { Tap } from '../tap.ts'
import { hearLines, script } from './lines.ts'

const tokenSeconds = 2

/** The hosts that the library builds its addresses of. */
const hosts = [
  'openapi.tuyacn.com',
  'openapi.tuyaus.com',
  'openapi-ueaz.tuyaus.com',
  'openapi.tuyaeu.com',
  'openapi-weaz.tuyaeu.com',
  'openapi.tuyain.com',
  'openapi-sg.iotbing.com',
]

/**
 * The library builds `https://<vendor's host>` and has no setting for another. So it keeps its addresses: HTTPS_PROXY
 * names a proxy on loopback that ends its TLS with a certificate of our own authority, which REQUESTS_CA_BUNDLE trusts.
 */
export const tinytuya: Judge = {
  name: 'tinytuya',
  about:
    'the Cloud class of tinytuya 1.20.0, unchanged, drives `dp2mqtt simulate` through a proxy that ends TLS',
  lacks: pythonLacks,
  prepare: installPythonPackages,
  hear: async (court) => {
    using folder = new Folder()
    await runToEnd(python, [script('certificate.py'), folder.path, ...hosts])
    await hear(court, folder, 'reads')
    const regions = await hear(court, folder, 'regions')
    await court.check('every region was called by its own host name', async () => {
      assert.deepEqual([...new Set(regions.heard.map(({ host }) => host))].sort(), [...hosts].sort())
    })
    const renewal = await hear(court, folder, 'renewal', `token-seconds=${tokenSeconds}`)
    await court.check('each renewal was one refused call, one token, one call', async () => {
      const renewed = ['GET …/status 1010', 'GET /v1.0/token', 'GET …/status']
      const unknown = ['GET … 1010', 'GET /v1.0/token', 'GET …']
      const calls = renewal.take().map((call) => call.replace(/\/v1\.0\/devices\/\w+/, '…'))
      assert.deepEqual(calls, ['GET /v1.0/token', ...renewed, ...unknown])
    })
    await hear(court, folder, 'refusals')
  },
}

/** One part of the script, with a fresh simulator behind it; every line it prints is a check. */
async function hear(court: Court, folder: Folder, part: string, ...faults: string[]): Promise<Tap> {
  await using simulator = await SimulatorProcess.start(...faults)
  const certificate = {
    cert: readFileSync(folder.file('host.pem'), 'utf8'),
    key: readFileSync(folder.file('host.key'), 'utf8'),
  }
  await using tap = await Tap.start(simulator.cloud.endpoint, certificate)
  const { accessId, accessSecret } = simulator.cloud
  const devices = demoWorld().devices.length
  const given = JSON.stringify({ part, accessId, accessSecret, devices, tokenSeconds })
  const printed = await runToEnd(python, ['-B', script('cloud.py'), given], {
    env: { HTTPS_PROXY: tap.url, REQUESTS_CA_BUNDLE: folder.file('authority.pem') },
    cwd: folder.path,
  })
  await hearLines(court, printed)
  return tap
}
