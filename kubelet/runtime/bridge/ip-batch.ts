/**
 * One ip(8) that waits for commands: to start a program costs a pod's start more than what it then does. Commands are done in the order in which they are
 * given, and each is done whether or not one before it failed. `link show` is none for it: from then on it would show no more addresses.
 */
import { LineProcess, LineProcessError } from '#kubelet/runtime/line-process.ts'

export interface IpReply {
  /** What the commands printed. */
  output: readonly string[]
  /** What ip says of those that failed, by the place of the command; by the number of all where it ended of one. */
  failed: ReadonlyMap<number, string>
}

/** No command: ip says so with the number of its line, and that ends what it says to a request. */
const barrier = 'end'
/** It remembers each interface that it has been told of. */
const linesInAll = 20_000

export class IpBatch {
  // Errors go where the output goes, so that their order tells whose they are.
  readonly #ip = new LineProcess({ name: 'ip', argv: ['sh', '-c', 'exec ip -force -batch - 2>&1'], answerMs: 30_000 })

  /**
   * Rejects only where ip cannot be run or does not answer. It ends of an argument that it does not understand, such as a bridge that is not there; the
   * requests behind that one it has not seen, and another gets them.
   */
  async run(commands: readonly string[]): Promise<IpReply> {
    for (;;) {
      if (this.#ip.linesTold > linesInAll) this.renew()
      const first = this.#ip.linesTold + 1
      const last = `Command failed -:${first + commands.length}`
      try {
        const lines = await this.#ip.ask(`${[...commands, barrier].join('\n')}\n`, (line) => line === last)
        // The last two are on the barrier.
        return replyOf(lines.slice(0, -2), { first })
      } catch (error) {
        if (!(error instanceof LineProcessError) || error.reason !== 'ended') throw error
        if (error.isBegun) return replyOf([...error.lines, last], { first })
      }
    }
  }

  /** It takes an interface for the one that had the name before: after a change by others it has to be another process. */
  renew(): void {
    this.#ip.end()
  }
}

/** `first` is the number of the request's first command. Pure. */
export function replyOf(lines: readonly string[], { first }: { first: number }): IpReply {
  const output: string[] = []
  const failed = new Map<number, string>()
  let said: string[] = []
  for (const line of lines) {
    const number = /^Command failed -:(\d+)$/.exec(line)?.[1]
    if (number === undefined) said.push(line)
    else {
      failed.set(Number(number) - first, said.map((text) => text.replace(/^(RTNETLINK answers|Error): /, '')).join('; ') || 'ip has ended')
      said = []
    }
    if (/^( |\d+: )/.test(line)) output.push(...said.splice(0))
  }
  return { output: [...output, ...said], failed }
}
