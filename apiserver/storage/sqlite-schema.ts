/** The tables of the embedded store, and the file they lie in: made, opened and locked here. */
import { closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { openFailure, SqliteUnusable } from './sqlite-errors.ts'

/** Marks the file as ours, so that no other database is taken for a store: "Tyst". */
const APPLICATION_ID = 0x54797374
const SCHEMA_VERSION = 1

/**
 * `history.id` is revision * 4096 + place in the commit: rows are appended in the order of revisions, and one number says both. A row without
 * a value is a deletion. `prev` is the row that this one replaces: compaction follows it instead of searching.
 */
const tables = `
  CREATE TABLE history (id INTEGER PRIMARY KEY, key TEXT NOT NULL, value BLOB, prev INTEGER);
  CREATE INDEX history_by_key ON history (key, id);
  CREATE TABLE expiry (at INTEGER NOT NULL, id INTEGER NOT NULL, key TEXT NOT NULL, PRIMARY KEY (at, id)) WITHOUT ROWID;
  CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
  INSERT INTO meta VALUES ('compacted', 0), ('swept', 0);
`

export interface OpenedFile {
  db: DatabaseSync
  close(): void
}

/** Throws SqliteUnusable with a sentence for the user: another process has it, it is no store of ours, it is damaged, it cannot be written. */
export function openFile(file: string): OpenedFile {
  let lock: DatabaseSync | undefined
  let db: DatabaseSync | undefined
  try {
    lock = lockFile(file)
    ownedByUser(file)
    db = new DatabaseSync(file, { timeout: 5000 })
    prepare(db, file)
  } catch (error) {
    closeQuietly(db)
    closeQuietly(lock)
    throw openFailure(file, error)
  }
  const opened = { db, lock }
  return {
    db,
    close() {
      opened.db.close()
      opened.lock.close()
    },
  }
}

function closeQuietly(db: DatabaseSync | undefined): void {
  try {
    db?.close()
  } catch {
    // What could not be opened is what the caller hears of.
  }
}

/**
 * One process a file. The lock is a database of its own that stays locked as long as the process lives, so that the store itself can be
 * read and backed up by others meanwhile.
 */
function lockFile(file: string): DatabaseSync {
  ownedByUser(`${file}-lock`)
  const lock = new DatabaseSync(`${file}-lock`, { timeout: 0 })
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE; COMMIT')
    return lock
  } catch (error) {
    closeQuietly(lock)
    throw new SqliteUnusable(`${file} is in use by another process`, { cause: error })
  }
}

/** Secrets are in it: SQLite gives the files beside it the same mode. */
const ownedByUser = (file: string): void => closeSync(openSync(file, 'a', 0o600))

function prepare(db: DatabaseSync, file: string): void {
  const id = pragma(db, 'application_id')
  const version = pragma(db, 'user_version')
  const isNew = id === 0 && version === 0 && pragma(db, 'schema_version') === 0
  if (!isNew && id !== APPLICATION_ID) throw new SqliteUnusable(`${file} is a database of another program`)
  if (!isNew && version !== SCHEMA_VERSION)
    throw new SqliteUnusable(`${file} was made by a version of this program that keeps its store differently`)
  // Both only take effect in an empty file.
  if (isNew) db.exec('PRAGMA page_size = 8192; PRAGMA auto_vacuum = INCREMENTAL')
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 1000; PRAGMA journal_size_limit = 16777216')
  db.exec('PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = OFF')
  if (!isNew) return
  db.exec(`BEGIN IMMEDIATE; ${tables} PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`)
}

function pragma(db: DatabaseSync, name: string): number {
  return Number(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0] ?? 0)
}
