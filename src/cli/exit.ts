/** Exit codes that outsiders rely on. */
export const exit = { stopped: 0, usage: 64, internal: 70, configuration: 78 } as const

/** Ends a command with a message for the user and a code for the shell. */
export class CommandFailed extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.name = 'CommandFailed'
    this.code = code
  }
}
