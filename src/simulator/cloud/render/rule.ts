import type { SimDevice } from '../../world/device.ts'
import type { SimHome } from '../../world/home.ts'
import type { SimAutomation, SimScene } from '../../world/rule.ts'
import { automationIsValid, sceneIsValid } from '../../world/validity.ts'
import type { World } from '../../world.ts'

const validity = (valid: boolean) => (valid ? '1' : '2')

export function renderScene(world: World, home: SimHome, scene: SimScene): object {
  return {
    ...renderOldScene(scene),
    enabled: scene.enabled,
    status: validity(sceneIsValid(world, home, scene)),
  }
}

/** The older list says neither whether a scene is enabled nor whether it is valid. */
export function renderOldScene({ id, name, background, actions }: SimScene): object {
  return { scene_id: id, name, background, actions }
}

export function renderAutomation(automation: SimAutomation): object {
  const { conditionRule, preconditions } = automation
  return {
    automation_id: automation.id,
    name: automation.name,
    background: automation.background,
    enabled: automation.enabled,
    match_type: automation.matchType,
    ...(conditionRule === undefined ? {} : { condition_rule: conditionRule }),
    conditions: automation.conditions,
    ...(preconditions === undefined ? {} : { preconditions }),
    actions: automation.actions,
  }
}

/** Only lists say whether an automation is valid. */
export function renderListedAutomation(world: World, home: SimHome, automation: SimAutomation): object {
  return {
    ...renderAutomation(automation),
    status: validity(automationIsValid(world, home, automation)),
  }
}

/** The newest binding comes first. */
export function renderBindings(device: SimDevice, home: SimHome | undefined): object {
  const scenes = [...device.bindings].reverse().flatMap(([code, { sceneId, value }]) => {
    const scene = home?.scenes.get(sceneId)
    return scene ? [{ code, name: scene.name, scene_id: sceneId, value }] : []
  })
  return { device_id: device.id, scenes }
}
