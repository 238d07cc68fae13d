import { dehumidifiers, fans, humidifiers, purifiers } from './air.ts'
import type { Category } from './category.ts'
import { airConditioners, thermostats } from './climate.ts'
import { covers, garageDoors } from './cover.ts'
import { alarms, cameras, locks, pets, sirens, vacuums, valves } from './house.ts'
import { lights } from './light.ts'
import { emergencyButtons, gateways, infraredRemotes, sceneSwitches } from './remote.ts'
import {
  airSensors,
  carbonMonoxideAlarms,
  climateSensors,
  contacts,
  gasAlarms,
  leakSensors,
  lightSensors,
  motionSensors,
  presenceSensors,
  smokeAlarms,
  vibrationSensors,
} from './sensor.ts'
import { breakers, sockets, switches } from './switch.ts'

/** Every category of which something is expected. */
export const categories: readonly Category[] = [
  lights,
  switches,
  sockets,
  breakers,
  covers,
  garageDoors,
  contacts,
  motionSensors,
  presenceSensors,
  leakSensors,
  smokeAlarms,
  gasAlarms,
  carbonMonoxideAlarms,
  vibrationSensors,
  climateSensors,
  airSensors,
  lightSensors,
  emergencyButtons,
  sceneSwitches,
  thermostats,
  airConditioners,
  fans,
  purifiers,
  humidifiers,
  dehumidifiers,
  vacuums,
  pets,
  valves,
  locks,
  alarms,
  sirens,
  cameras,
  infraredRemotes,
  gateways,
]

const byCode = new Map(
  categories.flatMap((category) => category.codes.map((code) => [code, category] as const)),
)

/** What is expected of a category of the platform; undefined for one that nobody knows. */
export function categoryOf(code: string): Category | undefined {
  return byCode.get(code)
}
