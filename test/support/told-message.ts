import type { ExternalActionMessage, PresenceMessage, QueueMessage } from '../../src/domain/message.ts'

/** Messages of the queue as the codec would give them; what matters to the test is given. */
type Of<K extends QueueMessage['kind']> = Extract<QueueMessage, { kind: K }>

const told = { protocol: 20, bizCode: 'made_up', timeMs: 0, data: {} }

export function message<K extends QueueMessage['kind']>(
  kind: K,
  members: Omit<Of<K>, 'kind' | keyof typeof told> & Partial<Of<K>>,
): Of<K> {
  return { ...told, kind, ...members } as unknown as Of<K>
}

export function presence(timeMs: number, online = true, deviceId = 'lamp'): PresenceMessage {
  return message('presence', { deviceId, productId: null, online, timeMs })
}

export function externalAction(
  timeMs: number,
  payload: ExternalActionMessage['payload'],
  automationId = 'p2aWOkEOe2RzATHL',
): ExternalActionMessage {
  return message('externalAction', { automationId, homeId: '3182004', payload, timeMs })
}
