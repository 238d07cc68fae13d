import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cutBytes, type Named, SlugRegistry, slugOf } from '../../src/domain/slug.ts'
import { anyText } from '../support/any-text.ts'

describe('the slug of a name', () => {
  it.each([
    ['Desk lamp', 'desk_lamp'],
    ['LED strip+ (TV)', 'led_strip_tv'],
    ['Küche/Licht #1', 'küche_licht_1'],
    ['  __Gang__  ', 'gang'],
    ['客厅 灯', '客厅_灯'],
    ['Лампа-2', 'лампа-2'],
    ['ﬁre ①', 'fire_1'],
    ['ＡＢＣ', 'abc'],
    ['café', 'café'],
    ['a---b', 'a---b'],
    ['a / + # b', 'a_b'],
    ['tuya~evil', 'tuya_evil'],
    ['constructor', 'constructor'],
    ['💡', 'unnamed'],
    ['', 'unnamed'],
    ['$SYS', 'sys'],
    ['..', 'unnamed'],
    ['\u0000\u202e', 'unnamed'],
    ['\ud800', 'unnamed'],
  ])('of %j is %s', (name, slug) => {
    expect(slugOf(name)).toBe(slug)
  })

  it('has at most 64 bytes and ends at a character border', () => {
    expect(slugOf('a'.repeat(100))).toBe('a'.repeat(64))
    expect(slugOf('ü'.repeat(100))).toBe('ü'.repeat(32))
    expect(slugOf(`${'a'.repeat(63)}ü`)).toBe('a'.repeat(63))
    expect(slugOf(`${'客'.repeat(30)}`)).toBe('客'.repeat(21))
    expect(slugOf('𝒳'.repeat(5))).toBe('xxxxx')
    expect(slugOf(`${'a'.repeat(62)}𐐷𐐷`)).toBe('a'.repeat(62))
  })

  it('does not end in an underscore that the cut laid bare', () => {
    expect(slugOf(`${'a'.repeat(63)} b`)).toBe('a'.repeat(63))
  })

  it('K7: is a legal topic level for every name', () => {
    const hostile = fc.oneof(
      anyText({ maxLength: 200 }),
      fc.string({ unit: 'grapheme', maxLength: 100 }),
      fc
        .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 100 })
        .map((units) => String.fromCharCode(...units)),
      fc.string({ unit: fc.constantFrom(...'+#/$~\0 _.-'), maxLength: 40 }),
    )
    fc.assert(
      fc.property(hostile, (name) => {
        const slug = slugOf(name)
        expect(slug).not.toBe('')
        expect(Buffer.byteLength(slug)).toBeLessThanOrEqual(64)
        expect(slug).toMatch(/^[\p{L}\p{M}\p{N}_-]+$/u)
        expect(slug).not.toMatch(/^_|_$/)
        expect(Buffer.from(slug).toString()).toBe(slug)
      }),
      { numRuns: 800 },
    )
  })

  it('is its own slug, so that a command may name it either way', () => {
    fc.assert(
      fc.property(anyText({ maxLength: 80 }), (name) => {
        expect(slugOf(slugOf(name))).toBe(slugOf(name))
      }),
      { numRuns: 1_500 },
    )
  })
})

describe('a cut', () => {
  it('never splits a character and never leaves room for the next one', () => {
    fc.assert(
      fc.property(anyText(), fc.nat(80), (text, bytes) => {
        const cut = cutBytes(text, bytes)
        expect(text.startsWith(cut)).toBe(true)
        expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(bytes)
        const next = [...text.slice(cut.length)][0]
        if (next !== undefined) expect(Buffer.byteLength(cut + next)).toBeGreaterThan(bytes)
      }),
    )
  })
})

const named = (id: string, name: string, createdMs: number | null = null): Named => ({ id, name, createdMs })

/** All slugs by id. */
function slugs(registry: SlugRegistry): Record<string, string> {
  return Object.fromEntries(registry.entries().map(([slug, id]) => [id, slug]))
}

