/** An answer that is none: the platform's code and text. */
export class Refusal extends Error {
  readonly code: number

  constructor(code: number, msg: string) {
    super(msg)
    this.name = 'Refusal'
    this.code = code
  }
}
