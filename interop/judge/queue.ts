import { runToEnd } from '../child.ts'
import type { Court, Judge } from '../court.ts'
import { installPythonPackages, python, pythonLacks } from '../install.ts'
import { SimulatorProcess } from '../simulator.ts'
import { hearLines, script } from './lines.ts'

/**
 * The connector decrypts ECB alone. What comes in GCM is read by a strict reader in Python, which knows the platform's
 * rules and nothing of us.
 */
export const queue: Judge = {
  name: 'queue',
  about: 'the message queue of tuya-connector-python 0.1.2, unchanged, reads the queue of `dp2mqtt simulate`',
  lacks: pythonLacks,
  prepare: installPythonPackages,
  hear: async (court) => {
    await hear(court, 'connector', '--queue-tls')
    await hear(court, 'strict', '--queue-cipher', 'ecb')
    await hear(court, 'strict', '--queue-cipher', 'plain-ecb', '--queue-family', 'iotcore')
    await hear(court, 'strict', '--queue-cipher', 'gcm')
    await hear(
      court,
      'strict',
      '--queue-cipher',
      'mixed',
      '--queue-family',
      'legacy',
      '--queue-family',
      'iotcore',
    )
    await hear(court, 'refusals')
    await hear(court, 'silence', '--fault', 'queue-no-rule')
  },
}

async function hear(court: Court, name: string, ...args: readonly string[]): Promise<void> {
  await using simulator = await SimulatorProcess.run(...args)
  const { cloud, queue } = simulator
  const given = JSON.stringify({ ...cloud, queue: queue.url, case: name, with: args })
  await hearLines(court, await runToEnd(python, ['-B', script('message_queue.py'), given]))
}