describe('a registry', () => {
  it('gives equal names to the older object, the other one gets the end of its id', () => {
    const registry = new SlugRegistry()
    registry.update([named('bf0000wxyz', 'Lamp', 2_000), named('bf0000abcd', 'lamp!', 1_000)])
    expect(slugs(registry)).toEqual({ bf0000abcd: 'lamp', bf0000wxyz: 'lamp~wxyz' })
  })

  it('takes the id where the ages are equal or unknown', () => {
    const registry = new SlugRegistry()
    registry.update([named('b', 'Lamp'), named('a', 'Lamp'), named('c', 'Lamp', 1)])
    expect(slugs(registry)).toEqual({ c: 'lamp', a: 'lamp~a', b: 'lamp~b' })
  })

  it('takes more of the id until the slug is unique', () => {
    const registry = new SlugRegistry()
    registry.update([
      named('x-1-abcd', 'Lamp', 1),
      named('x-2-abcd', 'Lamp', 2),
      named('y-2-abcd', 'Lamp', 3),
    ])
    expect(slugs(registry)).toEqual({
      'x-1-abcd': 'lamp',
      'x-2-abcd': 'lamp~abcd',
      'y-2-abcd': 'lamp~-abcd',
    })
  })

  it('is unique also where a whole id is the end of another one', () => {
    const registry = new SlugRegistry()
    registry.update([named('c', 'Lamp', 1), named('1-abcd', 'Lamp', 2), named('abcd', 'Lamp', 3)])
    expect(slugs(registry)).toEqual({ c: 'lamp', '1-abcd': 'lamp~abcd', abcd: 'lamp~abcd_' })
  })

  it('leaves a slug with its object when an older one of the same name turns up', () => {
    const registry = new SlugRegistry()
    registry.update([named('young-0001', 'Lamp', 2_000)])
    registry.update([named('young-0001', 'Lamp', 2_000), named('older-0002', 'Lamp', 1_000)])
    expect(slugs(registry)).toEqual({ 'young-0001': 'lamp', 'older-0002': 'lamp~0002' })
  })

  it('leaves a slug with its object when only its spelling changes', () => {
    const registry = new SlugRegistry()
    registry.update([named('one-0001', 'Lamp', 1), named('two-0002', 'Lamp', 2)])
    registry.update([named('one-0001', 'LAMP', 1), named('two-0002', '(lamp)', 2)])
    expect(slugs(registry)).toEqual({ 'one-0001': 'lamp', 'two-0002': 'lamp~0002' })
  })

  it('gives a freed bare slug to nobody who was there before', () => {
    const registry = new SlugRegistry()
    const [first, second] = [named('one-0001', 'Lamp', 1), named('two-0002', 'Lamp', 2)]
    registry.update([first, second])
    registry.update([second])
    expect(slugs(registry)).toEqual({ 'two-0002': 'lamp~0002' })
    expect(registry.id('lamp')).toBeUndefined()
    expect(registry.claimants('lamp')).toEqual(['two-0002'])
  })

  it('gives a freed bare slug to the next object that is named so afterwards', () => {
    const registry = new SlugRegistry()
    const second = named('two-0002', 'Lamp', 2)
    registry.update([named('one-0001', 'Lamp', 1), second])
    registry.update([named('one-0001', 'Fan', 1), second])
    registry.update([named('one-0001', 'Fan', 1), second, named('three-0003', 'Lamp', 3)])
    expect(slugs(registry)).toEqual({
      'one-0001': 'fan',
      'two-0002': 'lamp~0002',
      'three-0003': 'lamp',
    })
  })

  it('lets two objects swap their names', () => {
    const registry = new SlugRegistry()
    registry.update([named('one-0001', 'Lamp', 1), named('two-0002', 'Fan', 2)])
    registry.update([named('one-0001', 'Fan', 1), named('two-0002', 'Lamp', 2)])
    expect(slugs(registry)).toEqual({ 'one-0001': 'fan', 'two-0002': 'lamp' })
  })

  it('finds all who claim a bare slug, also when one holds it', () => {
    const registry = new SlugRegistry()
    registry.update([named('one-0001', 'Lamp', 1), named('two-0002', 'Lamp', 2), named('six-0006', 'Fan', 3)])
    expect(registry.claimants('lamp').sort()).toEqual(['one-0001', 'two-0002'])
    expect(registry.claimants('door')).toEqual([])
  })
})

