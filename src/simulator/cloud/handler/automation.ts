import { automationCreate } from '../../../codec/cloud/operation/automation-create.ts'
import { automationDelete } from '../../../codec/cloud/operation/automation-delete.ts'
import { automationDevices } from '../../../codec/cloud/operation/automation-devices.ts'
import { automationDisable } from '../../../codec/cloud/operation/automation-disable.ts'
import { automationEnable } from '../../../codec/cloud/operation/automation-enable.ts'
import { automationExternalTrigger } from '../../../codec/cloud/operation/automation-external-trigger.ts'
import { automationGet } from '../../../codec/cloud/operation/automation-get.ts'
import { automationList } from '../../../codec/cloud/operation/automation-list.ts'
import { automationListV10 } from '../../../codec/cloud/operation/automation-list-v1-0.ts'
import { automationUpdate } from '../../../codec/cloud/operation/automation-update.ts'
import { automationWeatherConditions } from '../../../codec/cloud/operation/automation-weather-conditions.ts'
import { deviceLinkageCodes } from '../../../codec/cloud/operation/device-linkage-codes.ts'
import { homeLinkageCodes } from '../../../codec/cloud/operation/home-linkage-codes.ts'
import { own } from '../../../util/json.ts'
import type { ExternalValue } from '../../automation/engine.ts'
import type { SimHome } from '../../world/home.ts'
import { limit } from '../../world/limit.ts'
import type { SimAutomation, SimCondition } from '../../world/rule.ts'
import { weatherCategories } from '../../world/weather.ts'
import { automationOf, deviceOf, homeOf, listed, ownHomeOf } from '../access.ts'
import { checkedConditions, checkedPreconditions, checkedRule } from '../condition-check.ts'
import { illegal, missing } from '../given.ts'
import { renderLinkDevice } from '../render/device.ts'
import { renderAutomation, renderListedAutomation } from '../render/rule.ts'
import { linkagePoints, renderLinkage } from '../render/specification.ts'
import { checkedActions, objectOf, type Row, textOf, tooMany } from '../rule-check.ts'
import { type Calling, serve } from '../serve.ts'
import { ruleId } from './scene.ts'

export const automationHandlers = [
  serve(automationCreate, (calling, { home_id, ...body }) => {
    const home = ownHomeOf(calling, home_id)
    const definition = definitionOf(calling, home, body, [])
    if (home.automations.size >= limit.automationsOfHome) throw tooMany()
    const id = ruleId(calling.random)
    home.automations.set(id, { id, enabled: true, ...definition })
    return id
  }),
  serve(automationUpdate, (calling, { home_id, automation_id, ...body }) => {
    const home = ownHomeOf(calling, home_id)
    const automation = automationOf(calling, home, automation_id)
    Object.assign(automation, definitionOf(calling, home, body, automation.conditions))
    return true
  }),
  serve(automationDelete, (calling, { home_id, automation_id }) => {
    const home = ownHomeOf(calling, home_id)
    home.automations.delete(automationOf(calling, home, automation_id).id)
    return true
  }),
  serve(automationList, (calling, { home_id }) => {
    const home = homeOf(calling, home_id)
    return [...home.automations.values()].map((each) => renderListedAutomation(calling.world, home, each))
  }),
  serve(automationListV10, (calling, { home_id }) =>
    [...homeOf(calling, home_id).automations.values()].map(renderAutomation),
  ),
  serve(automationGet, (calling, { home_id, automation_id }) =>
    renderAutomation(automationOf(calling, homeOf(calling, home_id), automation_id)),
  ),
  serve(automationExternalTrigger, (calling, { home_id, automation_id, $root }) => {
    const home = homeOf(calling, home_id)
    const automation = automationOf(calling, home, automation_id)
    if ($root.length === 0) throw missing()
    calling.engine.external(home, automation, $root.map(externalValue))
    return true
  }),
  serve(automationDevices, (calling, { home_id, type }) => {
    if (type !== undefined && type !== 'condition' && type !== 'action') throw illegal()
    return listed(calling, calling.world.devicesOf(homeOf(calling, home_id).id))
      .filter((device) => {
        const { functions, status } = linkagePoints(device)
        const [acts, watched] = [functions.length > 0, status.length > 0]
        return type === 'action' ? acts : type === 'condition' ? watched : acts || watched
      })
      .map(renderLinkDevice)
  }),
  serve(automationWeatherConditions, () =>
    weatherCategories.map(({ category, name, operators, property }) => ({
      category,
      category_name: name,
      operators: JSON.stringify(operators),
      property,
    })),
  ),
  serve(automationEnable, (calling, args) => switchAutomation(calling, args, true)),
  serve(automationDisable, (calling, args) => switchAutomation(calling, args, false)),
  serve(homeLinkageCodes, (calling, { home_id }) =>
    listed(calling, calling.world.devicesOf(homeOf(calling, home_id).id)).map((device) =>
      renderLinkage(device, 'home'),
    ),
  ),
  serve(deviceLinkageCodes, (calling, { device_id }) =>
    renderLinkage(deviceOf(calling, device_id), 'device'),
  ),
]

interface Body {
  readonly name: string
  readonly background: string
  readonly match_type: number
  readonly condition_rule?: string
  readonly conditions: readonly Row[]
  readonly preconditions?: readonly Row[]
  readonly actions: readonly Row[]
}

function definitionOf(
  calling: Calling,
  home: SimHome,
  body: Body,
  before: readonly SimCondition[],
): Omit<SimAutomation, 'id' | 'enabled'> {
  const { name, background, match_type: matchType } = body
  if (matchType !== 1 && matchType !== 2 && matchType !== 3) throw illegal()
  const conditions = checkedConditions(calling, home, body.conditions, before)
  return {
    name,
    background,
    matchType,
    conditionRule: checkedRule(matchType, body.condition_rule, conditions),
    conditions,
    preconditions: body.preconditions && checkedPreconditions(body.preconditions),
    actions: checkedActions(calling, home, body.actions, 'automation'),
  }
}

function externalValue(row: Row): ExternalValue {
  const display = objectOf(row, 'display')
  const value = own(display, 'value')
  if (value === undefined || value === null) throw missing()
  return { entityId: textOf(row, 'entity_id'), code: textOf(display, 'code'), value }
}

function switchAutomation(
  calling: Calling,
  { home_id, automation_id }: { readonly home_id: string; readonly automation_id: string },
  enabled: boolean,
): boolean {
  automationOf(calling, homeOf(calling, home_id), automation_id).enabled = enabled
  return true
}
