import { expect, it } from 'vitest'
import { checkArguments } from '../../../../src/codec/cloud/arguments.ts'
import { parseEnvelope } from '../../../../src/codec/cloud/envelope.ts'
import { buildCall } from '../../../../src/codec/cloud/operation.ts'
import { conform } from '../../../../src/codec/cloud/schema.ts'
import { argumentsOf, examples, operationOf } from '../../../support/platform-page.ts'

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
