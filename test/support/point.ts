import type { DataPoint, DataPointType } from '../../src/domain/data-point.ts'

/** A data point of which nothing is known but its type, with what the test wants said of it. */
export function point(type: DataPointType, changes: Partial<DataPoint> = {}): DataPoint {
  return {
    code: type,
    dpId: null,
    name: null,
    type,
    access: 'rw',
    unit: null,
    min: null,
    max: null,
    step: null,
    scale: 0,
    range: null,
    labels: null,
    maxlen: null,
    colour: null,
    momentary: false,
    once: false,
    standard: true,
    thingCode: null,
    overridden: false,
    ...changes,
  }
}
