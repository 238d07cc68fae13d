import { toLan } from '../../codec/data-point/lan.ts'
import type { PointWrite, Write } from '../../domain/command.ts'
import type { Json, Specification } from '../../domain/data-point.ts'
import { type Reader, SendError, type Sender, type Sent, type Waiting } from '../../domain/link.ts'
import type { BridgeError } from '../../util/error.ts'

/** What the sender needs of the links to the devices. */
export interface LanWays {
  set(deviceId: string, dps: Readonly<Record<string, Json>>, waiting: Waiting): Promise<Sent>
  query(deviceId: string, waiting: Waiting): Promise<void>
}

export interface LanSenderParts {
  readonly ways: LanWays
  readonly specification: (deviceId: string) => Specification | undefined
  /** The device took this; what it reports differently in the next moments may be old. */
  readonly onSet: (deviceId: string, points: readonly PointWrite[]) => void
}

/** The LAN as a way to devices: points by their numbers, values in the device's own form, all in one frame. */
export class LanSender implements Sender, Reader {
  readonly path = 'lan'
  readonly #parts: LanSenderParts

  constructor(parts: LanSenderParts) {
    this.#parts = parts
  }

  /** Rejects with SendError. */
  async send(write: Write, waiting: Waiting): Promise<Sent> {
    const { ways, onSet } = this.#parts
    const dps = this.#numbered(write)
    onSet(write.deviceId, write.points)
    return ways.set(write.deviceId, dps, waiting)
  }

  /** Rejects with BridgeError. */
  read(deviceId: string, waiting: Waiting): Promise<void> {
    return this.#parts.ways.query(deviceId, waiting)
  }

  #numbered({ deviceId, points }: Write): Record<string, Json> {
    const specification = this.#parts.specification(deviceId)
    return Object.fromEntries(
      points.map(({ code, raw }) => {
        const point = specification?.points.get(code)
        if (!point || point.dpId === null) throw numberless(code)
        return [String(point.dpId), toLan(point, raw)]
      }),
    )
  }
}

function numberless(code: string): BridgeError {
  return new SendError(
    'not-sent',
    'lan/error',
    `${code} has no number by which the device knows it on the LAN.`,
  )
}
