/** Which state the sources of the daemons are in: a short text that changes with any of them. */
import { createHash } from 'node:crypto'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Folders whose code the daemons are made of. */
export const folders = [
  'api',
  'client',
  'component',
  'streams',
  'http2',
  'apiserver',
  'scheduler',
  'controller-manager',
  'kubelet',
  'kube-proxy',
]
/** And what decides about packages and about how bundles are made. */
const files = ['package-lock.json', 'package.json', 'deploy/programs/bundle.ts']

/** Sizes and times tell a change as well as the contents do, and are read in a twentieth of the time. */
export function sourcesState(checkout: string): string {
  const hash = createHash('sha256')
  const take = (path: string): void => {
    const { size, mtimeMs } = statSync(join(checkout, path))
    hash.update(`${path} ${size} ${mtimeMs}\n`)
  }
  for (const path of files) take(path)
  for (const folder of folders) {
    const entries = readdirSync(join(checkout, folder), { recursive: true, withFileTypes: true })
    const sources = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
    const paths = sources.map(({ parentPath, name }) => join(parentPath, name).slice(checkout.length + 1))
    for (const path of paths.sort()) take(path)
  }
  return hash.digest('hex').slice(0, 16)
}
