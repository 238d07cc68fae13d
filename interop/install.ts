import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { runToEnd } from './child.ts'

const folder = fileURLToPath(new URL('.', import.meta.url))
export const python = `${folder}.venv/bin/python`

/** What installers need of the surroundings: caches, proxies and certificates of this machine. */
const surroundings = Object.fromEntries(
  Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
)

/** The pinned packages of interop/package-lock.json, without anybody's install scripts. */
export async function installNodePackages(): Promise<void> {
  await whenChanged('package-lock.json', 'node_modules', () =>
    runToEnd('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: folder,
      env: surroundings,
    }),
  )
}

/** What a Python judge cannot do without; undefined where it is there. */
export function pythonLacks(): string | undefined {
  const { error, status } = spawnSync('python3', ['-c', 'import ensurepip, venv'])
  if (error) return 'there is no python3'
  return status === 0 ? undefined : 'python3 cannot make environments (Debian: python3-venv)'
}

/** The pinned packages of interop/requirements.txt in an environment of their own. */
export async function installPythonPackages(): Promise<void> {
  await whenChanged('requirements.txt', '.venv', async () => {
    await runToEnd('python3', ['-m', 'venv', '--clear', '.venv'], { cwd: folder, env: surroundings })
    const pip = [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--no-deps',
      '--only-binary',
      ':all:',
      '-r',
      'requirements.txt',
    ]
    await runToEnd(python, pip, { cwd: folder, env: surroundings })
  })
}

/** Does it again only when the list of requirements is another than last time. */
function whenChanged(list: string, into: string, install: () => Promise<unknown>): Promise<void> {
  const known = installing.get(into)
  if (known !== undefined) return known
  const work = bringUpToDate(list, into, install)
  installing.set(into, work)
  return work
}

/** Several judges want the same at the same time. */
const installing = new Map<string, Promise<void>>()

async function bringUpToDate(list: string, into: string, install: () => Promise<unknown>): Promise<void> {
  const mark = `${folder}${into}/.installed`
  const wanted = await readFile(folder + list, 'utf8')
  if (existsSync(mark) && (await readFile(mark, 'utf8')) === wanted) return
  await install()
  await writeFile(mark, wanted)
}
