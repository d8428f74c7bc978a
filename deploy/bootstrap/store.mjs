// Whether the cluster that is to be started runs an etcd of its own: only then the bootstrap installs one.
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The last value of a flag, `--flag value` or `--flag=value`. */
function lastOf(argv, flag) {
  const found = argv.flatMap((word, i) =>
    word === flag ? [argv[i + 1]] : word.startsWith(`${flag}=`) ? [word.slice(flag.length + 1)] : [],
  )
  return found.at(-1)
}

/** Clusters from before there was a choice have an etcd, and their record says nothing of it. */
function recordedStore(state) {
  const file = join(state, 'cluster.json')
  if (!existsSync(file)) return undefined
  try {
    const { store = 'etcd', etcdServers } = JSON.parse(readFileSync(file, 'utf8'))
    return etcdServers === undefined ? store : 'elsewhere'
  } catch {
    return undefined
  }
}

/** `argv` of npm start; `folder` is where relative paths begin, `checkout` has the default state directory. */
export function wantsOwnEtcd(argv, { folder, checkout }) {
  if (lastOf(argv, '--etcd-servers') !== undefined) return false
  const store = lastOf(argv, '--store') ?? recordedStore(resolve(folder, lastOf(argv, '--state') ?? join(checkout, '.typernetes')))
  return store === 'etcd'
}
