import { obeyed, published, type Topic } from './topic-entry.ts'

const kept = { retained: true } as const

/** What is said to Home Assistant, below the prefix of its discovery, and heard of it. */
export const homeAssistantTopics = {
  homeAssistantDocument: published(
    'device/{object}/config',
    kept,
    'discovery document',
    'A device with its entities, the scenes or the automations of a home, the bridge: for Home Assistant’s discovery',
  ),
  homeAssistantStatus: {
    ...obeyed('status', 'online or offline', 'Home Assistant came up: all documents are said again'),
    answered: false,
  },
} as const satisfies Record<string, Topic>

/** The tree of Homie 5 below its domain. The first that fits is meant: ids of nodes hold no `$`. */
export const homie5Topics = {
  homieState: published('5/{object}/$state', kept, 'Homie state', 'What a device of Homie is about'),
  homieDescription: published(
    '5/{object}/$description',
    kept,
    'Homie description',
    'Its nodes and properties, with datatypes and formats',
  ),
  homieAlert: published(
    '5/{object}/$alert/{alert}',
    kept,
    'text',
    'Something is wrong with it, for as long as it stands',
  ),
  homieProperty: published(
    '5/{object}/{node}/{property}',
    kept,
    'text',
    'A value by its datatype; presses, rings and unlocks are not retained',
  ),
  homieTarget: published(
    '5/{object}/{node}/{property}/$target',
    kept,
    'text',
    'What was accepted, byte for byte',
  ),
  homieSet: {
    ...obeyed('5/{object}/{node}/{property}/set', 'text', 'Write a property that is settable'),
    answered: false,
  },
} as const satisfies Record<string, Topic>
