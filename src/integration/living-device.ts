/** A data point as `meta/device/<id>/spec` tells of it. */
export interface LivingPoint {
  readonly code: string
  readonly type: string
  readonly access: string
  readonly name: string | null
  readonly unit: string | null
  readonly min: number | null
  readonly max: number | null
  readonly range: readonly string[]
  readonly momentary: boolean
}

/** A device as the bridge publishes it. */
export interface LivingDevice {
  readonly id: string
  readonly name: string
  readonly home: string
  readonly room: string
  readonly points: readonly LivingPoint[]
}
