import { commandPoints } from './command-points.ts'
import { lifePoints } from './life-points.ts'
import type { Point } from './point.ts'
import { treePoints } from './tree-points.ts'

/** The main contract; every point stands alone and leaves a bridge that runs. */
export const contract: readonly Point[] = [...treePoints, ...commandPoints, ...lifePoints]
