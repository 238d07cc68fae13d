import type { ModelEntry, WorldFile } from '../../../src/simulator/world-file.ts'
import { canaries } from '../canary.ts'

const anyNumber = { unit: '', min: 0, max: 2_147_483_647, scale: 0, step: 1 }

/** Every point has room for numbers that never come twice. */
const model: ModelEntry = {
  category: 'wsdcg',
  productId: 'killtest00000001',
  productName: 'Counter',
  dps: [
    { id: 1, code: 'first', type: 'Integer', access: 'ro', values: anyNumber, initial: 0 },
    { id: 2, code: 'second', type: 'Integer', access: 'ro', values: anyNumber, initial: 0 },
    { id: 3, code: 'target', type: 'Integer', access: 'rw', values: anyNumber, initial: 0 },
    { id: 4, code: 'feed_report', type: 'Integer', access: 'ro', values: anyNumber, initial: 0 },
    { id: 5, code: 'signal', type: 'Raw', access: 'wo', values: { maxlen: 128 }, initial: '' },
  ],
}

export const stateCodes = ['first', 'second', 'target'] as const

const lanVersions = ['3.3', '3.4', '3.5'] as const

/** So many devices of one home, which count; the first of them on the LAN as well. */
export function countingWorld(devices: number, onLan = 0): WorldFile {
  const home = '4000000'
  return {
    project: { accessId: 'killtest5q7w9e1r3t5y', accessSecret: canaries.accessSecret },
    users: [{ uid: canaries.uid, linked: true }],
    homes: [{ id: home, name: 'Home', owner: canaries.uid, rooms: [{ id: '5000000', name: 'Room' }] }],
    queue: { cipher: 'mixed' },
    models: { counter: model },
    devices: Array.from({ length: devices }, (_, i) => ({
      id: `bfkill${String(i).padStart(4, '0')}`,
      name: `Counter ${i}`,
      model: 'counter',
      home,
      ...(i < onLan ? { lan: { version: lanVersions[i % lanVersions.length] ?? '3.3' } } : {}),
    })),
  }
}
