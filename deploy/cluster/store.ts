/** Where a cluster keeps its objects: a SQLite file, an etcd of its own, or an etcd elsewhere; and what speaks against starting with another one. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { StartFailure } from './failure.ts'
import { type Options, storeOf } from './options.ts'

const names = { sqlite: 'a SQLite file', etcd: 'an etcd of its own', elsewhere: 'an etcd elsewhere' } as const
type Place = keyof typeof names

const flagsOf: Readonly<Record<Place, string>> = { sqlite: '--store sqlite', etcd: '--store etcd', elsewhere: '--etcd-servers URL' }

export const placeOf = (options: Options): Place => (options.etcdServers === undefined ? storeOf(options) : 'elsewhere')

export const sqliteFolder = (state: string): string => join(state, 'store')
export const sqliteFile = (state: string): string => join(sqliteFolder(state), 'store.db')

/** What lies in the state directory, whatever its record says. */
function placeFound(state: string): Place | undefined {
  if (existsSync(sqliteFile(state))) return 'sqlite'
  return existsSync(join(state, 'etcd', 'member')) ? 'etcd' : undefined
}

/** Throws StartFailure where the cluster of this state directory keeps its objects in another store: they would seem to be lost. */
export function checkStore(wanted: Options, recorded: Options | undefined): void {
  const has = placeFound(wanted.state) ?? (recorded === undefined ? undefined : placeOf(recorded))
  const wants = placeOf(wanted)
  if (has === undefined || has === wants) return
  throw new StartFailure(
    `the cluster in ${wanted.state} keeps its objects in ${names[has]}, not in ${names[wants]}`,
    'one store does not take over what another holds, so the cluster would come up empty',
    `npm start -- --state ${wanted.state} ${flagsOf[has]}\nor start a new cluster: npm start -- --state ANOTHER --port ANOTHER ${flagsOf[wants]}\nor give this one up first: npm run down -- --state ${wanted.state}`,
  )
}
