import type { QueueMessage } from '../../../domain/message.ts'
import { own } from '../../../util/json.ts'
import {
  actionResponse,
  bound,
  deviceChanged,
  deviceRenamed,
  eventNotify,
  offline,
  online,
  pointRenamed,
  shared,
  thingEvent,
  unbound,
  upgradeStatus,
} from './device.ts'
import { home } from './home.ts'
import { type Letter, type Members, type Origin, openLetter, type Reader } from './letter.ts'
import { externalAction, sceneExecute } from './rule.ts'
import { propertyMessage, statusReport } from './status.ts'
import { disclosed, toldBy } from './told.ts'

const ignored: Reader = (letter) => ({ kind: 'ignored', ...toldBy(letter, null) })

/** Every word of the platform that has a meaning here, of both families. */
const readers: Readonly<Record<string, Reader>> = {
  // The older family.
  statusReport,
  online,
  offline,
  nameUpdate: deviceRenamed,
  dpNameUpdate: pointRenamed,
  bindUser: bound,
  delete: unbound,
  upgradeStatus,
  event_notify: eventNotify,
  p2pSignal: ignored,
  share: shared,
  homeCreate: home('created'),
  homeUpdate: home('updated'),
  homeDelete: home('deleted'),
  roomCreate: home('room_created'),
  roomNameUpdate: home('room_renamed'),
  roomDelete: home('room_deleted'),
  roomSort: home('rooms_sorted'),
  automationExternalAction: externalAction,
  sceneExecute,
  // The newer family.
  devicePropertyMessage: propertyMessage,
  deviceQueryPropertyMessage: propertyMessage,
  deviceEventMessage: thingEvent,
  deviceActionResponseMessage: actionResponse,
  deviceOnline: online,
  deviceOffline: offline,
  deviceNameUpdate: deviceRenamed,
  deviceBindSpace: bound,
  deviceUnbindSpace: unbound,
  deviceTransfer: deviceChanged,
  deviceFreeze: deviceChanged,
  deviceUnFreeze: deviceChanged,
  deviceOtaProgress: upgradeStatus,
  spaceCreate: home('created', 'spaceId'),
}

/**
 * What a body says. The word decides, never the protocol's number; status reports of the older family have no word.
 * What has no kind, or lacks what its kind needs, is passed on as unknown.
 */
export function readMessage(body: Members, origin: Origin): QueueMessage {
  const letter = openLetter(body, origin)
  return readerOf(letter)?.(letter) ?? unknown(letter)
}

function readerOf({ bizCode, body }: Letter): Reader | undefined {
  if (bizCode !== null && Object.hasOwn(readers, bizCode)) return readers[bizCode]
  return Array.isArray(own(body, 'status')) ? statusReport : undefined
}

function unknown(letter: Letter): QueueMessage {
  const { protocol, bizCode, timeMs, deviceId, body } = letter
  return { kind: 'unknown', protocol, bizCode, timeMs, deviceId, data: disclosed(body) }
}
