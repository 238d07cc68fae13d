export interface Home {
  readonly id: string
  readonly name: string
  readonly geoName?: string
  readonly lat?: number
  readonly lon?: number
}

export interface Room {
  readonly id: string
  readonly name: string
  readonly homeId: string
}
