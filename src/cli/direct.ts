import { createCloudClient } from '../app/cloud-side.ts'
import type { Config } from '../app/config-types.ts'
import { CallBudget } from '../transport/cloud/budget.ts'
import type { CloudClient } from '../transport/cloud/client.ts'
import { systemClock } from '../util/clock.ts'
import { BridgeError } from '../util/error.ts'
import { systemRandom } from '../util/random.ts'
import type { Context } from './context.ts'
import { CommandFailed, exit } from './exit.ts'

/** A client for commands that ask the cloud themselves, without a running bridge. */
export function openClient({ config, redactor }: Context): {
  client: CloudClient
  tuya: NonNullable<Config['tuya']>
} {
  const { tuya } = config
  if (!tuya) throw new CommandFailed(exit.configuration, noProject)
  const budget = new CallBudget(config.budget.cloudCallsPerDay, systemClock, undefined)
  return {
    tuya,
    client: createCloudClient({ tuya, budget, redactor, clock: systemClock, random: systemRandom }),
  }
}

export const noProject =
  'No cloud project is configured: give tuya.accessId and tuya.accessSecret, in dp2mqtt.yaml or as DP2MQTT_TUYA_ACCESS_ID and DP2MQTT_TUYA_ACCESS_SECRET.'

/** The sentence of a refused call as the end of a command. */
export function asFailure(thrown: unknown): unknown {
  if (!(thrown instanceof BridgeError)) return thrown
  const details = thrown.details?.map((detail) => `\n  ${JSON.stringify(detail)}`).join('') ?? ''
  const code = thrown.code.startsWith('command/') ? exit.usage : exit.internal
  return new CommandFailed(code, `${thrown.code}: ${thrown.message}${details}`)
}
