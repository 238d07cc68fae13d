import type { Served } from '../serve.ts'
import { automationHandlers } from './automation.ts'
import { controlHandlers } from './control.ts'
import { deviceHandlers } from './device.ts'
import { deviceListHandlers } from './device-list.ts'
import { deviceUserHandlers } from './device-user.ts'
import { firmwareHandlers } from './firmware.ts'
import { homeHandlers } from './home.ts'
import { lockHandlers } from './lock.ts'
import { memberHandlers } from './member.ts'
import { networkHandlers } from './network.ts'
import { pushHandlers } from './push.ts'
import { recordHandlers } from './record.ts'
import { roomHandlers } from './room.ts'
import { sceneHandlers } from './scene.ts'
import { statisticHandlers } from './statistic.ts'
import { tokenHandlers } from './token.ts'
import { userHandlers } from './user.ts'

/** All that the simulated cloud does; one line for each file of this folder. */
export const served: readonly Served[] = [
  ...tokenHandlers,
  ...userHandlers,
  ...homeHandlers,
  ...roomHandlers,
  ...memberHandlers,
  ...deviceHandlers,
  ...deviceListHandlers,
  ...controlHandlers,
  ...deviceUserHandlers,
  ...networkHandlers,
  ...firmwareHandlers,
  ...recordHandlers,
  ...sceneHandlers,
  ...automationHandlers,
  ...lockHandlers,
  ...statisticHandlers,
  ...pushHandlers,
]

/** What each operation does, by its id; the route comes from the operation registry. */
export const handlers: ReadonlyMap<string, Served['run']> = new Map(served.map(({ id, run }) => [id, run]))

/** Those that write to a device. */
export const deviceWrites: ReadonlySet<string> = new Set([
  'device-commands',
  'iot03-commands',
  'thing-properties-issue',
])
