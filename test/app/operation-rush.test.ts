import { describe, expect, it } from 'vitest'
import { OperationRunner } from '../../src/app/operations.ts'
import { Redactor } from '../../src/util/redact.ts'
import { CloudBench } from '../support/cloud-bench.ts'
import { CommandDesk } from '../support/command-desk.ts'
import { success } from '../support/scripted-exchange.ts'

const pace = { perSecond: 18, burst: 30 }
const asked = 1_000

/** A thousand operations at once: every other one reads, the rest run scenes; the cloud takes all that it gets. */
async function rush(limit: number) {
  await using bench = new CloudBench({ limit, client: { pace } })
  bench.http.script = ({ path, request }) =>
    path.startsWith('/v1.0/token') ? undefined : success(request.method === 'GET' ? [] : true)
  const runner = new OperationRunner({
    client: bench.client,
    router: { occupy: (_deviceId, work) => work() },
    redactor: new Redactor(),
    allow: [],
    defaults: () => ({ home_id: '3182004' }),
  })
  const desk = new CommandDesk({
    clock: bench.clock,
    operations: {
      describe: (id) => runner.describe(id),
      prepare: (id, params) => runner.prepare(id, params),
    },
  })
  for (let i = 0; i < asked; i++) {
    const reads = i % 2 === 0
    const [id, params] = reads
      ? ['device-status', { device_id: `bf${i}` }]
      : ['scene-trigger', { scene_id: `s${i}` }]
    desk.hand(`op/${id}`, { id: `r${i}`, from: 'rush', params })
  }
  const answers: Record<string, unknown>[] = []
  for (let second = 0; second < 20; second++) {
    await bench.clock.advance(1_000)
    answers.push(...(await desk.said()).flatMap(({ answer }) => (answer ? [answer] : [])))
  }
  const calls = bench.http.made.filter(({ path }) => !path.startsWith('/v1.0/token'))
  return { answers, calls, used: bench.budget.used, open: desk.intake.open, defects: desk.defects }
}

const reasons = (answers: readonly Record<string, unknown>[]) =>
  new Set(answers.filter(({ ok }) => ok === false).map(({ reason }) => reason))

describe('a thousand operations at once', () => {
  it('get a thousand answers, one each, and each says what became of it', async () => {
    const { answers, calls, open, defects } = await rush(100_000)
    expect(new Set(answers.map(({ id }) => id)).size).toBe(asked)
    expect(answers).toHaveLength(asked)
    expect([open, defects]).toEqual([0, []])
    expect(answers.filter(({ ok }) => ok)).toHaveLength(calls.length)
    expect(calls.length).toBeGreaterThan(200)
    for (const reason of reasons(answers)) expect(['command/busy', 'cloud/throttled']).toContain(reason)
    for (const { ok, retry } of answers) if (!ok) expect(retry).toBe('later')
  })

  it('leave at the pace of the project, what changes something first', async () => {
    const { calls } = await rush(100_000)
    for (const { at } of calls) {
      const within = calls.filter((other) => other.at >= at && other.at < at + 1_000)
      expect(within.length).toBeLessThanOrEqual(pace.burst + pace.perSecond)
    }
    // Whoever came first went with the burst; from then on the more important goes first.
    const methods = calls.slice(pace.burst).map(({ request }) => request.method)
    const firstRead = methods.indexOf('GET')
    expect(methods.filter((method) => method === 'POST').length).toBeGreaterThan(100)
    if (firstRead >= 0) expect(methods.slice(firstRead)).not.toContain('POST')
  })

  it('never pass the budget of the day, whose reserve is kept for what changes something', async () => {
    const { answers, calls, used } = await rush(100)
    expect(used).toBeLessThanOrEqual(100)
    expect(answers).toHaveLength(asked)
    expect(reasons(answers)).toContain('cloud/quota')
    const reads = calls.filter(({ request }) => request.method === 'GET')
    expect(reads.length).toBeLessThanOrEqual(80)
    expect(calls.length - reads.length).toBeGreaterThan(reads.length)
  })
})
