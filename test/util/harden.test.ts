import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'

/** Runs in a process of its own, for it changes every object there is. */
function inHardenedProcess(expression: string): unknown {
  const module = new URL('../../dist/util/harden.js', import.meta.url)
  const script = `await import(${JSON.stringify(module.href)}); console.log(JSON.stringify(${expression}))`
  return JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }),
  )
}

it('S-4: __proto__ is a name like any other once the program runs', () => {
  const polluted = `(() => {
    const state = {}
    state['__proto__'] ??= {}
    state['__proto__'].admin = true
    return [Object.hasOwn(state, '__proto__'), {}.admin ?? null, '__proto__' in {}]
  })()`
  expect(inHardenedProcess(polluted)).toEqual([true, null, false])
})
