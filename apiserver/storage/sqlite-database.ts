/** The embedded store's transactions on its tables, all synchronous: they run in a thread of their own (sqlite-thread.ts). */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { type OpenedFile, openFile } from './sqlite-schema.ts'
import type { CommitOp, Expect } from './storage.ts'

/** Places in one commit; the revision stands above them in a row's id. */
const PLACES = 4096
const PAGE_ROWS = 500
const PAGE_BYTES = 4 * 1024 * 1024
const EXPIRE_ROWS = 500

interface Row {
  id: number
  key: string
  value: Uint8Array | null
}

/** The newest row of a key, without its value. */
interface Head {
  id: number
  isThere: number
}

/** What became of one commit. */
export type Verdict =
  /** `idle`: the places of deletes that found nothing. */
  | { revision: number; idle: readonly number[] }
  /** What stands at each op's key. */
  | { revision: number; current: readonly (Change | undefined)[] }

/** A row of the history: a put, or a deletion where there is no value. */
export interface Change {
  revision: number
  key: string
  value: Uint8Array | undefined
}

export interface RowsPage {
  rows: Change[]
  /** The key (or revision) after which the next page begins; undefined at the end. */
  next: string | number | undefined
}

const revisionOf = (id: number): number => Math.floor(id / PLACES)
/** The largest id of a revision. */
const endOf = (revision: number): number => revision * PLACES + PLACES - 1

export class SqliteDatabase {
  readonly #opened: OpenedFile
  readonly #db: DatabaseSync
  readonly #newest: StatementSync
  readonly #insert: StatementSync
  readonly #insertExpiry: StatementSync
  readonly #statements = new Map<string, StatementSync>()
  #revision: number
  #compacted: number
  /** Rows up to this id hold nothing more that compaction could remove. */
  #swept: number

  constructor(file: string) {
    this.#opened = openFile(file)
    this.#db = this.#opened.db
    this.#newest = this.#db.prepare('SELECT id, value IS NOT NULL AS isThere FROM history WHERE key = ? ORDER BY id DESC LIMIT 1')
    this.#insert = this.#db.prepare('INSERT INTO history (id, key, value, prev) VALUES (?, ?, ?, ?)')
    this.#insertExpiry = this.#db.prepare('INSERT INTO expiry (at, id, key) VALUES (?, ?, ?)')
    this.#compacted = this.#meta('compacted')
    this.#swept = this.#meta('swept')
    const last = this.#get('SELECT max(id) AS n FROM history')
    this.#revision = Math.max(1, revisionOf(last), this.#compacted)
  }

  get revision(): number {
    return this.#revision
  }

  get compacted(): number {
    return this.#compacted
  }

  /** Whether rows wait to be removed. */
  get isSweepDue(): boolean {
    return this.#swept < endOf(this.#compacted)
  }

  /**
   * All commits in one transaction, each atomic with its own preconditions; on an error none of them happened. While compacted rows wait to be
   * removed it removes more than it adds, so that they do not gather under load.
   */
  commitAll(commits: readonly (readonly CommitOp[])[], now: number): Verdict[] {
    let swept = this.#swept
    return this.#transaction(
      () => {
        const verdicts = commits.map((ops) => this.#commit(ops, now))
        if (this.isSweepDue) swept = this.#sweepRows(2 * commits.reduce((sum, ops) => sum + ops.length, 0))
        return verdicts
      },
      () => {
        this.#swept = swept
      },
    )
  }

  /** Deletes what is overdue, as one revision; what was deleted. */
  expire(now: number): Change[] {
    const due = this.#all('SELECT at, id, key FROM expiry WHERE at <= ? ORDER BY at, id LIMIT ?', now, EXPIRE_ROWS)
    if (due.length === 0) return []
    return this.#transaction(() => {
      const before = this.#revision
      const gone = due.filter(({ id, key }) => (this.#newest.get(key as string) as Head | undefined)?.id === id)
      const ops = gone.map(({ key }): CommitOp => ({ verb: 'delete', key: key as string, expect: 'any' }))
      if (ops.length > 0) this.#commit(ops, now)
      for (const { at, id } of due) this.#run('DELETE FROM expiry WHERE at = ? AND id = ?', at as number, id as number)
      const revision = this.#revision
      return revision === before ? [] : gone.map(({ key }) => ({ revision, key: key as string, value: undefined }))
    })
  }

  /** When the next key ends; undefined if none has an end. */
  get nextExpiry(): number | undefined {
    const at = this.#get('SELECT min(at) AS n FROM expiry')
    return at === 0 ? undefined : at
  }

  /** Keys from `from` (inclusive, or exclusive with `isAfter`) to before `end` as they stood at `revision`. */
  page(range: { from: string; isAfter: boolean; end: string }, revision: number): RowsPage {
    const sql = `SELECT h.key AS key, h.id AS id, h.value AS value
      FROM (SELECT key, max(id) AS id FROM history INDEXED BY history_by_key
            WHERE key ${range.isAfter ? '>' : '>='} ? AND key < ? AND id <= ? GROUP BY key) AS newest
      JOIN history AS h ON h.id = newest.id WHERE h.value IS NOT NULL ORDER BY newest.key`
    const rows: Change[] = []
    let bytes = 0
    for (const row of this.#statement(sql).iterate(range.from, range.end, endOf(revision)) as Iterable<unknown>) {
      const { key, id, value } = row as Row
      rows.push({ key, revision: revisionOf(id), value: value ?? undefined })
      bytes += value?.length ?? 0
      if (rows.length >= PAGE_ROWS || bytes >= PAGE_BYTES) return { rows, next: key }
    }
    return { rows, next: undefined }
  }

