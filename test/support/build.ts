import { execFileSync } from 'node:child_process'

/** Tests of the whole process run what `npm run build` makes. */
export function setup(): void {
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' })
}
