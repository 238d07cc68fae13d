import { execFileSync, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'

/** The image that the tests run; built from the working tree before them. */
export const image = 'dp2mqtt:test'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Why no container can be run here; empty where one can. */
    readonly engineMissing: string
  }
}

/** Builds the program and the image, once for all tests; without an engine, tells why there is nothing to test. */
export function setup({ provide }: TestProject): void {
  const missing = reasonAgainstEngine()
  provide('engineMissing', missing)
  if (missing !== '') {
    console.log(`\nThe container tests are skipped, because ${missing}\n`)
    return
  }
  const root = fileURLToPath(new URL('../../', import.meta.url))
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit', cwd: root })
  // The network of this machine: npm then finds its registry the same way as out here.
  const build = spawnSync('docker', ['build', '--network', 'host', '--tag', image, '.'], {
    cwd: root,
    encoding: 'utf8',
  })
  if (build.status !== 0) throw new Error(`the image was not built:\n${build.stdout}\n${build.stderr}`)
}

function reasonAgainstEngine(): string {
  const info = spawnSync('docker', ['info', '--format', '{{.ServerVersion}}'], { encoding: 'utf8' })
  if (info.error) return 'there is no program "docker".'
  if (info.status === 0 && info.stdout.trim() !== '') return ''
  const said = info.stderr.trim().split('\n').at(-1) ?? ''
  return `no Docker engine answers (${said}). Start one, or set DOCKER_HOST to where it listens.`
}
