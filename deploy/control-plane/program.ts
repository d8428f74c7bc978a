/** How one of the programs is run: ours by the project's Node, or a binary that the user named in its place. Pure. */
import { join } from 'node:path'
import type { Layout } from '#deploy/cluster/layout.ts'

export interface ProgramCommand {
  name: string
  argv: readonly string[]
}

const folders: Readonly<Record<string, string>> = {
  'kube-apiserver': 'apiserver',
  'kube-controller-manager': 'controller-manager',
  'kube-scheduler': 'scheduler',
  kubelet: 'kubelet',
  'kube-proxy': 'kube-proxy',
}

/** Node as the project's dependency: the machine's own may be too old for TypeScript. */
export function nodeBinary(checkout: string): string {
  return join(checkout, 'node_modules/.bin/node')
}

/**
 * What Node is told beside the program. `--max-semi-space-size`: megabytes of the young generation, of which it keeps three. Its default of 16 is for
 * programs that make much garbage; most of these wait, and with 2 each of them needs 10 to 20 MB less. The API server under load is not one of them:
 * what the requests under way hold is copied at each collection, so that with 8 a write costs a tenth more CPU, while the heap of 10,000 pods is no
 * smaller. `--invocation-count-for-turbofan`: its code is wide rather than hot. Few of its functions do enough at each call to be compiled for good
 * soon, and at V8's 3000 calls that goes on over tens of thousands of requests. The sooner, the less each creation costs from the 4000th on, and the more
 * the first hundreds of requests, which are all that a young cluster's first pods need: at 1000 the former are a twentieth cheaper than at 2500, the
 * latter a fifth dearer; at 3000 the former are a seventh dearer. To begin with 3000 and to go over to 1000 once a load lasts gained nothing: most
 * functions were then compiled no sooner.
 */
export const nodeFlags = (name: string): readonly string[] =>
  name === 'kube-apiserver' ? ['--max-semi-space-size=16', '--invocation-count-for-turbofan=2500'] : ['--max-semi-space-size=2']

/** The whole command line of a program: what runs it, its flags, and the extra flags that the user gave for it. */
export function fullArgv(layout: Layout, command: ProgramCommand): readonly string[] {
  const extra = layout.options.extraArgs[command.name] ?? []
  const instead = layout.options.programs[command.name]
  if (command.name === 'etcd') return [instead ?? 'etcd', ...command.argv, ...extra]
  if (instead) return [instead, ...command.argv, ...extra]
  const folder = folders[command.name]
  if (!folder) throw new Error(`no program ${command.name}`)
  const main = layout.bundles === undefined ? join(layout.checkout, folder, 'main.ts') : join(layout.bundles, `${command.name}.mjs`)
  return [nodeBinary(layout.checkout), ...nodeFlags(command.name), main, ...command.argv, ...extra]
}
