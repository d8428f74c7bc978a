/** A process that writes to an embedded store as fast as it can and prints every acknowledged write: its end by kill -9 is the test. */
import { writeSync } from 'node:fs'
import { SqliteStorage } from '#apiserver/storage/sqlite.ts'

const [file = '', writers = '8'] = process.argv.slice(2)
const storage = await SqliteStorage.open({ file, historyRevisions: 4000 })
writeSync(1, 'open\n')

/** Each commit writes the same value under two keys, one of them shared by all writers. */
const write = async (writer: number): Promise<never> => {
  for (let n = 0; ; n++) {
    const value = `${process.pid}-${writer}-${n}-${'x'.repeat((n % 40) * 100)}`
    const { revision } = await storage.commit([
      { verb: 'put', key: `/registry/own/${writer}`, value: Buffer.from(value), expect: 'any' },
      { verb: 'put', key: '/registry/shared', value: Buffer.from(value), expect: 'any' },
    ])
    writeSync(1, `${revision} ${writer} ${value}\n`)
  }
}
await Promise.all(Array.from({ length: Number(writers) }, (_, i) => write(i)))
