/** Files that a user names by a flag or by a key of a configuration: read and checked, or refused in one line that says which and why. */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import * as z from 'zod'
import { StartupError } from './daemon.ts'
import { parseDuration } from './flags.ts'

/** A file by the name under which the user gave it, such as `--client-ca-file`; an empty path is none. */
export interface GivenFile {
  name: string
  path: string
}

/** The text of the file. Throws StartupError. */
export function readGiven({ name, path }: GivenFile): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    // Node ends with the call and the path, and leaves the path out where the file is a folder.
    throw new StartupError(`cannot read ${name} ${path}: ${(error as Error).message.replace(/, \w+( '.*')?$/, '')}`)
  }
}

/** What a YAML file says, checked. Throws StartupError with the place in the file. */
export function readGivenYaml<T extends z.ZodType>(file: GivenFile, schema: T): z.output<T> {
  const at = `${file.name} ${file.path}`
  return checkedBy(schema, parseGiven(readGiven(file), at), at)
}

/** What a YAML text says; `at` is how the user knows it. Throws StartupError. */
export function parseGiven(text: string, at: string): unknown {
  try {
    return parse(text)
  } catch (error) {
    throw new StartupError(`${at}: not YAML: ${(error as Error).message.split('\n')[0]}`)
  }
}

/** Go's duration text as a key of a configuration file; the value is milliseconds. */
export const durationKey = z.union([z.string(), z.number()]).transform((text, context) => {
  try {
    return parseDuration(String(text))
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message })
    return z.NEVER
  }
})

/** Throws StartupError that names all faults, unknown keys by their whole path. */
export function checkedBy<T extends z.ZodType>(schema: T, value: unknown, at: string): z.output<T> {
  const result = schema.safeParse(value)
  if (!result.success) throw new StartupError(`${at}: ${result.error.issues.map(issueText).join('; ')}`)
  return result.data
}

function issueText(issue: z.core.$ZodIssue): string {
  const path = issue.path.join('.')
  if (issue.code === 'unrecognized_keys')
    return `unknown key ${issue.keys.map((key) => JSON.stringify(path === '' ? key : `${path}.${key}`)).join(', ')}`
  return path === '' ? issue.message : `${path}: ${issue.message}`
}
