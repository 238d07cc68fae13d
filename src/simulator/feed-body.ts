import type { FeedFamily, FeedMessage } from './feed.ts'
import { isStandard, type SimDevice } from './world/device.ts'
import type { ChangedPoint, WorldEvents } from './world/event.ts'
import { moduleWords, upgradeStatus } from './world/firmware.ts'
import type { SimHome } from './world/home.ts'
import type { World } from './world.ts'

/** What a body is made of besides the event itself. */
export interface Wording {
  readonly world: World
  readonly nowMs: number
  /** A new identity for a status report. */
  dataId(): string
}

type Words = {
  readonly [K in keyof WorldEvents]?: (event: WorldEvents[K], wording: Wording) => FeedMessage | undefined
}

const statusProtocol = 4
const eventProtocol = 20
const externalActionProtocol = 22
const sceneProtocol = 25

/** Events about one device in the older wording. */
function ofDevice(device: SimDevice, bizCode: string, bizData: object, { nowMs }: Wording): FeedMessage {
  const body = { devId: device.id, productKey: device.model.productId, bizCode, bizData, ts: nowMs }
  return { family: 'legacy', protocol: eventProtocol, bizCode, key: device.id, body }
}

function ofHome(home: SimHome, bizCode: string, bizData: object, { nowMs }: Wording): FeedMessage {
  const body = { bizCode, bizData: { homeId: Number(home.id), ...bizData, time: nowMs }, ts: nowMs }
  return { family: 'legacy', protocol: eventProtocol, bizCode, key: home.id, body }
}

function ofUser(uid: string, bizCode: string, schema: string, { nowMs }: Wording): FeedMessage {
  const body = { bizCode, bizData: { uid, schema, time: nowMs }, ts: nowMs }
  return { family: 'legacy', protocol: eventProtocol, bizCode, key: uid, body }
}

/** A point outside the standard set has no code here; the key of its DP id has its value as text. */
function legacyStatus({ dp, value, timeMs }: ChangedPoint): object {
  const code = isStandard(dp) ? { code: dp.code } : {}
  return { ...code, t: timeMs, [String(dp.id)]: String(value), value }
}

const upgradeWords: Readonly<Record<number, string>> = {
  [upgradeStatus.ready]: 'ready',
  [upgradeStatus.running]: 'upgrading',
  [upgradeStatus.done]: 'success',
  [upgradeStatus.failed]: 'failed',
}

const legacy: Words = {
  status: ({ device, points }, { dataId }) => ({
    family: 'legacy',
    protocol: statusProtocol,
    bizCode: null,
    key: device.id,
    body: {
      dataId: dataId(),
      devId: device.id,
      productKey: device.model.productId,
      status: points.map(legacyStatus),
    },
  }),
  presence: ({ device, online }, wording) =>
    ofDevice(device, online ? 'online' : 'offline', { time: Math.floor(wording.nowMs / 1000) }, wording),
  renamed: ({ device }, wording) =>
    ofDevice(
      device,
      'nameUpdate',
      { devId: device.id, uid: wording.world.ownerOf(device), name: device.name },
      wording,
    ),
  pointRenamed: ({ device, dp, name }, wording) =>
    ofDevice(device, 'dpNameUpdate', { devId: device.id, dpId: String(dp.id), name }, wording),
  added: ({ device, token = '' }, wording) => {
    const uid = wording.world.ownerOf(device)
    const bizData = { devId: device.id, uid, ownerId: device.homeId, uuid: device.uuid, token }
    return ofDevice(device, 'bindUser', bizData, wording)
  },
  removed: ({ device }, wording) => {
    const uid = wording.world.ownerOf(device)
    return ofDevice(device, 'delete', { devId: device.id, uid, ownerId: device.homeId }, wording)
  },
  upgrade: ({ device, module }, wording) =>
    ofDevice(
      device,
      'upgradeStatus',
      {
        devId: device.id,
        upgradeStatus: String(module.status),
        description: upgradeWords[module.status] ?? '',
        moduleType: moduleWords[module.type] ?? String(module.type),
      },
      wording,
    ),
  homeAdded: ({ home }, wording) =>
    ofHome(home, 'homeCreate', { homeName: home.name, uid: home.owner }, wording),
  homeChanged: ({ home }, wording) =>
    ofHome(
      home,
      'homeUpdate',
      { homeName: home.name, uid: home.owner, lon: home.lon, lat: home.lat },
      wording,
    ),
  homeRemoved: ({ home, devices }, wording) =>
    ofHome(
      home,
      'homeDelete',
      { homeName: home.name, memberIds: home.members.map((_, i) => i + 1), devices, reason: 'user' },
      wording,
    ),
  roomAdded: ({ home, room }, wording) =>
    ofHome(home, 'roomCreate', { roomName: room.name, uid: home.owner }, wording),
  roomRenamed: ({ home, room }, wording) =>
    ofHome(home, 'roomNameUpdate', { roomName: room.name, uid: home.owner }, wording),
  roomRemoved: ({ home }, wording) => ofHome(home, 'roomDelete', {}, wording),
  userAdded: ({ user, schema }, wording) => ofUser(user.uid, 'userRegister', schema, wording),
  userChanged: ({ user, schema }, wording) => ofUser(user.uid, 'userUpdate', schema, wording),
  sceneRan: ({ home, scene, actions }, { nowMs }) => ({
    family: 'legacy',
    protocol: sceneProtocol,
    bizCode: 'sceneExecute',
    key: scene.id,
    body: {
      bizCode: 'sceneExecute',
      gid: Number(home.id),
      uid: home.owner,
      bizData: { id: scene.id, name: scene.name },
      actions: actions.map(({ id, entityId, ok, timeMs }) => ({
        id,
        entityId,
        execStatus: ok ? 1 : 2,
        executeTime: timeMs,
      })),
      ts: nowMs,
    },
  }),
  externalAction: ({ automation, payload }, { nowMs }) => ({
    family: 'legacy',
    protocol: externalActionProtocol,
    bizCode: 'automationExternalAction',
    key: automation.id,
    body: { automationId: automation.id, bizCode: 'automationExternalAction', bizData: payload, ts: nowMs },
  }),
}

