import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** `npm run new:operation -- device-logs GET '/v1.0/devices/{device_id}/logs'`: file, list entry and test. */
const [id = '', method = 'GET', path = '/v1.0/'] = process.argv.slice(2)
const root = fileURLToPath(new URL('..', import.meta.url))
const file = `src/codec/cloud/operation/${id}.ts`
const test = `test/codec/cloud/operation/${id}.test.ts`
const list = 'src/codec/cloud/operation/index.ts'
const name = id.replace(/-([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase())

if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id)) fail('usage: npm run new:operation -- <id> [METHOD] [path]')
if (existsSync(root + file)) fail(`${file} is there already`)

const params = [...path.matchAll(/\{(\w+)\}/g)].map(([, param]) => `    ${param}: path('string'),`)

writeFileSync(
  root + file,
  `import { operation${params.length > 0 ? ', path' : ''} } from '../operation.ts'

export const ${name} = operation({
  id: '${id}',
  group: 'device',
  class: 'read',
  summary: 'Say in one line what it does',
  method: '${method}',
  path: '${path}',
  params: {${params.length > 0 ? `\n${params.join('\n')}\n  ` : ''}},
  reply: {},
  read: (result: unknown) => result,
  repeatable: ${method === 'GET'},
  source: 'public',
  confidence: 'inferred',
})
`,
)

writeFileSync(
  root + test,
  `import { expect, it } from 'vitest'
import { buildCall } from '../../../../src/codec/cloud/operation.ts'
import { ${name} } from '../../../../src/codec/cloud/operation/${id}.ts'

it('goes to its path with its parameters', () => {
  const args = Object.fromEntries(Object.keys(${name}.params).map((param) => [param, 'x1']))
  expect(buildCall(${name}, args)).toMatchObject({ method: '${method}', path: '${path.replace(/\{\w+\}/g, 'x1')}' })
})
`,
)

const text = readFileSync(root + list, 'utf8')
writeFileSync(
  root + list,
  text
    .replace('\n/** The list', `import { ${name} } from './${id}.ts'\n\n/** The list`)
    .replace('\n]\n', `\n  ${name},\n]\n`),
)

process.stdout.write(
  `${file}\n${test}\n${list}\nNow fill in parameters, reply and class, add what the simulator does (src/simulator/cloud/handler/), and run npm run generate.\n`,
)

function fail(why: string): never {
  process.stderr.write(`${why}\n`)
  process.exit(64)
}
