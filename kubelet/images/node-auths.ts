/** The node's own registry credentials, from the Docker configuration files that upstream looks at. */
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { type Auths, authsIn } from './pull-credentials.ts'

/** The first file that is there counts: config.json of the kubelet's directory, then of ~/.docker. */
export function nodeAuths(rootDir: string): Auths {
  for (const file of [join(rootDir, 'config.json'), join(homedir(), '.docker', 'config.json')]) {
    try {
      return authsIn(readFileSync(file, 'utf8'))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  return {}
}
