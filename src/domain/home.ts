export interface Home {
  /** No account knows it: its devices are those of the configuration. */
  readonly local?: true
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
