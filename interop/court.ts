/** Somebody else's program, and what it is asked about ours. */
export interface Judge {
  readonly name: string
  /** What it drives and how, in one sentence. */
  readonly about: string
  /** What this machine truly lacks; undefined where the judge can run. */
  readonly lacks: () => string | undefined
  /** Installs the pinned requirements; a failure is a failure of the judge. */
  readonly prepare?: () => Promise<void>
  readonly hear: (court: Court) => Promise<void>
}

/** Notes what every check found and prints it at once. */
export class Court {
  passed = 0
  failed = 0
  skipped = 0
  #judge = ''
  readonly #print: (text: string) => void

  /** Without `print` everything is printed as it comes. */
  constructor(print: (text: string) => void = (text) => console.log(text)) {
    this.#print = print
  }

  /** One judge from its requirements to its last check. */
  async call(judge: Judge): Promise<void> {
    this.#judge = judge.name
    this.#print(`\n${judge.name}: ${judge.about}`)
    const lack = judge.lacks()
    if (lack !== undefined) {
      this.skip('everything', lack)
      return
    }
    const startedAt = performance.now()
    try {
      await judge.prepare?.()
      await judge.hear(this)
    } catch (thrown) {
      this.#fail('the judge itself', thrown)
    }
    this.#print(`  ${judge.name} took ${seconds(startedAt)}`)
  }

  /** What the check returns, if anything, is printed beside its name: figures that were measured. */
  async check(name: string, run: () => Promise<unknown>): Promise<void> {
    const startedAt = performance.now()
    try {
      const found = await run()
      this.passed++
      const figure = typeof found === 'string' ? ` [${found}]` : ''
      this.#print(`  ok      ${name}${figure} (${seconds(startedAt)})`)
    } catch (thrown) {
      this.#fail(name, thrown)
    }
  }

  skip(name: string, reason: string): void {
    this.skipped++
    this.#print(`  skipped ${name}, because ${reason}`)
  }

  #fail(name: string, thrown: unknown): void {
    this.failed++
    const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
    this.#print(`  FAILED  ${name} (${this.#judge})\n${text.replace(/^/gm, '          ')}`)
  }
}

export function seconds(sinceMs: number): string {
  return `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`
}
