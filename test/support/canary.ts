import { expect } from 'vitest'
import { formsOf } from '../../src/util/redact.ts'

/**
 * Marked secrets (R-T5): every test run of the whole bridge uses these, and at its end none of them, in any form, may
 * stand in anything that left the process.
 */
export const canaries = {
  accessSecret: 'canary-access-secret-7f3b1d',
  mqttPassword: 'canary"mqtt\\password-92ac',
  /** The beginning of every device's key; two digits follow. */
  localKey: "canary&key'12$",
  uid: 'eucanary0123456789uid',
} as const

/** Fails when a canary stands in one of the texts; `where` names what was searched. */
export function expectNoCanary(
  texts: Iterable<string>,
  where: string,
  secrets: readonly string[] = Object.values(canaries),
): void {
  const forms = secrets.flatMap(formsOf)
  for (const text of texts) {
    const found = forms.find((form) => text.includes(form))
    expect(found, `a secret leaked into ${where}: …${text.slice(0, 200)}`).toBeUndefined()
  }
}