const propertyProtocol = 1000
const lifeProtocol = 1001
const upgradeProtocol = 1002
const spaceProtocol = 1010

/** Events about one device in the newer wording, which has no id at the top. */
function core(
  device: SimDevice,
  protocol: number,
  bizCode: string,
  bizData: object,
  { nowMs }: Wording,
): FeedMessage {
  const body = {
    bizCode,
    bizData: { devId: device.id, productId: device.model.productId, ...bizData },
    ts: nowMs,
  }
  return { family: 'iotcore', protocol, bizCode, key: device.id, body }
}

const iotCore: Words = {
  status: ({ device, points }, wording) => {
    const properties = points.map(({ dp, value, timeMs }) => ({
      code: dp.thingCode ?? dp.code,
      dpId: dp.id,
      time: timeMs,
      value,
    }))
    const bizData = { dataId: wording.dataId(), properties }
    return core(device, propertyProtocol, 'devicePropertyMessage', bizData, wording)
  },
  presence: ({ device, online }, wording) => {
    const bizData = { uid: wording.world.ownerOf(device), time: wording.nowMs }
    return core(device, lifeProtocol, online ? 'deviceOnline' : 'deviceOffline', bizData, wording)
  },
  renamed: ({ device }, wording) => {
    const bizData = { uid: wording.world.ownerOf(device), name: device.name, uuid: device.uuid }
    return core(device, lifeProtocol, 'deviceNameUpdate', bizData, wording)
  },
  added: ({ device, token = '' }, wording) => bound(device, 'deviceBindSpace', token, wording),
  removed: ({ device }, wording) => bound(device, 'deviceUnbindSpace', '', wording),
  upgradeProgress: ({ device, percent }, wording) =>
    core(device, upgradeProtocol, 'deviceOtaProgress', { progress: percent }, wording),
  homeAdded: ({ home }, { nowMs }) => ({
    family: 'iotcore',
    protocol: spaceProtocol,
    bizCode: 'spaceCreate',
    key: home.id,
    body: { bizCode: 'spaceCreate', bizData: { spaceId: home.id, name: home.name }, ts: nowMs },
  }),
}

function bound(device: SimDevice, bizCode: string, token: string, wording: Wording): FeedMessage {
  const uid = wording.world.ownerOf(device)
  const bizData = { uid, spaceId: device.homeId, uuid: device.uuid, token }
  return core(device, lifeProtocol, bizCode, bizData, wording)
}

export const wordings: Readonly<Record<FeedFamily, Words>> = { legacy, iotcore: iotCore }
