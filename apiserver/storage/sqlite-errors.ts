/** What SQLite's errors mean for whoever opened the file or made the call that failed. */

/** The file cannot be used as a store; the message says why. */
export class SqliteUnusable extends Error {}

/** Primary result codes (sqlite.org/rescode.html). */
const code = {
  permission: 3,
  busy: 5,
  locked: 6,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
} as const

function primaryCode(error: unknown): number | undefined {
  const given = (error as { errcode?: unknown } | undefined)?.errcode
  return typeof given === 'number' ? given & 0xff : undefined
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

export function openFailure(file: string, error: unknown): SqliteUnusable {
  if (error instanceof SqliteUnusable) return error
  const options = { cause: error }
  switch (primaryCode(error)) {
    case code.busy:
    case code.locked:
      return new SqliteUnusable(`${file} is in use by another process`, options)
    case code.corrupt:
    case code.notADatabase:
      return new SqliteUnusable(
        `${file} is damaged or no database (${textOf(error)}): restore it from a backup, or move it away to begin anew`,
        options,
      )
    case code.full:
      return new SqliteUnusable(`there is no room on the disk for ${file}`, options)
    default:
      return new SqliteUnusable(`cannot open ${file}: ${textOf(error)}`, options)
  }
}

export interface CallFailure {
  message: string
  /** Whether the writes of the failed transaction may stand there nevertheless. */
  applied: 'no' | 'unknown'
}

/** A transaction that did not fit, or was refused, is not there; one whose write to the disk failed may be found whole after a crash. */
export function callFailure(file: string, error: unknown): CallFailure {
  switch (primaryCode(error)) {
    case code.full:
      return { message: `sqlite: there is no room on the disk for ${file}`, applied: 'no' }
    case code.corrupt:
    case code.notADatabase:
      return { message: `sqlite: ${file} is damaged (${textOf(error)}): restore it from a backup`, applied: 'no' }
    case code.ioError:
      return { message: `sqlite: ${file} cannot be read or written: ${textOf(error)}`, applied: 'unknown' }
    default:
      return { message: `sqlite: ${textOf(error)}`, applied: 'no' }
  }
}
