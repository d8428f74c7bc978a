/** What a cluster was started with, kept in its state directory so that stop, down, load and the next start speak of the same cluster. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Options } from './options.ts'

const file = (state: string): string => join(state, 'cluster.json')

export async function readRecord(state: string): Promise<Options | undefined> {
  try {
    return JSON.parse(await readFile(file(state), 'utf8')) as Options
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

export async function writeRecord(options: Options): Promise<void> {
  await mkdir(options.state, { recursive: true, mode: 0o755 })
  await writeFile(`${file(options.state)}.new`, JSON.stringify(options, undefined, 2))
  await rename(`${file(options.state)}.new`, file(options.state))
}

/** Whatever is said of the store is said anew as a whole; nothing said leaves the cluster where it is. */
function storeFrom(given: Options, flags: ReadonlySet<string>, recorded: Options): Partial<Options> {
  const { store, etcdServers, etcdFiles } = flags.has('--store') || flags.has('--etcd-servers') ? given : recorded
  return {
    store: store ?? 'etcd',
    ...(etcdServers === undefined ? {} : { etcdServers }),
    ...(etcdFiles === undefined ? {} : { etcdFiles }),
  }
}

/** Flags that were given win over what the cluster was started with; what is not said stays as it was. Pure. */
export function mergeOptions(given: Options, flags: ReadonlySet<string>, recorded: Options | undefined): Options {
  if (!recorded) return given
  return {
    state: given.state,
    nodes: flags.has('--nodes') ? Math.max(given.nodes, recorded.nodes) : recorded.nodes,
    port: flags.has('--port') ? given.port : recorded.port,
    ...((given.nodeCidr ?? recorded.nodeCidr) ? { nodeCidr: given.nodeCidr ?? recorded.nodeCidr } : {}),
    ...((given.podCidr ?? recorded.podCidr) ? { podCidr: given.podCidr ?? recorded.podCidr } : {}),
    ...storeFrom(given, flags, recorded),
    example: flags.has('--no-example') ? given.example : recorded.example,
    extraArgs: flags.has('--extra-arg') ? given.extraArgs : recorded.extraArgs,
    programs: flags.has('--program') ? given.programs : recorded.programs,
  } as Options
}
