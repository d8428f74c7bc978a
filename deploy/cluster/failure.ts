/** A failure as a user should meet it: what did not work, why, and what to run. */
export class StartFailure extends Error {
  override name = 'StartFailure'
  readonly what: string
  readonly why: string
  readonly remedy: string
  constructor(what: string, why: string, remedy: string) {
    super(`${what}: ${why}`)
    this.what = what
    this.why = why
    this.remedy = remedy
  }
}
