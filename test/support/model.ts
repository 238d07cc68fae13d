import { readSpecification } from '../../src/codec/cloud/specification.ts'
import type { Json, Specification } from '../../src/domain/data-point.ts'
import { joinSpecification, type PointOverride } from '../../src/domain/specification.ts'
import { builtinModels, type DpEntry, type ModelEntry } from '../../src/simulator/world-file.ts'

/** The points of a model as the platform describes them. */
export function specificationOf(
  dps: readonly DpEntry[],
  overrides: Readonly<Record<string, PointOverride>> = {},
): Specification {
  const row = ({ id, code, type, values }: DpEntry) => ({
    code,
    type,
    values: JSON.stringify(values ?? {}),
    dp_id: id,
  })
  const wire = {
    functions: dps.filter(({ access }) => access !== 'ro').map(row),
    status: dps.filter(({ access }) => access !== 'wo').map(row),
  }
  return joinSpecification({ standard: readSpecification(wire), thing: [], shadow: [] }, overrides)
}

/** A model of the simulator's. */
export function modelOf(name: string): ModelEntry {
  const model = builtinModels()[name]
  if (!model) throw new Error(`there is no model ${name}`)
  return model
}

/** A data point as a test needs it, in the platform's words. */
export function dp(
  code: string,
  type: DpEntry['type'],
  access: DpEntry['access'],
  values: object = {},
): DpEntry {
  return { id: 1, code, type, access, values } as DpEntry
}

/** Values by code, as an ability asks for them. */
export function valuesOf(values: Readonly<Record<string, Json>>): (code: string) => Json | undefined {
  return (code) => values[code]
}
