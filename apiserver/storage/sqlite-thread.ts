/**
 * The thread of the embedded store: node:sqlite waits for the disk, and the server's event loop must not. It takes one message after the other,
 * ends keys whose time is over, and clears compacted history away when there is nothing else to do.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { SqliteDatabase } from './sqlite-database.ts'
import { callFailure, openFailure } from './sqlite-errors.ts'
import { type Call, type FromThread, type Replies, type ToThread, unpack } from './sqlite-messages.ts'

const { file } = workerData as { file: string }
/** Rows looked at in one go, some milliseconds of work. */
const SWEEP_ROWS = 500
const SHRINK_PAGES = 256
const EXPIRY_MS = 1000

const say = (message: FromThread): void => parentPort?.postMessage(message)

class HistoryGone extends Error {}

function answer(db: SqliteDatabase, call: Call): Replies[Call['do']] {
  switch (call.do) {
    case 'commit':
      return { verdicts: db.commitAll(unpack(call.commits, call.bytes), Date.now()), size: db.size }
    case 'get':
      return { item: db.find(call.key), revision: db.revision }
    case 'page':
      return held(db, call.revision) ?? db.page(call.range, call.revision)
    case 'changes':
      return held(db, call.after) ?? db.changes(call.range, call.after)
    case 'compact':
      db.compact(call.revision)
      return undefined
    case 'check':
      db.find('/registry/')
      return undefined
    case 'close':
      db.close()
      return undefined
  }
}

function held(db: SqliteDatabase, revision: number): undefined {
  if (revision < db.compacted) throw new HistoryGone()
}

function serve(db: SqliteDatabase): void {
  let isClosed = false
  let isTidying = false
  const expire = (): void => {
    for (;;) {
      const changes = db.expire(Date.now())
      if (changes.length === 0) return
      say({ what: 'expired', changes })
    }
  }
  // Failures of upkeep come again with the next call, which then says what is wrong.
  const quietly = (work: () => void): void => {
    try {
      work()
    } catch (error) {
      process.emitWarning(`the store's upkeep failed: ${callFailure(file, error).message}`)
    }
  }
  const tidy = (): void => {
    isTidying = false
    if (isClosed) return
    quietly(() => {
      if (db.isSweepDue) db.sweep(SWEEP_ROWS)
      else if (!db.shrink(SHRINK_PAGES)) return
      tidySoon()
    })
  }
  const tidySoon = (): void => {
    if (!isTidying) setImmediate(tidy)
    isTidying = true
  }
  const timer = setInterval(() => quietly(expire), EXPIRY_MS)
  parentPort?.on('message', ({ id, call }: ToThread) => {
    try {
      if (call.do === 'close') {
        isClosed = true
        clearInterval(timer)
      }
      const reply = answer(db, call)
      say({ what: 'reply', id, reply })
      if (call.do === 'compact') tidySoon()
      if (call.do === 'close') parentPort?.close()
    } catch (error) {
      if (error instanceof HistoryGone) say({ what: 'compacted', id, revision: db.compacted })
      else say({ what: 'failure', id, failure: callFailure(file, error) })
    }
  })
  tidySoon()
}

try {
  const db = new SqliteDatabase(file)
  say({ what: 'opened', revision: db.revision, compacted: db.compacted, size: db.size })
  serve(db)
} catch (error) {
  say({ what: 'unusable', message: openFailure(file, error).message })
}
