import { isRecord, own } from '../../util/json.ts'
import type { FeedMessage } from '../feed.ts'
import type { ExternalActionEntry } from '../world-file.ts'

/** Nobody knows for sure how the platform words what an automation tells; it can be had in every likely way. */
export function externalActionAs<M extends FeedMessage>(message: M, wanted: ExternalActionEntry = {}): M {
  if (message.bizCode !== 'automationExternalAction') return message
  const { protocol = message.protocol, bizData = 'object' } = wanted
  const payload = message.body['bizData']
  const body = bizData === 'string' ? { ...message.body, bizData: JSON.stringify(payload) } : message.body
  return { ...message, protocol, body }
}

/** Whether a message is about one of these devices. */
export function isAbout({ body }: FeedMessage, devices: readonly string[]): boolean {
  const bizData = own(body, 'bizData')
  const inside = isRecord(bizData) ? own(bizData, 'devId') : undefined
  return [own(body, 'devId'), inside].some((id) => typeof id === 'string' && devices.includes(id))
}
