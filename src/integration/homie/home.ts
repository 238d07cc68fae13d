import { type Automation, externalConditions } from '../../domain/automation.ts'
import type { Json } from '../../domain/data-point.ts'
import type { Home } from '../../domain/home.ts'
import type { Scene } from '../../domain/scene.ts'
import type { TopicTree } from '../../mqtt/topic.ts'
import type { HomieDevice, HomieNode } from './device.ts'
import { homieId, homieIds } from './id.ts'
import type { Property, Shape } from './property.ts'

/** What is known of a home when Homie wants to know. */
export interface DescribedHome {
  readonly home: Home
  readonly scenes: readonly Scene[]
  readonly automations: readonly Automation[]
}

const prefix = 'home/'

/** A home among the ids of devices, none of which holds a slash. */
export function homeSubject(homeId: string): string {
  return `${prefix}${homeId}`
}

/** The home that an id among those of devices stands for; undefined for a device. */
export function homeIn(subject: string): string | undefined {
  return subject.startsWith(prefix) ? subject.slice(prefix.length) : undefined
}

/** What can be asked of a home; stands before the id of the scene or automation in the code of a property. */
type Asked = 'scene' | 'automation' | 'trigger'

/** The code of the property that says whether an automation is on. */
export function automationCode(id: string): string {
  return codeOf('automation', id)
}

function codeOf(asked: Asked, id: string): string {
  return `${asked}/${id}`
}

/** A home as a device whose properties run its scenes, switch its automations and fulfil them from outside. */
export function homieHome({ home, scenes, automations }: DescribedHome, id: string): HomieDevice {
  const fulfillable = automations.filter((one) => externalConditions(one).length > 0)
  const nodes = [
    node('scenes', 'Scenes', 'scene', scenes),
    node('automations', 'Automations', 'automation', automations),
    node('triggers', 'External conditions', 'trigger', fulfillable),
  ]
  return { id, name: home.name, type: 'home', nodes: nodes.filter(({ properties }) => properties.length > 0) }
}

/** The word that runs a scene, or fulfils what an automation waits for; it is sent and never kept. */
const run: Shape = { kind: 'enum', words: ['run'] }

function node(
  id: string,
  name: string,
  asked: Asked,
  things: readonly { readonly id: string; readonly name: string }[],
): HomieNode {
  const ids = homieIds(things.map((thing) => thing.id))
  const properties = things.map((thing) => {
    const own = ids.get(thing.id) ?? homieId(thing.id)
    return { id: own, path: `${id}/${own}`, property: propertyOf(thing, asked, own) }
  })
  return { id, name, type: asked, properties }
}

function propertyOf(
  thing: { readonly id: string; readonly name: string },
  asked: Asked,
  id: string,
): Property {
  const isSwitch = asked === 'automation'
  return {
    id,
    name: thing.name,
    shape: isSwitch ? { kind: 'boolean' } : run,
    unit: null,
    isSettable: true,
    isRetained: isSwitch,
    code: codeOf(asked, thing.id),
    view: null,
  }
}

/** The value of a property of a home: whether the automation is on. */
export function homeValue({ automations }: DescribedHome, code: string): Json | undefined {
  return automations.find(({ id }) => automationCode(id) === code)?.enabled
}

/** The topic of the command that a written property of a home stands for. */
export function homeCommand(tree: TopicTree, code: string): string {
  const [asked, id = ''] = code.split('/') as [Asked, string?]
  switch (asked) {
    case 'scene':
      return tree.build('commandSceneTrigger', { scene: id })
    case 'automation':
      return tree.build('commandAutomationEnabled', { automation: id })
    case 'trigger':
      return tree.build('commandAutomationTrigger', { automation: id })
  }
}
