export interface Product {
  readonly id: string
  readonly name: string
  readonly model?: string
}

/** A device as the account knows it; its values are in its state, its abilities in its specification. */
export interface Device {
  readonly id: string
  readonly name: string
  readonly category: string
  readonly product: Product
  readonly homeId: string
  readonly roomId: string | null
  /** The parent's id of a sub-device, where the platform tells it. */
  readonly gatewayId: string | null
  readonly sub: boolean
  readonly online: boolean
  readonly icon: string | null
  /** Offset as the platform gives it, "+08:00"; null when unset. */
  readonly timeZone: string | null
  readonly createdMs: number | null
  readonly updatedMs: number | null
  /** The app user whom the device belongs to; personal, never published. */
  readonly ownerUid: string | null
}

/** Categories whose devices open doors: written only where the owner allowed it. */
const lockCategories = new Set([
  'ms',
  'jtmspro',
  'jtmsbh',
  'bxx',
  'gyms',
  'hotelms',
  'videolock',
  'photolock',
  'mk',
])

export function isLock({ category }: Pick<Device, 'category'>): boolean {
  return lockCategories.has(category)
}