describe('what an earlier run remembered', () => {
  it('stays, although by age it would be the other way round', () => {
    const registry = new SlugRegistry()
    registry.restore('lamp', 'two-0002')
    registry.restore('lamp~0001', 'one-0001')
    registry.update([named('one-0001', 'Lamp', 1), named('two-0002', 'Lamp', 2)])
    expect(slugs(registry)).toEqual({ 'two-0002': 'lamp', 'one-0001': 'lamp~0001' })
  })

  it('keeps a freed bare slug from those who were there before the restart', () => {
    const registry = new SlugRegistry()
    registry.restore('lamp~0002', 'two-0002')
    registry.update([named('two-0002', 'Lamp', 2)])
    expect(registry.slug('two-0002')).toBe('lamp~0002')
    expect(registry.id('lamp')).toBeUndefined()
  })

  it('ends with a rename that happened meanwhile, and with the object once that was seen', () => {
    const registry = new SlugRegistry()
    registry.restore('lamp', 'one-0001')
    registry.restore('fan', 'two-0002')
    registry.update([named('one-0001', 'Door', 1), named('two-0002', 'Fan', 2)])
    expect(slugs(registry)).toEqual({ 'one-0001': 'door', 'two-0002': 'fan' })
    registry.update([named('one-0001', 'Door', 1)])
    expect(slugs(registry)).toEqual({ 'one-0001': 'door' })
  })

  it('is kept for what was not seen yet, until that is forgotten', () => {
    const registry = new SlugRegistry()
    registry.restore('lamp', 'two-0002')
    registry.update([named('one-0001', 'Lamp', 1)])
    expect(slugs(registry)).toEqual({ 'one-0001': 'lamp~0001', 'two-0002': 'lamp' })
    expect([...registry.unseen]).toEqual(['two-0002'])
    registry.forget('one-0001')
    registry.forget('two-0002')
    expect(slugs(registry)).toEqual({ 'one-0001': 'lamp~0001' })
    expect(registry.id('lamp')).toBeUndefined()
  })

  it('that contradicts itself counts once', () => {
    const registry = new SlugRegistry()
    registry.restore('lamp', 'one-0001')
    registry.restore('lamp', 'two-0002')
    registry.restore('fan', 'one-0001')
    expect(slugs(registry)).toEqual({ 'one-0001': 'lamp' })
  })
})

describe('any history', () => {
  const object = fc.record({
    id: fc.stringMatching(/^[ab]{1,6}$/),
    name: fc.constantFrom('Lamp', 'lamp', 'Fan', 'a~b', '', '🏠'),
    createdMs: fc.option(fc.nat(3)),
  })
  const house = fc.uniqueArray(object, { selector: ({ id }) => id, maxLength: 8 })

  it('K7: no two objects ever share a slug, every object has one, and a slug stays until a rename', () => {
    fc.assert(
      fc.property(fc.array(house, { minLength: 1, maxLength: 6 }), (houses) => {
        const registry = new SlugRegistry()
        let before: readonly Named[] = []
        let heldBefore: Record<string, string> = {}
        for (const objects of houses) {
          registry.update(objects)
          const held = slugs(registry)
          expect(Object.keys(held).sort()).toEqual(objects.map(({ id }) => id).sort())
          expect(new Set(Object.values(held)).size).toBe(objects.length)
          for (const { id, name } of objects) {
            expect(registry.slug(id)).toBe(held[id])
            expect(registry.id(held[id] as string)).toBe(id)
            expect((held[id] as string).split('~')[0]).toBe(slugOf(name))
            const earlier = before.find((known) => known.id === id)
            if (earlier && slugOf(earlier.name) === slugOf(name)) expect(held[id]).toBe(heldBefore[id])
          }
          before = objects
          heldBefore = held
        }
      }),
      { numRuns: 500 },
    )
  })
})
