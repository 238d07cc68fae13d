import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Path } from '../../src/domain/command.ts'
import { choose, type RouteFact } from '../../src/router/choose.ts'

const up = (path: Path): RouteFact => ({
  path,
  usable: true,
  troubled: false,
  reason: null,
})
const troubled = (path: Path): RouteFact => ({ ...up(path), troubled: true })
const down = (path: Path, reason: string | null = 'unreachable'): RouteFact => ({
  path,
  usable: false,
  troubled: false,
  reason,
})
const wish = (path: 'auto' | Path, prefer: Path = 'lan') => ({ path, prefer })

describe('the ways to try', () => {
  it.each([
    ['both up, LAN preferred', wish('auto'), [up('cloud'), up('lan')], ['lan', 'cloud']],
    ['both up, cloud preferred', wish('auto', 'cloud'), [up('lan'), up('cloud')], ['cloud', 'lan']],
    ['only LAN', wish('auto', 'cloud'), [up('lan'), down('cloud')], ['lan']],
    ['only cloud', wish('auto'), [down('lan'), up('cloud')], ['cloud']],
    ['only the cloud exists', wish('auto'), [up('cloud')], ['cloud']],
    ['LAN asked for', wish('lan', 'cloud'), [up('lan'), up('cloud')], ['lan']],
    ['cloud asked for', wish('cloud', 'lan'), [up('lan'), up('cloud')], ['cloud']],
    ['LAN asked for and down', wish('lan'), [down('lan'), up('cloud')], []],
    ['both down', wish('auto'), [down('lan'), down('cloud')], []],
    ['nothing exists', wish('auto'), [], []],
    ['the preferred one failed lately', wish('auto'), [troubled('lan'), up('cloud')], ['cloud', 'lan']],
    ['both failed lately', wish('auto'), [troubled('cloud'), troubled('lan')], ['lan', 'cloud']],
    ['the only one failed lately', wish('auto'), [troubled('lan'), down('cloud')], ['lan']],
    ['one that failed lately is asked for', wish('lan'), [troubled('lan'), up('cloud')], ['lan']],
  ])('%s', (_what, wished, facts, routes) => {
    expect(choose(wished, facts).routes).toEqual(routes)
  })

  it.each([
    [
      'both down, each with its reason',
      wish('auto'),
      [down('lan', 'key-mismatch'), down('cloud', 'quota')],
      [
        { path: 'lan', reason: 'key-mismatch' },
        { path: 'cloud', reason: 'quota' },
      ],
    ],
    [
      'one down beside one up',
      wish('auto'),
      [down('lan'), up('cloud')],
      [{ path: 'lan', reason: 'unreachable' }],
    ],
    [
      'only the one that was asked for',
      wish('lan'),
      [down('lan'), down('cloud')],
      [{ path: 'lan', reason: 'unreachable' }],
    ],
    ['one that does not exist', wish('lan'), [up('cloud')], [{ path: 'lan', reason: 'unused' }]],
    ['one that cannot say why', wish('auto'), [down('cloud', null)], [{ path: 'cloud', reason: 'unused' }]],
    ['all well', wish('auto'), [up('lan'), up('cloud')], []],
  ])('tell why the others are not among them: %s', (_what, wished, facts, refused) => {
    expect(choose(wished, facts).refused).toEqual(refused)
  })

  it('every way that is asked for is either tried or refused, never both (property)', () => {
    const path = fc.constantFrom<Path>('lan', 'cloud')
    const fact = (of: Path) =>
      fc.record({
        path: fc.constant(of),
        usable: fc.boolean(),
        troubled: fc.boolean(),
        reason: fc.constantFrom(null, 'wedged'),
      })
    const facts = fc.tuple(fact('lan'), fact('cloud')).chain((both) => fc.subarray(both))
    fc.assert(
      fc.property(
        fc.constantFrom<'auto' | Path>('auto', 'lan', 'cloud'),
        path,
        facts,
        (asked, prefer, known) => {
          const { routes, refused } = choose({ path: asked, prefer }, known)
          const named = [...routes, ...refused.map((each) => each.path)]
          expect(new Set(named).size).toBe(named.length)
          const expected = asked === 'auto' ? known.map((each) => each.path) : [asked]
          expect(new Set(named)).toEqual(new Set(expected))
          const equally = known.every((each) => each.troubled === known[0]?.troubled)
          if (routes.length === 2 && equally) expect(routes[0]).toBe(prefer)
        },
      ),
    )
  })

  it('the facts are left as they were', () => {
    const facts = [up('cloud'), up('lan')]
    choose(wish('auto'), facts)
    expect(facts.map(({ path }) => path)).toEqual(['cloud', 'lan'])
  })
})