  /** Changes of keys from `from` to before `end` after a revision, whole revisions only. */
  changes(range: { from: string; end: string }, after: number): RowsPage {
    const sql = 'SELECT id, key, value FROM history WHERE id > ? AND key >= ? AND key < ? ORDER BY id'
    const rows: Change[] = []
    let bytes = 0
    for (const row of this.#statement(sql).iterate(endOf(after), range.from, range.end) as Iterable<unknown>) {
      const { key, id, value } = row as Row
      const revision = revisionOf(id)
      const last = rows.at(-1)?.revision
      if (last !== undefined && last !== revision && (rows.length >= PAGE_ROWS || bytes >= PAGE_BYTES)) return { rows, next: last }
      rows.push({ key, revision, value: value ?? undefined })
      bytes += value?.length ?? 0
    }
    return { rows, next: undefined }
  }

  /** From now on history up to and with `revision` is refused; `sweep` removes it. */
  compact(revision: number): void {
    if (revision <= this.#compacted) return
    if (revision > this.#revision) throw new Error(`required revision ${revision} is a future revision`)
    this.#transaction(() => this.#setMeta('compacted', revision))
    this.#compacted = revision
  }

  /** Removes what no read can ask for any more, looking at `limit` rows at most. */
  sweep(limit: number): void {
    this.#transaction(
      () => this.#sweepRows(limit),
      (swept) => {
        this.#swept = swept
      },
    )
  }

  /** Gives up to `pages` free pages back to the file system; false where few are free, since those are used again by what comes. */
  shrink(pages: number): boolean {
    const free = this.#get('PRAGMA freelist_count')
    if (free < 2048 || free * 2 < this.#get('PRAGMA page_count')) return false
    this.#db.exec(`PRAGMA incremental_vacuum(${pages})`)
    return true
  }

  /** Bytes of the file, without its write-ahead log. */
  get size(): number {
    return this.#get('PRAGMA page_count') * this.#get('PRAGMA page_size')
  }

  close(): void {
    this.#opened.close()
  }

  /** The newest value of a key. */
  find(key: string): Change | undefined {
    const row = this.#statement('SELECT id, value FROM history WHERE key = ? ORDER BY id DESC LIMIT 1').get(key) as Row | undefined
    if (row === undefined || row.value === null) return undefined
    return { key, revision: revisionOf(row.id), value: row.value }
  }

  #commit(ops: readonly CommitOp[], now: number): Verdict {
    if (ops.length > PLACES) throw new Error(`${ops.length} operations, the limit is ${PLACES}`)
    const heads = ops.map((op) => this.#newest.get(op.key) as Head | undefined)
    if (!ops.every((op, i) => meets(op.expect, heads[i]))) {
      return { revision: this.#revision, current: ops.map((op) => this.find(op.key)) }
    }
    const idle: number[] = []
    const base = (this.#revision + 1) * PLACES
    let place = 0
    for (const [i, op] of ops.entries()) {
      const head = heads[i]
      const prev = head?.isThere === 1 ? head.id : null
      if (op.verb === 'delete' && prev === null) idle.push(i)
      else if (op.verb !== 'check') this.#append(op, { id: base + place++, prev, now })
    }
    if (place > 0) this.#revision++
    return { revision: this.#revision, idle }
  }

  #append(op: CommitOp & { verb: 'put' | 'delete' }, { id, prev, now }: { id: number; prev: number | null; now: number }): void {
    this.#insert.run(id, op.key, op.verb === 'put' ? op.value : null, prev)
    if (op.verb === 'put' && op.ttlSeconds !== undefined) this.#insertExpiry.run(Math.ceil(now + op.ttlSeconds * 1000), id, op.key)
  }

  /** Up to which row it came. */
  #sweepRows(limit: number): number {
    const end = endOf(this.#compacted)
    const rows = this.#all(
      'SELECT id, prev, value IS NULL AS gone FROM history WHERE id > ? AND id <= ? ORDER BY id LIMIT ?',
      this.#swept,
      end,
      limit,
    )
    for (const { id, prev, gone } of rows) {
      if (prev !== null) this.#run('DELETE FROM history WHERE id = ?', prev as number)
      if (gone === 1) this.#run('DELETE FROM history WHERE id = ?', id as number)
    }
    const swept = rows.length < limit ? end : (rows.at(-1)?.['id'] as number)
    this.#setMeta('swept', swept)
    return swept
  }

  /** `done` runs after the commit, so that nothing in memory is ahead of the file. */
  #transaction<T>(work: () => T, done?: (value: T) => void): T {
    const revision = this.#revision
    this.#db.exec('BEGIN IMMEDIATE')
    try {
      const value = work()
      this.#db.exec('COMMIT')
      done?.(value)
      return value
    } catch (error) {
      this.#revision = revision
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
      throw error
    }
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql)
    if (known) return known
    const made = this.#db.prepare(sql)
    this.#statements.set(sql, made)
    return made
  }

  #all(sql: string, ...values: number[]): Record<string, unknown>[] {
    return this.#statement(sql).all(...values)
  }

  #run(sql: string, ...values: number[]): void {
    this.#statement(sql).run(...values)
  }

  #get(sql: string): number {
    return Number(Object.values(this.#statement(sql).get() ?? {})[0] ?? 0)
  }

  #meta(name: string): number {
    return Number(this.#statement('SELECT value FROM meta WHERE name = ?').get(name)?.['value'] ?? 0)
  }

  #setMeta(name: string, value: number): void {
    this.#statement('UPDATE meta SET value = ? WHERE name = ?').run(value, name)
  }
}

function meets(expect: Expect, head: Head | undefined): boolean {
  if (expect === 'any') return true
  const isThere = head?.isThere === 1
  if (expect === 'absent') return !isThere
  return isThere && revisionOf(head.id) === expect.revision
}
