import type { Path } from '../domain/command.ts'

/** What is known of one way to one device, at the moment of choosing. */
export interface RouteFact {
  readonly path: Path
  readonly usable: boolean
  /** It failed a command lately: the other way goes first. */
  readonly troubled: boolean
  /** Why not, a public word; null when usable. */
  readonly reason: string | null
}

export interface Wish {
  readonly path: 'auto' | Path
  /** The way to try first when both are usable. */
  readonly prefer: Path
}

export interface Choice {
  readonly routes: readonly Path[]
  readonly refused: readonly { readonly path: Path; readonly reason: string }[]
}

/** The ways to try, best first, and why the others are not among them. */
export function choose(wish: Wish, facts: readonly RouteFact[]): Choice {
  const asked = wish.path === 'auto' ? facts : facts.filter((fact) => fact.path === wish.path)
  const weight = ({ path, troubled }: RouteFact) => (troubled ? 2 : 0) + (path === wish.prefer ? 0 : 1)
  const usable = asked.filter((fact) => fact.usable).sort((a, b) => weight(a) - weight(b))
  const routes = usable.map(({ path }) => path)
  const refused = asked.flatMap((fact) =>
    fact.usable ? [] : [{ path: fact.path, reason: fact.reason ?? 'unused' }],
  )
  const unknown = wish.path !== 'auto' && asked.length === 0 ? [{ path: wish.path, reason: 'unused' }] : []
  return { routes, refused: [...refused, ...unknown] }
}
