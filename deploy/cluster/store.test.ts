import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, describe, test } from 'node:test'
import { wantsOwnEtcd } from '#deploy/bootstrap/store.mjs'
import { controlPlane } from '#deploy/control-plane/commands.ts'
import { controlPlaneNames } from '#deploy/control-plane/start.ts'
import { StartFailure } from './failure.ts'
import { layoutOf } from './layout.ts'
import { type Options, parseOptions, UsageError } from './options.ts'
import { mergeOptions, writeRecord } from './record.ts'
import { checkStore, placeOf, sqliteFile } from './store.ts'

const folder = await mkdtemp(join(tmpdir(), 'typernetes-store-'))
after(() => rm(folder, { recursive: true }))
let states = 0
const newState = (): string => join(folder, String(++states))

function wanted(state: string, recorded: Options | undefined, ...flags: readonly string[]): Options {
  const { options, given } = parseOptions(['--state', state, ...flags], state)
  return mergeOptions(options, given, recorded)
}
const storeFlagsOf = (options: Options): string[] =>
  controlPlane.apiserver(layoutOf(options, '/c')).argv.filter((flag) => /etcd|storage|sqlite/.test(flag))

describe('the store of a cluster', () => {
  test('is a file unless etcd is said', () => {
    const options = wanted('/s', undefined)
    assert.equal(placeOf(options), 'sqlite')
    assert.deepEqual(storeFlagsOf(options), ['--storage-backend=sqlite', '--sqlite-file=/s/store/store.db'])
    assert.ok(!controlPlaneNames(layoutOf(options, '/c')).includes('etcd'))
  })

  test('is an etcd of its own with --store etcd', () => {
    const options = wanted('/s', undefined, '--store', 'etcd')
    assert.equal(placeOf(options), 'etcd')
    assert.equal(storeFlagsOf(options)[0], '--etcd-servers=https://127.0.0.1:2379')
    assert.ok(controlPlaneNames(layoutOf(options, '/c')).includes('etcd'))
  })

  test('is an etcd elsewhere where its endpoints are given', () => {
    const options = wanted('/s', undefined, '--etcd-servers=https://a:2379,https://b:2379', '--etcd-cafile=/ca')
    assert.deepEqual(storeFlagsOf(options), ['--etcd-servers=https://a:2379,https://b:2379', '--etcd-cafile=/ca'])
    assert.ok(!controlPlaneNames(layoutOf(options, '/c')).includes('etcd'))
  })

  for (const [flags, message] of [
    [['--store', 'postgres'], /--store is sqlite or etcd, not "postgres"/],
    [['--etcd-servers', 'localhost'], /--etcd-servers wants https:\/\/host:port/],
    [['--etcd-cafile', '/x'], /go with --etcd-servers/],
    [['--store', 'sqlite', '--etcd-servers', 'http://a:1'], /--etcd-servers does not go with --store sqlite/],
  ] as const) {
    test(`${flags.join(' ')} is refused`, () => {
      assert.throws(
        () => parseOptions(flags, '/s'),
        (error) => error instanceof UsageError && message.test(error.message),
      )
    })
  }

  test('stays what it was when nothing is said', () => {
    const first = wanted('/s', undefined, '--etcd-servers=http://a:1')
    assert.equal(wanted('/s', first, '--nodes', '3').etcdServers, 'http://a:1')
    const { store: _store, ...old } = wanted('/s', undefined)
    assert.equal(placeOf(wanted('/s', old)), 'etcd')
  })

  test('cannot be changed under a cluster that has objects', async () => {
    const cases: readonly [string, readonly string[], RegExp][] = [
      ['etcd/member/x', [], /keeps its objects in an etcd of its own, not in a SQLite file/],
      ['store/store.db', ['--store', 'etcd'], /keeps its objects in a SQLite file, not in an etcd of its own/],
    ]
    for (const [file, flags, message] of cases) {
      const state = newState()
      await mkdir(dirname(join(state, file)), { recursive: true })
      await writeFile(join(state, file), '')
      assert.throws(
        () => checkStore(wanted(state, undefined, ...flags), undefined),
        (error) => error instanceof StartFailure && message.test(error.message),
      )
    }
    const state = newState()
    const sqlite = wanted(state, undefined)
    assert.equal(sqliteFile(state), join(state, 'store/store.db'))
    checkStore(sqlite, sqlite)
    assert.throws(() => checkStore(wanted(state, sqlite, '--store', 'etcd'), sqlite), StartFailure)
  })

  test('decides whether an etcd is installed', async () => {
    const at = { folder, checkout: newState() }
    const old = newState()
    await writeRecord({ ...wanted(old, undefined), store: 'etcd' })
    const fresh = newState()
    await writeRecord(wanted(fresh, undefined))
    const answers = [
      [],
      ['--store', 'etcd'],
      ['--store=etcd'],
      ['--store', 'etcd', '--etcd-servers', 'http://a:1'],
      ['--state', old],
      ['--state', fresh],
      [`--state=${old}`, '--nodes', '1'],
    ].map((argv) => wantsOwnEtcd(argv, at))
    assert.deepEqual(answers, [false, true, true, false, true, false, true])
  })
})
