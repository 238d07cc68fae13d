import { published, type Topic } from './topic-entry.ts'

/** Everything that happens and leaves a copy of the last time: the part of the topic after `event/` and `last/`. */
const happenings = {
  Button: ['device/{device}/button/{code}', 'A button was pressed: code, value, gesture'],
  Doorbell: ['device/{device}/doorbell/{code}', 'Somebody rang'],
  Unlock: ['device/{device}/unlock/{code}', 'A lock was opened: code, method, number on the lock'],
  Alarm: ['device/{device}/alarm/{code}', 'A device raised an alarm'],
  Momentary: ['device/{device}/momentary/{code}', 'Anything else that is an event rather than state'],
  Online: ['device/{device}/online', 'The device came online, by the platform'],
  Offline: ['device/{device}/offline', 'The device went offline, by the platform'],
  Renamed: ['device/{device}/renamed', 'The device got another name in the app'],
  Bound: ['device/{device}/bound', 'The device came into a home'],
  Unbound: ['device/{device}/unbound', 'The device left its home'],
  Ota: ['device/{device}/ota', 'A firmware upgrade moved on'],
  Shared: ['device/{device}/shared', 'The device was shared, or is not any more'],
  SceneRun: ['scene/{scene}/run', 'A scene ran: what each device made of it'],
  ExternalAction: ['automation/{automation}/external_action', 'An automation ran its external action'],
  Action: ['action/{action}', 'The same by the name that the action gives itself'],
  Home: ['home/{home}/{kind}', 'A home or its rooms changed'],
  Queue: ['queue/{bizCode}', 'A message of the platform that has no topic of its own'],
} as const satisfies Record<string, readonly [ending: string, summary: string]>

export type Happening = keyof typeof happenings

type EventTable = {
  readonly [K in Happening as `event${K}`]: Topic<`event/${(typeof happenings)[K][0]}`>
} & {
  readonly [K in Happening as `last${K}`]: Topic<`last/${(typeof happenings)[K][0]}`>
}

const day = 86_400

/** For each of them the event, and its retained copy. */
export const eventTopics = Object.fromEntries(
  Object.entries(happenings).flatMap(([name, [ending, summary]]) => [
    [`event${name}`, published(`event/${ending}`, { document: 'event' }, 'JSON', summary)],
    [
      `last${name}`,
      published(
        `last/${ending}`,
        { retained: true, expirySeconds: day, document: 'event' },
        'JSON',
        `The last event/${ending}`.replace(/\{(\w+)\}/g, '<$1>'),
      ),
    ],
  ]),
) as EventTable
