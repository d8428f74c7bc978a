/**
 * Dying on purpose: `TYPERNETES_FAILPOINT=before:startContainer` (or `after:`) makes the process kill itself at that entry of a record of
 * effects, the nth time with `:n` at the end. Tests enumerate the record, so that a new action is covered by itself.
 */
import { StartupError } from './daemon.ts'

export interface Failpoint {
  when: 'before' | 'after'
  name: string
  count: number
}

/** The one that this process was started with. */
export const failpointOfProcess = (): Failpoint | undefined => parseFailpoint(process.env['TYPERNETES_FAILPOINT'])

/** Undefined where none is asked for; throws StartupError for text that names none. */
export function parseFailpoint(text: string | undefined): Failpoint | undefined {
  if (text === undefined || text === '') return undefined
  const match = /^(before|after):([A-Za-z]+)(?::(\d+))?$/.exec(text)
  if (!match) throw new StartupError(`TYPERNETES_FAILPOINT is before:<name> or after:<name>, not "${text}"`)
  return { when: match[1] as Failpoint['when'], name: match[2] ?? '', count: Number(match[3] ?? '1') }
}

/** A record of asynchronous functions, with the failpoint built into its entry. Throws StartupError where there is no such entry. */
export function withFailpoint<R extends object>(record: R, failpoint: Failpoint | undefined, die: () => void = killSelf): R {
  if (!failpoint) return record
  if (!Object.hasOwn(record, failpoint.name)) throw new StartupError(`TYPERNETES_FAILPOINT: there is no entry "${failpoint.name}"`)
  let left = failpoint.count
  const hit = (when: Failpoint['when']): void => {
    if (failpoint.when === when && --left === 0) die()
  }
  const inner = record[failpoint.name as keyof R] as (...args: unknown[]) => Promise<unknown>
  const wrapped = async (...args: unknown[]): Promise<unknown> => {
    hit('before')
    const result = await inner(...args)
    hit('after')
    return result
  }
  return { ...record, [failpoint.name]: wrapped }
}

function killSelf(): void {
  process.kill(process.pid, 'SIGKILL')
}
