import { Log } from '../src/app/log.ts'
import { Metrics } from '../src/app/metrics.ts'
import { Voice } from '../src/app/voice.ts'
import { valueCodec } from '../src/codec/data-point/codec.ts'
import { unusedLan } from '../src/domain/link.ts'
import { joinSpecification } from '../src/domain/specification.ts'
import { Inventory } from '../src/inventory/inventory.ts'
import { ClientConnector } from '../src/mqtt/client-link.ts'
import { systemClock } from '../src/util/clock.ts'
import { systemRandom } from '../src/util/random.ts'
import { Redactor } from '../src/util/redact.ts'
import { testConfig } from '../test/support/config.ts'
import { deviceOf } from '../test/support/device.ts'

/** The bridge's inventory and its voice on a broker, with so many devices of so many points, and no cloud. */
export function mirrored(
  port: number,
  devices: number,
  points: number,
  publish: { readonly reports?: boolean } = {},
): { readonly inventory: Inventory; readonly voice: Voice; readonly ids: readonly string[] } {
  const inventory = new Inventory({ codec: valueCodec, now: () => systemClock.now() })
  const url = `mqtt://127.0.0.1:${port}`
  const config = testConfig({ mqtt: { url, republishPerSecond: 0 }, publish } as never)
  const address = {
    url,
    clientId: 'bench',
    username: null,
    password: null,
    protocolVersion: 4,
    tls: { insecure: false },
  } as const
  const voice = new Voice({
    config,
    connector: new ClientConnector(address),
    inventory,
    metrics: new Metrics(),
    log: new Log({ level: 'error', format: 'json', redactor: new Redactor() }).part('bench'),
    clock: systemClock,
    random: systemRandom,
    paths: () => ({ lan: unusedLan, cloud: { state: 'up', sinceMs: 0, reason: null, lastMs: null } }),
    redact: (data) => data,
    onCommand: () => {},
    onUp: () => {},
  })
  const ids = Array.from({ length: devices }, (_, i) => `bfbench${String(i).padStart(13, '0')}`)
  const standard = Array.from({ length: points }, (_, i) => ({
    code: `value_${i}`,
    type: 'integer' as const,
    access: 'rw' as const,
    dpId: i + 1,
    scale: 1,
    min: 0,
    max: 100_000_000,
  }))
  inventory.setDevices(ids.map((id) => deviceOf(id)))
  for (const id of ids)
    inventory.setSpecification(id, joinSpecification({ standard, thing: [], shadow: [] }, {}))
  const timeMs = Date.now() - 60_000
  for (const deviceId of ids) {
    const values = standard.map(({ code }, i) => ({ code, raw: i, timeMs }))
    inventory.apply({ deviceId, source: 'poll', receivedMs: timeMs, points: values })
  }
  return { inventory, voice, ids }
}

/** Resolves when the broker has everything. */
export async function drained(voice: Voice): Promise<void> {
  const end = performance.now() + 60_000
  while (voice.session.health.state !== 'up' || voice.outbox.size > 0 || voice.publisher.republishes) {
    if (performance.now() > end) throw new Error('the outbox did not empty')
    await new Promise((resolve) => setImmediate(resolve))
  }
}
