import { which } from '../child.ts'
import type { Court, Judge } from '../court.ts'
import { Mosquitto, type MosquittoOptions } from '../mosquitto/broker.ts'
import { judgeClients } from '../mosquitto/clients.ts'
import { contract } from '../mosquitto/contract.ts'
import { judgeFaults } from '../mosquitto/fault.ts'
import { judgeRetained } from '../mosquitto/retained.ts'
import { named, Rig, type Version, versions } from '../mosquitto/rig.ts'
import { judgeRights } from '../mosquitto/rights.ts'
import { judgeSettings } from '../mosquitto/setting.ts'

const programs = ['mosquitto', 'mosquitto_passwd', 'mosquitto_pub', 'mosquitto_sub', 'mosquitto_rr']

function lacks(): string | undefined {
  const missing = programs.filter((program) => which(program) === undefined)
  return missing.length > 0 ? `there is no ${missing.join(', ')}` : undefined
}

export const mosquitto: Judge = {
  name: 'mosquitto',
  about: 'the broker mosquitto, and its clients, carry the whole contract of the built bridge',
  lacks,
  hear: async (court) => {
    for (const [name, options] of [
      ['default', {}],
      ['our mosquitto.conf', { ours: {} }],
    ] as const)
      await Promise.all(versions.map((version) => carries(court, name, options, version)))
    await judgeSettings(court)
    await judgeClients(court)
    await judgeRights(court)
    await judgeRetained(court)
  },
}

export const mosquittoFaults: Judge = {
  name: 'mosquitto-faults',
  about:
    'mosquitto restarts, freezes, refuses, or swallows everything, and the built bridge finds its way back',
  lacks,
  hear: judgeFaults,
}

async function carries(
  court: Court,
  name: string,
  options: MosquittoOptions,
  version: Version,
): Promise<void> {
  await using broker = await Mosquitto.start(options)
  await using rig = await Rig.open({ broker: broker.place, version })
  await rig.ready()
  for (const point of contract)
    await court.check(`${name}, ${named(version)}: ${point.name}`, () => point.show(rig))
}
