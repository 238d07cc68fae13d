import { readFileSync } from 'node:fs'

/** A file of golden values. */
export function vector<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../vector/${name}`, import.meta.url), 'utf8')) as T
}
