import { categoryFunctions } from '../../../codec/cloud/operation/category-functions.ts'
import { deviceCommands } from '../../../codec/cloud/operation/device-commands.ts'
import { deviceFunctions } from '../../../codec/cloud/operation/device-functions.ts'
import { deviceSpecifications } from '../../../codec/cloud/operation/device-specifications.ts'
import { deviceSpecificationsV11 } from '../../../codec/cloud/operation/device-specifications-v1-1.ts'
import { deviceStatus } from '../../../codec/cloud/operation/device-status.ts'
import { devicesStatusBatch } from '../../../codec/cloud/operation/devices-status-batch.ts'
import { iot03CategoryFunctions } from '../../../codec/cloud/operation/iot03-category-functions.ts'
import { iot03Commands } from '../../../codec/cloud/operation/iot03-commands.ts'
import { iot03Functions } from '../../../codec/cloud/operation/iot03-functions.ts'
import { iot03Specification } from '../../../codec/cloud/operation/iot03-specification.ts'
import { iot03SpecificationV10 } from '../../../codec/cloud/operation/iot03-specification-v1-0.ts'
import { iot03Status } from '../../../codec/cloud/operation/iot03-status.ts'
import { iot03StatusBatch } from '../../../codec/cloud/operation/iot03-status-batch.ts'
import { thingModel } from '../../../codec/cloud/operation/thing-model.ts'
import { thingProperties } from '../../../codec/cloud/operation/thing-properties.ts'
import { thingPropertiesIssue } from '../../../codec/cloud/operation/thing-properties-issue.ts'
import { isRecord } from '../../../util/json.ts'
import { checkedValues, commandRows, standardValues } from '../../delivery.ts'
import { deviceOf, idsOf, reachableOf } from '../access.ts'
import { illegal, parsed } from '../given.ts'
import { Refusal } from '../refusal.ts'
import { renderStatus } from '../render/device.ts'
import {
  renderCategory,
  renderFunctions,
  renderShadow,
  renderSpecification,
  renderThingModel,
} from '../render/specification.ts'
import { type Calling, serve } from '../serve.ts'

const devicesPerCall = 20

/** Values, what they may be, and commands; in three families of operations. */
export const controlHandlers = [
  serve(deviceStatus, (calling, { device_id }) => renderStatus(deviceOf(calling, device_id))),
  serve(iot03Status, (calling, { device_id }) => renderStatus(deviceOf(calling, device_id))),
  serve(devicesStatusBatch, (calling, { device_ids }) => statusOfAll(calling, device_ids)),
  serve(iot03StatusBatch, (calling, { device_ids }) => statusOfAll(calling, device_ids)),
  serve(deviceSpecifications, (calling, { device_id }) => specification(calling, device_id, false)),
  serve(deviceSpecificationsV11, (calling, { device_id }) => specification(calling, device_id, true)),
  serve(iot03Specification, (calling, { device_id }) => specification(calling, device_id, false)),
  serve(iot03SpecificationV10, (calling, { device_id }) => specification(calling, device_id, false)),
  serve(deviceFunctions, (calling, { device_id }) => renderFunctions(deviceOf(calling, device_id))),
  serve(iot03Functions, (calling, { device_id }) => renderFunctions(deviceOf(calling, device_id))),
  serve(categoryFunctions, (calling, { category }) => functionsOf(calling, category)),
  serve(iot03CategoryFunctions, (calling, { category }) => functionsOf(calling, category)),
  serve(thingModel, (calling, { device_id }) => renderThingModel(deviceOf(calling, device_id))),
  serve(thingProperties, (calling, { device_id, codes }) =>
    renderShadow(deviceOf(calling, device_id), codes?.split(',')),
  ),
  serve(deviceCommands, (calling, { device_id, commands }) => command(calling, device_id, commands)),
  serve(iot03Commands, (calling, { device_id, commands }) => command(calling, device_id, commands)),
  serve(thingPropertiesIssue, (calling, { device_id, properties: text }) => {
    const device = reachableOf(calling, device_id)
    const properties = parsed(text)
    if (!isRecord(properties)) throw illegal()
    const rows = Object.entries(properties).map(([code, value]) => ({ code, value }))
    const byThingCode = (code: string) => device.model.dps.find((dp) => (dp.thingCode ?? dp.code) === code)
    calling.delivery.send(device, checkedValues(rows, byThingCode), 'api')
    return {}
  }),
]

function statusOfAll(calling: Calling, ids: string): readonly object[] {
  return idsOf(ids, devicesPerCall).map((id) => ({ id, status: renderStatus(deviceOf(calling, id)) }))
}

function specification(calling: Calling, id: string, withDpIds: boolean): object {
  return renderSpecification(deviceOf(calling, id), withDpIds)
}

function functionsOf({ world }: Calling, category: string): object {
  const models = [...world.models].filter((model) => model.category === category)
  if (models.length === 0) throw new Refusal(2015, 'category not support')
  return renderCategory(category, models)
}

function command(calling: Calling, id: string, commands: readonly object[]): boolean {
  const device = reachableOf(calling, id)
  calling.delivery.send(device, standardValues(device, commandRows(commands)), 'api')
  return true
}
