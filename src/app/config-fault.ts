/** One thing that is wrong: where, what, and what to do. Never holds the value of a secret. */
export interface ConfigFault {
  readonly path: string
  readonly message: string
  readonly hint: string
}

export class ConfigError extends Error {
  readonly faults: readonly ConfigFault[]

  constructor(faults: readonly ConfigFault[]) {
    super(
      faults
        .map(({ path, message, hint }) => `  ${path || '(file)'}: ${message}${hint ? `\n      ${hint}` : ''}`)
        .join('\n'),
    )
    this.name = 'ConfigError'
    this.faults = faults
  }
}
