import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { readDeviceFile } from '../../src/codec/lan/device-file.ts'
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
    await hearFiles(court, folder)
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

/** What the library has noted in its own files is what our configuration reads of them. */
async function hearFiles(court: Court, folder: Folder): Promise<void> {
  const { devices } = demoWorld()
  const read = (name: string) => readDeviceFile(JSON.parse(readFileSync(folder.file(name), 'utf8')))
  const sorted = (ids: readonly string[]) => [...ids].sort()
  for (const name of ['devices.json', 'tuya-raw.json', 'snapshot.json']) {
    await court.check(`${name}: our configuration reads every device and key of it`, async () => {
      const noted = read(name)?.devices ?? []
      assert.deepEqual(sorted(noted.map(({ id }) => id)), sorted(devices.map(({ id }) => id)))
      for (const { id, localKey } of noted) assert.equal(localKey?.length, 16, id)
    })
  }
  await court.check(
    'devices.json: codes and types of data points, children with their gateways',
    async () => {
      const noted = new Map(read('devices.json')?.devices.map((device) => [device.id, device]))
      for (const { id, gateway } of devices) assert.equal(noted.get(id)?.gatewayId ?? undefined, gateway, id)
      const lamp = noted.get('bf3c9a7d41e0b2f6aaw1vn')
      const bright = lamp?.points.find(({ code }) => code === 'bright_value_v2')
      assert.deepEqual([bright?.dpId, bright?.type, bright?.max], [22, 'integer', 1000])
    },
  )
  await court.check('snapshot.json: addresses and versions', async () => {
    for (const { host, version } of read('snapshot.json')?.devices ?? []) {
      assert.match(host ?? '', /^192\.168\.1\.\d+$/)
      assert.equal(version, '3.4')
    }
  })
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
