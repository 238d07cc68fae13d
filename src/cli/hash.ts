import { createInterface } from 'node:readline/promises'
import type { Command } from 'commander'
import { hashPassword } from '../util/password.ts'
import { print } from './context.ts'
import { CommandFailed, exit } from './exit.ts'

export function addHash(program: Command): void {
  program
    .command('hash')
    .description('read a password from standard input and print its hash for broker.users')
    .action(hash)
}

async function hash(): Promise<void> {
  const lines = createInterface({ input: process.stdin })
  for await (const line of lines) {
    lines.close()
    if (line === '') break
    print(await hashPassword(line))
    return
  }
  throw new CommandFailed(
    exit.usage,
    'Give the password on standard input, like: printf %s "$PASSWORD" | dp2mqtt hash',
  )
}
