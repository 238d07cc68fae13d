import { describe, expect, it } from 'vitest'
import { builtinModels, demoWorld, parseWorld } from '../../src/simulator/world-file.ts'
import { BridgeError } from '../../src/util/error.ts'

/** The complaint about a world. */
function complaint(world: unknown): string {
  try {
    parseWorld(typeof world === 'string' ? world : JSON.stringify(world), 'house.json')
    return ''
  } catch (thrown) {
    if (thrown instanceof BridgeError && thrown.code === 'simulator/world') return thrown.message
    throw thrown
  }
}

describe('the file of a world', () => {
  it('of the demo is one', () => {
    expect(complaint(demoWorld())).toBe('')
    expect(demoWorld().devices).toHaveLength(20)
  })

  it('may have models of its own, and the built-in ones are such', () => {
    expect(complaint({ ...demoWorld(), models: builtinModels() })).toBe('')
  })

  it('has all its faults listed at once, each with its place', () => {
    const { project, ...world } = demoWorld()
    const [device, ...devices] = world.devices
    const text = complaint({
      ...world,
      project: { ...project, tokenSeconds: 9_999, colour: 'red' },
      users: [{ username: 'x' }],
      devices: [{ ...device, id: 'a/b', online: 'yes' }, ...devices],
      homes: [{ ...world.homes[0], id: 'first' }],
    })
    const lines = text.split('\n')
    expect(lines[0]).toBe('house.json is no world:')
    expect(lines.slice(1)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^ {2}\/project\/tokenSeconds must be <= 7200/),
        expect.stringMatching(/^ {2}\/project does not know "colour"/),
        expect.stringMatching(/^ {2}\/users\/0 must have required property 'uid'/),
        expect.stringMatching(/^ {2}\/devices\/0\/id must match pattern/),
        expect.stringMatching(/^ {2}\/devices\/0\/online must be boolean/),
        expect.stringMatching(/^ {2}\/homes\/0\/id must match pattern/),
      ]),
    )
    expect(lines).toHaveLength(7)
  })

  it('may say how its event queue is, and is told where it says what there is not', () => {
    const queue = {
      families: ['legacy', 'iotcore'],
      cipher: 'mixed',
      externalAction: { protocol: 20, bizData: 'string' },
      subscriptions: { event: ['backup'], notice: ['backup'] },
      rules: { event: { released: false }, 'event-test': { bizCodes: ['statusReport'] } },
      testDevices: ['bf1'],
    }
    expect(complaint({ ...demoWorld(), queue })).toBe('')
    const wrong = { families: [], cipher: 'rot13', rules: { notice: {} }, externalAction: { protocol: 4 } }
    expect(
      complaint({ ...demoWorld(), queue: wrong })
        .split('\n')
        .slice(1),
    ).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^ {2}\/queue\/families must/),
        expect.stringMatching(/^ {2}\/queue\/cipher must/),
        expect.stringMatching(/^ {2}\/queue\/rules does not know "notice"/),
        expect.stringMatching(/^ {2}\/queue\/externalAction\/protocol must/),
      ]),
    )
  })

  it.each([
    ['no JSON', '{"project":', /house\.json: .*not valid JSON/],
    ['a list', '[]', /\/ must be object/],
    ['empty', '{}', /required property 'project'/],
    ['poisoned', '{"__proto__":{}}', /"__proto__" is not accepted/],
  ])('that is %s says so', (_what, text, expected) => {
    expect(complaint(text)).toMatch(expected)
  })
})
