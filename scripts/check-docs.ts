import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { type ConfigSchema, leaves, readConfigSchema } from '../src/app/config-shape.ts'

/** What the documents promise about the repository: links, scripts, settings and variables that must exist. */

const schema = readConfigSchema()
const variables = new Set(leaves(schema).map(({ variable }) => variable))
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }

interface Fault {
  readonly file: string
  readonly line: number
  readonly message: string
}

function documents(): string[] {
  const pages = existsSync('docs') ? readdirSync('docs').filter((name) => name.endsWith('.md')) : []
  return ['README.md', ...pages.map((name) => `docs/${name}`)]
}

function check(file: string): Fault[] {
  if (!existsSync(file)) return [{ file, line: 0, message: 'is missing.' }]
  const text = readFileSync(file, 'utf8')
  return text.split('\n').flatMap((line, i) =>
    [...links(file, line), ...commands(line), ...settings(line)].map((message) => ({
      file,
      line: i + 1,
      message,
    })),
  )
}

/** Relative links: the file is there, and the heading within it. */
function* links(file: string, line: string): Generator<string> {
  for (const [, target = ''] of line.matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g)) {
    if (/^[a-z]+:/i.test(target)) continue
    const [path = '', heading] = target.split('#')
    const to = path === '' ? file : normalize(join(dirname(file), path))
    if (!existsSync(to)) yield `links to ${target}, which is not there.`
    else if (heading !== undefined && to.endsWith('.md') && !headings(to).has(heading))
      yield `links to ${target}, but ${to} has no such heading.`
  }
}

/** Headings as the usual renderers turn them into anchors. */
function headings(file: string): Set<string> {
  const found = readFileSync(file, 'utf8').matchAll(/^#{1,6}\s+(.+)$/gm)
  return new Set(
    [...found].map(([, text = '']) =>
      text
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replace(/\s/g, '-'),
    ),
  )
}

function* commands(line: string): Generator<string> {
  for (const [, name = ''] of line.matchAll(/\bnpm run (?:--?[a-z]+ )*([a-z][a-z0-9:_-]*)/g))
    if (!Object.hasOwn(scripts, name))
      yield `tells to run "npm run ${name}", which package.json does not have.`
  for (const [, name = ''] of line.matchAll(/\bnpm (start|test)\b/g))
    if (!Object.hasOwn(scripts, name)) yield `tells to run "npm ${name}", which package.json does not have.`
}

/** Keys in backticks whose first part is one of ours, and variables with our prefix. */
function* settings(line: string): Generator<string> {
  for (const [, key = ''] of line.matchAll(/`([a-z][A-Za-z]*(?:\.[A-Za-z][A-Za-z0-9]*)+)(?::[^`]*)?`/g)) {
    const [first = '', ...rest] = key.split('.')
    const group = schema.properties?.[first]
    if (group && !isFileName(key) && !exists(group, rest))
      yield `names the setting ${key}, which the schema does not have.`
  }
  for (const [variable] of line.matchAll(/\bDP2MQTT_[A-Z0-9_]+\b/g))
    if (!variables.has(variable)) yield `names the variable ${variable}, which nothing reads.`
}

function isFileName(key: string): boolean {
  return /\.(ts|js|json|md|yaml|conf|acl)$/.test(key)
}

/** What a schema leaves open may hold anything. */
function exists(at: ConfigSchema, [first, ...rest]: readonly string[]): boolean {
  if (first === undefined) return true
  if (at.items) return exists(at.items, [first, ...rest])
  if (!at.properties) return at.type === 'object' || [at.type].flat().includes('object')
  const next = at.properties[first]
  return next !== undefined && exists(next, rest)
}

const files = documents()
const faults = files.flatMap(check)
for (const { file, line, message } of faults) console.error(`${file}:${line} ${message}`)
console.log(`${files.length} documents, ${faults.length} faults`)
process.exitCode = faults.length === 0 ? 0 : 1
