import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { exampleParams } from '../../../scripts/generate/operation-example.ts'
import { operationsPage } from '../../../scripts/generate/operations.ts'
import { checkArguments } from '../../../src/codec/cloud/arguments.ts'
import { operations } from '../../../src/codec/cloud/operation/index.ts'

const page = operationsPage()

it('the page is the one that was made last', () => {
  expect(readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8')).toBe(page)
})

it.each(operations.map((operation) => [operation.id, operation] as const))(
  '%s has a row with request and class, its parameters, and an example that would be accepted',
  (id, operation) => {
    expect(page).toContain(`| [${id}](#${id}) | ${operation.summary} |`)
    expect(page).toContain(`| \`${operation.method} ${operation.path}\` | \`${operation.class}\` |`)
    const [, section = ''] = page.split(`### ${id}\n`)
    const [own = ''] = section.split(/\n##/)
    for (const name of Object.keys(operation.params)) expect(own).toContain(`| \`${name}\` |`)
    const [, example] = /```json\n(.*)\n```/.exec(own) ?? []
    expect(example === undefined).toBe(operation.class === 'never')
    if (example === undefined) return
    const { topic, payload } = JSON.parse(example)
    expect([topic, payload.params]).toEqual([`tuya/cmd/op/${id}`, exampleParams(operation)])
    expect(() => checkArguments(operation, payload.params)).not.toThrow()
  },
)

it('tells nothing of where a fact was kept', () => {
  expect(page).not.toMatch(/\d{3}_[0-9a-f]{16}/)
})
