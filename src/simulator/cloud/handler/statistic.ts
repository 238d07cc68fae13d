import { dataAnalysis } from '../../../codec/cloud/operation/data-analysis.ts'
import { statTotal } from '../../../codec/cloud/operation/stat-total.ts'
import { statTypes } from '../../../codec/cloud/operation/stat-types.ts'
import { pointOf, standardPoints } from '../../world/device.ts'
import { isSummed } from '../../world/statistic.ts'
import { allDevices, deviceOf } from '../access.ts'
import { Refusal } from '../refusal.ts'
import { renderTotal } from '../render/record.ts'
import { serve } from '../serve.ts'

export const statisticHandlers = [
  serve(statTypes, (calling, { device_id, code }) =>
    standardPoints(deviceOf(calling, device_id).model)
      .filter((dp) => isSummed(dp) && (code === undefined || dp.code === code))
      .map((dp) => ({ code: dp.code, stat_type: 'sum' })),
  ),
  serve(statTotal, (calling, { device_id, code }) => {
    const device = deviceOf(calling, device_id)
    const dp = pointOf(device, code)
    if (!dp || !isSummed(dp)) throw new Refusal(2003, 'function not support')
    return renderTotal(dp, calling.world.statistics.total(device, code))
  }),
  serve(dataAnalysis, (calling, { product_id }) => {
    const devices = allDevices(calling).filter(
      ({ model }) => product_id === undefined || model.productId === product_id,
    )
    const faulty = devices.filter(({ status }) => Number(status.get('fault') ?? 0) > 0)
    return {
      dev_active: String(devices.length),
      App_register: String([...calling.world.users.values()].filter(({ linked }) => linked).length),
      user_feedback: '0',
      dev_fault: String(faulty.length),
      dev_live: String(devices.filter(({ online }) => online).length),
    }
  }),
]
