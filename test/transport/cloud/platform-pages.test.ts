import { expect, it } from 'vitest'
import type { CloudError } from '../../../src/transport/cloud/layer.ts'
import { CloudBench } from '../../support/cloud-bench.ts'
import { argumentsOf, examples, operationOf } from '../../support/platform-page.ts'
import { reply } from '../../support/scripted-exchange.ts'

const options = { priority: 'command', signal: new AbortController().signal } as const

it.each(examples.map((example) => [example.operation, example.page, example] as const))(
  '%s goes out and comes back as the page %s prints it',
  async (_operation, _page, example) => {
    const operation = operationOf(example)
    const args = argumentsOf(operation, example.request)
    // Where the page prints no answer, the platform's plain yes.
    for (const answer of example.answers ?? [undefined]) {
      await using bench = new CloudBench()
      bench.http.script = ({ path }) =>
        path.startsWith('/v1.0/token') ? undefined : reply(answer ?? { success: true, result: true })
      const result = await bench.run(bench.client.raw(operation, args, options), 1_000)

      const { request } = bench.http.made.findLast(({ path }) => !path.startsWith('/v1.0/token')) ?? {}
      const { pathname, search } = new URL(request?.url ?? '')
      const body = Buffer.from(request?.body ?? '').toString()
      expect({
        method: request?.method,
        target: pathname + search,
        body: body === '' ? undefined : JSON.parse(body),
      }).toEqual({ body: undefined, ...example.request })
      if (answer === undefined || answer.success) expect(result).toEqual(answer?.['result'] ?? true)
      else expect((result as CloudError).tuya?.code).toBe(answer['code'])
    }
  },
)

it('there is every request that the pages print; the list of all interfaces prints none', () => {
  const count = (page: string) => examples.filter((example) => example.page.startsWith(page)).length
  expect(['000', '001', '002', '003', '004'].map(count)).toEqual([1, 18, 12, 0, 22])
  expect(examples).toHaveLength(53)
})
