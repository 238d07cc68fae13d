import { expect, it } from 'vitest'
import { checkArguments } from '../../../../src/codec/cloud/arguments.ts'
import { parseEnvelope } from '../../../../src/codec/cloud/envelope.ts'
import { operationById } from '../../../../src/codec/cloud/operation/index.ts'
import {
  type AnyArguments,
  type AnyOperation,
  buildCall,
  rootBody,
} from '../../../../src/codec/cloud/operation.ts'
import { conform } from '../../../../src/codec/cloud/schema.ts'
import { vector } from '../../../support/vector.ts'

/** An example as a page of the platform prints it, what was masked there filled with zeros. */
interface Example {
  readonly operation: string
  readonly page: string
  readonly title: string
  readonly request: { readonly method: string; readonly target: string; readonly body?: object }
  readonly answers?: readonly (Record<string, unknown> & { readonly success: boolean })[]
  /** What the bridge understands; absent where the page prints no result. */
  readonly read?: unknown
}

const examples = vector<readonly Example[]>('platform-pages.json')

function operationOf({ operation }: Example): AnyOperation {
  const found = operationById(operation)
  if (!found) throw new Error(`no operation ${operation}`)
  return found
}

/** The parameters that the printed request has. */
function argumentsOf(operation: AnyOperation, { target, body }: Example['request']): AnyArguments {
  const { pathname, searchParams } = new URL(target, 'http://page')
  const given = pathname.split('/')
  const fromPath = operation.path
    .split('/')
    .flatMap((level, i) => (level.startsWith('{') ? [[level.slice(1, -1), given[i]]] : []))
  const fromBody = Array.isArray(body) ? { [rootBody]: body } : body
  return { ...Object.fromEntries(fromPath), ...Object.fromEntries(searchParams), ...fromBody }
}

it('the pages print an example of every operation that they describe', () => {
  const described = ['000', '001', '002', '004'].map(
    (page) => examples.filter((example) => example.page.startsWith(page)).length,
  )
  expect(described).toEqual([1, 18, 12, 22])
  for (const example of examples) expect(operationOf(example).source).toContain(example.page)
})

it.each(examples.map((example) => [example.operation, example.title, example] as const))(
  '%s asks and understands what the page "%s" prints',
  (_operation, _title, example) => {
    const operation = operationOf(example)
    const args = argumentsOf(operation, example.request)
    checkArguments(operation, args)
    const call = buildCall(operation, args)
    const query = new URLSearchParams(call.query).toString()
    expect({
      method: call.method,
      target: `${call.path}${query === '' ? '' : `?${query}`}`,
      body: call.body === undefined ? undefined : JSON.parse(call.body),
    }).toEqual({ body: undefined, ...example.request })

    for (const answer of example.answers ?? []) {
      const envelope = parseEnvelope(Buffer.from(JSON.stringify(answer)))
      if (!envelope.success) {
        expect(envelope.verdict).toEqual({ code: answer['code'], msg: answer['msg'] })
        continue
      }
      const fitting = conform(operation.reply, envelope.result)
      expect(fitting).toMatchObject({ ok: true, dropped: 0 })
      if (fitting.ok) expect(operation.read(fitting.value as never)).toEqual(example.read)
    }
  },
)
