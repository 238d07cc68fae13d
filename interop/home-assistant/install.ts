import { existsSync, readdirSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runToEnd, which } from '../child.ts'

const folder = fileURLToPath(new URL('.', import.meta.url))
const environment = `${folder}.venv`

/** Another Home Assistant than the pinned one, by the words that start it: `INTEROP_HASS="/opt/ha/bin/hass"`. */
const given = process.env['INTEROP_HASS']?.split(' ').filter((word) => word !== '')

/** The words that start Home Assistant, before its arguments. */
export const hass: readonly string[] = given ?? [join(environment, 'bin', 'hass')]

export function homeAssistantLacks(): string | undefined {
  return given || pythonFor('3.13') ? undefined : 'there is no Python 3.13 (pyenv or PATH)'
}

/** The pinned packages of requirements.txt in an environment of their own. */
export async function installHomeAssistant(): Promise<void> {
  const mark = join(environment, '.installed')
  const wanted = await readFile(`${folder}requirements.txt`, 'utf8')
  if (given || (existsSync(mark) && (await readFile(mark, 'utf8')) === wanted)) return
  await runToEnd(pythonFor('3.13') ?? '', ['-m', 'venv', '--clear', environment])
  const pip = ['-m', 'pip', 'install', '--quiet', '--no-deps', '-r', `${folder}requirements.txt`]
  const env = Object.fromEntries(Object.entries(process.env).filter((one) => one[1] !== undefined))
  await runToEnd(join(environment, 'bin', 'python'), pip, { env: env as Record<string, string> })
  await writeFile(mark, wanted)
}

/** A Python that the pinned Home Assistant runs on; undefined where there is none. */
function pythonFor(minor: string): string | undefined {
  const versions = join(homedir(), '.pyenv', 'versions')
  const kept = existsSync(versions)
    ? readdirSync(versions).filter((name) => name.startsWith(`${minor}.`))
    : []
  const found = kept.map((name) => join(versions, name, 'bin', 'python3')).find((path) => existsSync(path))
  const path = which(`python${minor}`)
  return found ?? (path?.includes('/shims/') ? undefined : path)
}
