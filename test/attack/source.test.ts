import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { leastCpuMs } from '../support/cpu.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

function sources(folder = join(root, 'src')): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(ts|json)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
}

interface Found {
  readonly file: string
  readonly pattern: RegExp
}

/** Literals, and the patterns of JSON schemas. What is found beside them does no harm. */
function patterns(): Found[] {
  const literal = /(?<![\w)\]/*])\/(?![/*\s])((?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+)\/([dgimsuvy]*)/g
  const inSchema = /"?pattern"?: ["']((?:\\.|[^"'\\\n])+)["']/g
  return [...sources(), ...sources(join(root, 'schemas'))].flatMap((file) => {
    const text = readFileSync(file, 'utf8').replaceAll(/^\s*(\/\/|\*|\/\*).*$/gm, '')
    const literals = [...text.matchAll(literal)].map(([, source = '', flags]) => compiled(source, flags))
    const schemas = [...text.matchAll(inSchema)].map(([, source = '']) =>
      compiled(source.replaceAll('\\\\', '\\'), 'u'),
    )
    return [...literals, ...schemas].flatMap((pattern) => (pattern ? [{ file, pattern }] : []))
  })
}

function compiled(source: string, flags = ''): RegExp | undefined {
  try {
    return new RegExp(source, flags.replace(/[gy]/g, ''))
  } catch {
    return undefined
  }
}

/** Whether a repetition without end stands inside another one. */
function nests({ source }: RegExp): boolean {
  /** For each open group: whether something inside it repeats without end. */
  const open: boolean[] = []
  let closed = false
  for (let i = 0; i < source.length; i++) {
    const character = source[i]
    const endless = /^(?:[*+]|\{\d+,\})/.test(source.slice(i))
    if (character === '\\') i++
    else if (character === '[') i = endOfClass(source, i)
    else if (character === '(') open.push(false)
    else if (character === ')') {
      closed = open.pop() ?? false
      if (closed && open.length > 0) open[open.length - 1] = true
      if (closed && /^(?:[*+]|\{\d+,\})/.test(source.slice(i + 1))) return true
    } else if (endless && open.length > 0) open[open.length - 1] = true
  }
  return false
}

function endOfClass(source: string, start: number): number {
  for (let i = start + 1; i < source.length; i++) {
    if (source[i] === '\\') i++
    else if (source[i] === ']') return i
  }
  return source.length
}

/** Whether one of the pattern's own characters many times over, and an end that fits nowhere, keeps it busy. */
function isSlow(pattern: RegExp): boolean {
  const characters = pattern.source.replace(/\\[dws]/g, '0 a').replace(/[^\w\s/+=@:.-]/g, '')
  const units = new Set([...characters, 'a', '0', ' ', '_', '/', '"', 'é'])
  // From small to large: one that grows without measure is found before it hangs.
  return [26, 34, 42, 300, 4_096].some((length) =>
    [...units].some((unit) => {
      const run = () => pattern.test(`${unit.repeat(length)}\0\n!`)
      return leastCpuMs(50, run) >= 50
    }),
  )
}

describe('attack 22: regular expressions', () => {
  const all = patterns()

  it('the search finds them', () => {
    expect(all.length).toBeGreaterThan(40)
    expect(nests(/^(a+)+$/)).toBe(true)
    expect(nests(/^(?:(x|y*)z)*$/)).toBe(true)
    expect(nests(/^([a+)]+)(b{2,3})+[(*]+\)+$/)).toBe(false)
  })

  it('none has a repetition inside a repetition', () => {
    expect(
      all.filter(({ pattern }) => nests(pattern)).map(({ file, pattern }) => `${file}: ${pattern}`),
    ).toEqual([])
  })

  it('none takes 50 ms for 4 KiB of what it likes least', () => {
    const slow = all.filter(({ pattern }) => isSlow(pattern))
    expect(slow.map(({ file, pattern }) => `${file}: ${pattern}`)).toEqual([])
  })

  it('and this would be noticed', () => {
    expect(isSlow(/^(a|aa)*b/)).toBe(true)
    expect(isSlow(/^[a-z]*$/)).toBe(false)
  })
})

describe('attack 23: scripts of dependencies', () => {
  interface Locked {
    readonly packages: Readonly<
      Record<
        string,
        {
          readonly dev?: boolean
          readonly optional?: boolean
          readonly extraneous?: boolean
          readonly hasInstallScript?: boolean
          readonly integrity?: string
          readonly link?: boolean
        }
      >
    >
  }
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Locked

  it('do not run when we install', () => {
    expect(readFileSync(join(root, '.npmrc'), 'utf8').split('\n')).toContain('ignore-scripts=true')
    const asked = execFileSync('npm', ['config', 'get', 'ignore-scripts'], { cwd: root, encoding: 'utf8' })
    expect(asked.trim()).toBe('true')
  })

  it('are needed by none of those that the program itself has', () => {
    const scripted = Object.entries(lock.packages)
      .filter(
        ([, { hasInstallScript, dev, optional, extraneous }]) =>
          hasInstallScript && !dev && !optional && !extraneous,
      )
      .map(([name]) => name)
    expect(scripted).toEqual([])
  })

  it('every package that is installed has its checksum in the lock', () => {
    const loose = Object.entries(lock.packages)
      .filter(([name, { integrity, link }]) => name !== '' && !link && integrity === undefined)
      .map(([name]) => name)
    expect(loose).toEqual([])
  })
})
