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

/** An attribute of Homie 4 stands in a topic of its own. */
function attribute<const P extends string>(pattern: P, summary: string) {
  return published(pattern, kept, 'text', summary)
}

/** The trees of Homie 4 below the same domain: no device of theirs is called `5`. */
export const homie4Topics = {
  homie4Version: attribute('{object}/$homie', 'The version, by which readers find a device'),
  homie4Name: attribute('{object}/$name', 'How the device is called'),
  homie4State: published('{object}/$state', kept, 'Homie 4 state', 'What the device is about'),
  homie4Nodes: attribute('{object}/$nodes', 'Ids of its nodes, a comma between them'),
  homie4Extensions: published(
    '{object}/$extensions',
    {},
    'text',
    'None: the payload is empty, and nothing is kept',
  ),
  homie4Implementation: attribute('{object}/$implementation', 'The name of this program'),
  homie4NodeName: attribute('{object}/{node}/$name', 'How the node is called'),
  homie4NodeType: attribute('{object}/{node}/$type', 'The ability that the node stands for'),
  homie4NodeProperties: attribute(
    '{object}/{node}/$properties',
    'Ids of its properties, a comma between them',
  ),
  homie4PropertyName: attribute('{object}/{node}/{property}/$name', 'How the property is called'),
  homie4PropertyDatatype: attribute(
    '{object}/{node}/{property}/$datatype',
    'integer, float, boolean, enum, color or string',
  ),
  homie4PropertyFormat: attribute(
    '{object}/{node}/{property}/$format',
    'Lowest and highest value, the words of an enum, or hsv',
  ),
  homie4PropertySettable: attribute('{object}/{node}/{property}/$settable', 'true where it may be written'),
  homie4PropertyRetained: attribute('{object}/{node}/{property}/$retained', 'false where it only happens'),
  homie4PropertyUnit: attribute('{object}/{node}/{property}/$unit', 'The unit of a number'),
  homie4Property: published(
    '{object}/{node}/{property}',
    kept,
    'text',
    'A value by its datatype; presses, rings and unlocks are not retained',
  ),
  homie4Set: {
    ...obeyed('{object}/{node}/{property}/set', 'text', 'Write a property that is settable'),
    answered: false,
  },
} as const satisfies Record<string, Topic>
