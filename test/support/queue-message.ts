import type { HomeChange, QueueMessage } from '../../src/domain/message.ts'

const told = { protocol: 20, bizCode: null, timeMs: 0, data: null }
const productId = null

/** What the platform's queue tells of things that come, go and change. */
export const tell = {
  bound: (deviceId: string, homeId: string | null = null): QueueMessage => ({
    ...told,
    kind: 'bound',
    deviceId,
    homeId,
  }),
  unbound: (deviceId: string, homeId: string | null = null): QueueMessage => ({
    ...told,
    kind: 'unbound',
    deviceId,
    homeId,
  }),
  renamed: (deviceId: string, name = ''): QueueMessage => ({
    ...told,
    kind: 'deviceRenamed',
    deviceId,
    productId,
    name,
  }),
  pointRenamed: (deviceId: string, dpId = 1, name = ''): QueueMessage => ({
    ...told,
    kind: 'pointRenamed',
    deviceId,
    dpId,
    name,
  }),
  changed: (deviceId: string): QueueMessage => ({ ...told, kind: 'deviceChanged', deviceId }),
  status: (deviceId: string): QueueMessage => ({
    ...told,
    kind: 'status',
    deviceId,
    productId,
    dataId: null,
    points: [],
  }),
  presence: (deviceId: string): QueueMessage => ({
    ...told,
    kind: 'presence',
    deviceId,
    productId,
    online: true,
  }),
  upgrade: (deviceId: string, status: string): QueueMessage => ({
    ...told,
    kind: 'upgrade',
    deviceId,
    module: null,
    status,
    percent: null,
  }),
  home: (homeId: string, change: HomeChange): QueueMessage => ({ ...told, kind: 'home', homeId, change }),
  sceneRun: (sceneId: string): QueueMessage => ({
    ...told,
    kind: 'sceneRun',
    sceneId,
    homeId: null,
    actions: [],
  }),
}
