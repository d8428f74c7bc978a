export interface Step {
  update(text: string): void
  done(result: string): void
}
export interface Progress {
  step(title: string): Step
  line(text?: string): void
  fail(failure: { what: string; why?: string; remedy?: string }): void
  elapsed(): string
  times(): readonly { title: string; ms: number }[]
  stop(): void
}
export function seconds(ms: number): string
export function createProgress(options: {
  first?: number
  total: number
  startedAt?: number
  out?: NodeJS.WriteStream
  quietMs?: number
}): Progress
