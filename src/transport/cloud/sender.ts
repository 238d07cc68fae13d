import { deviceCommands } from '../../codec/cloud/operation/device-commands.ts'
import { thingPropertiesIssue } from '../../codec/cloud/operation/thing-properties-issue.ts'
import type { PointWrite, Write } from '../../domain/command.ts'
import type { DataPoint, Specification } from '../../domain/data-point.ts'
import { SendError, type Sender, type Sent, type Waiting } from '../../domain/link.ts'
import { BoundedMap } from '../../util/bounded-map.ts'
import type { CloudClient } from './client.ts'
import { isCloudError } from './layer.ts'

export interface CloudSenderParts {
  readonly client: Pick<CloudClient, 'call'>
  readonly specification: (deviceId: string) => Specification | undefined
}

type Way = 'standard' | 'thing'

/** Commands over the cloud: the standard call where it carries all points, the thing model's where it does not. */
export class CloudSender implements Sender {
  readonly path = 'cloud'
  readonly #parts: CloudSenderParts
  /** Devices and points that the standard call refused and the thing model took. */
  readonly #thingOnly = new BoundedMap<string, true>(10_000)

  constructor(parts: CloudSenderParts) {
    this.#parts = parts
  }

  async send(write: Write, { signal }: Waiting): Promise<Sent> {
    const points = this.#parts.specification(write.deviceId)?.points
    const ways = this.#waysOf(write, points)
    const [first, second] = ways
    if (!first) {
      throw new SendError(
        'refused',
        'command/not-atomic',
        `The cloud has no single call that carries ${write.points.map((point) => point.code).join(', ')} together.`,
      )
    }
    try {
      await this.#issue(first, write, points, signal)
    } catch (thrown) {
      if (!second || !isCloudError(thrown, 'unsupported')) throw asSendError(thrown)
      await this.#issue(second, write, points, signal).catch((again) => {
        throw asSendError(again)
      })
      for (const point of write.points) this.#thingOnly.set(keyOf(write.deviceId, point.code), true)
    }
    return { by: 'cloud' }
  }

  #waysOf(write: Write, points: ReadonlyMap<string, DataPoint> | undefined): readonly Way[] {
    const described = write.points.map((point) => points?.get(point.code))
    const standard = described.every((point) => point === undefined || point.standard)
    const thing = described.every((point) => point?.thingCode)
    const preferThing = write.points.some((point) => this.#thingOnly.has(keyOf(write.deviceId, point.code)))
    const ways: Way[] = [...(standard ? (['standard'] as const) : []), ...(thing ? (['thing'] as const) : [])]
    return preferThing && thing ? ['thing'] : ways
  }

  async #issue(
    way: Way,
    write: Write,
    points: ReadonlyMap<string, DataPoint> | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const { client } = this.#parts
    const options = { priority: 'command', signal, once: write.once } as const
    if (way === 'standard') {
      const commands = write.points.map(({ code, raw }) => ({ code, value: raw }))
      await client.call(deviceCommands, { device_id: write.deviceId, commands }, options)
      return
    }
    const properties = Object.fromEntries(
      write.points.map((point) => [points?.get(point.code)?.thingCode ?? point.code, thingValue(point)]),
    )
    const args = { device_id: write.deviceId, properties: JSON.stringify(properties) }
    await client.call(thingPropertiesIssue, args, options)
  }
}

/** The thing model types objects as text. */
function thingValue({ raw }: PointWrite): unknown {
  return typeof raw === 'object' && raw !== null ? JSON.stringify(raw) : raw
}

function keyOf(deviceId: string, code: string): string {
  return `${deviceId}/${code}`
}

function asSendError(thrown: unknown): unknown {
  return thrown instanceof SendError
    ? thrown
    : new SendError('unknown', 'bridge/internal', thrown instanceof Error ? thrown.message : String(thrown), {
        cause: thrown,
      })
}
