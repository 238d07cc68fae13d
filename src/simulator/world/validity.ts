import type { World } from '../world.ts'
import type { SimHome } from './home.ts'
import { entityType, isDeviceAction, type SimAction, type SimAutomation, type SimScene } from './rule.ts'

/** Whether all that a scene refers to is still there; only then it runs. */
export function sceneIsValid(world: World, home: SimHome, scene: SimScene): boolean {
  return scene.actions.every((action) => refersToSomething(world, home, action))
}

export function automationIsValid(world: World, home: SimHome, automation: SimAutomation): boolean {
  const watched = automation.conditions.filter(({ entity_type }) => entity_type === entityType.device)
  return (
    sceneIsValid(world, home, automation) &&
    watched.every(({ entity_id }) => world.devices.get(entity_id)?.homeId === home.id)
  )
}

function refersToSomething(world: World, home: SimHome, action: SimAction): boolean {
  const id = action.entity_id ?? ''
  if (isDeviceAction(action)) return world.devices.get(id)?.homeId === home.id
  switch (action.action_executor) {
    case 'ruleEnable':
    case 'ruleDisable':
      return home.automations.has(id)
    case 'ruleTrigger':
      return home.scenes.has(id)
    default:
      return true
  }
}
