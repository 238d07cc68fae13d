import { runToEnd } from '../child.ts'
import type { Court, Judge } from '../court.ts'
import { installPythonPackages, python, pythonLacks } from '../install.ts'
import { SimulatorProcess } from '../simulator.ts'
import { hearLines, script } from './lines.ts'

/** Its configurations end a minute after they are renewed, so this one is renewed every two seconds. */
const renewalSeconds = 62

export const openHub: Judge = {
  name: 'open-hub',
  about:
    'the MQTT client of the platform’s own tuya-iot-py-sdk 0.6.6, unchanged, listens at `dp2mqtt simulate`',
  lacks: pythonLacks,
  prepare: installPythonPackages,
  hear: async (court) => {
    await hear(court, 'custom')
    await hear(court, 'app')
    await hear(court, 'renewal', `hub-expire=${renewalSeconds}`)
    await hear(court, 'tag', 'hub-bad-tag')
  },
}

async function hear(court: Court, name: string, ...faults: readonly string[]): Promise<void> {
  await using simulator = await SimulatorProcess.start(...faults)
  const given = JSON.stringify({ ...simulator.cloud, case: name })
  await hearLines(court, await runToEnd(python, ['-B', script('open_hub.py'), given]))
}
