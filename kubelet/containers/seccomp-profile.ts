/** Seccomp profiles from the node's profile folder. */
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { RuntimeError } from '#kubelet/runtime/runtime.ts'

/**
 * The text of a profile. Throws RuntimeError for one that is not there or is no profile: what the runtime would take for none at all (an
 * empty file) or for a word of its own (`unconfined`) must not open the container up.
 */
export function readSeccompProfile(directory: string, name: string): string {
  const file = join(directory, name)
  if (relative(directory, file).startsWith('..')) throw new RuntimeError('other', `seccomp profile "${name}" is outside of ${directory}`)
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file or directory' : (error as Error).message
    throw new RuntimeError('other', `cannot load seccomp profile "${file}": open ${file}: ${why}`, { cause: error })
  }
  const problem = profileProblem(text)
  if (problem !== undefined) throw new RuntimeError('other', `cannot load seccomp profile "${file}": ${problem}`)
  return text
}

/** Why a text is no seccomp profile; undefined where it is one. */
export function profileProblem(text: string): string | undefined {
  try {
    const profile: unknown = JSON.parse(text)
    const action = typeof profile === 'object' && profile !== null && 'defaultAction' in profile ? profile.defaultAction : undefined
    return typeof action === 'string' && action.startsWith('SCMP_ACT_') ? undefined : 'it names no defaultAction'
  } catch (error) {
    return `it is not JSON: ${(error as Error).message}`
  }
}
