import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'

/** Some 30 MiB live; each part of it becomes garbage of the old generation, as messages do that waited for answers. */
const program = `
  const { memoryUsage } = await import('node:process')
  const make = (i) => ({ i, text: 'message ' + i })
  const alive = Array.from({ length: 300_000 }, (_, i) => make(i))
  globalThis.gc()
  let most = 0
  for (let i = 0; i < 1_200_000; i++) {
    alive[i % alive.length] = make(i)
    if (i % 8_000 !== 0) continue
    most = Math.max(most, memoryUsage().heapUsed)
    await new Promise((resolve) => setTimeout(resolve, 4))
  }
  console.log(most)`

/** The same young generation on every version of Node: only the old one is compared. */
function mostHeap(prelude: string): number {
  const flags = ['--max-semi-space-size=8', '--expose-gc', '--input-type=module']
  return Number(execFileSync(process.execPath, [...flags, '-e', prelude + program]))
}

it('little garbage piles up before the engine looks for it', () => {
  const module = new URL('../../dist/util/lean.js', import.meta.url)
  expect(mostHeap(`await import(${JSON.stringify(module.href)});`)).toBeLessThan(0.7 * mostHeap(''))
})
