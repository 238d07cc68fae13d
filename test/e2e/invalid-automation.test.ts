import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bedtime, homeId, unread } from '../support/definition.ts'
import { automations, spoiled } from '../support/definition-arbitrary.ts'
import { definitionWorld } from '../support/definition-world.ts'
import { type Answer, VirtualDesk } from '../support/virtual-desk.ts'

const asked = 500

interface Refusal extends Answer {
  readonly details?: readonly { readonly path?: string; readonly message?: string; readonly param?: string }[]
}

let at: VirtualDesk

beforeAll(async () => {
  const operations = { allow: ['config'], raw: ['/v1.0/homes/'] }
  at = await VirtualDesk.open({ config: { operations } as never, world: definitionWorld() })
  await at.house.time.pass(5_000)
})

afterAll(() => at[Symbol.asyncDispose]())

const isObject = (input: unknown): input is object =>
  typeof input === 'object' && input !== null && !Array.isArray(input)

/** Devices that nobody has read are not part of the simulated world. */
const invalid = fc.sample(
  spoiled(automations).filter((input) => isObject(input) && !JSON.stringify(input).includes(unread.id)),
  { numRuns: asked, seed: 20_261_121 },
) as object[]

/** Made anew, in place of one that exists, and by a request of one's own. */
const ways: readonly ((input: object) => readonly [operation: string, params: object])[] = [
  (input) => ['automation-create', { home_id: homeId, ...input }],
  (input) => ['automation-update', { home_id: homeId, automation_id: bedtime.id, ...input }],
  (input) => ['cloud-request', { method: 'POST', path: `/v1.0/homes/${homeId}/automations`, body: input }],
]

it(`${asked} automations with one thing wrong are never sent and always explained`, async () => {
  const requests = () =>
    at.house.simulator.journal
      .entries('request')
      .filter(({ subject }) => subject === 'automation-create' || subject === 'automation-update').length
  expect(invalid).toHaveLength(asked)
  for (const [i, input] of invalid.entries()) {
    const [operation, params] = (ways[i % ways.length] as (typeof ways)[number])(input)
    const answer = (await at.ask(operation, params)) as Refusal
    const told = `${operation} ${JSON.stringify(input)}: ${JSON.stringify(answer)}`
    expect([answer.state, answer.ok], told).toEqual(['rejected', false])
    expect(answer.reason, told).toMatch(/^command\/(bad-param|missing-param)$/)
    expect(answer.message, told).toMatch(/^\S.*[.?]$/su)
    expect(answer.details?.length, told).toBeGreaterThan(0)
    for (const { path, message, param } of answer.details ?? [])
      expect(
        [path?.startsWith('/') || path === '' || param !== undefined, (message ?? param) !== undefined],
        told,
      ).toEqual([true, true])
  }
  expect(requests()).toBe(0)
  // The same way is open for what is right.
  const [fine] = fc.sample(
    automations.filter((input) => !JSON.stringify(input).includes(unread.id)),
    { numRuns: 1, seed: 1 },
  )
  expect(await at.ask('automation-create', { home_id: homeId, ...fine })).toMatchObject({ ok: true })
  expect(requests()).toBe(1)
}, 120_000)
