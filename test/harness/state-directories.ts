/** The state directories of test clusters: whose they are, and the end of those whose test process is gone. */
import { glob, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { attempt } from '#deploy/machine/exec.ts'
import { identify, isAlive, type ProcessIdentity } from '#deploy/machine/processes.ts'

const checkout = dirname(dirname(import.meta.dirname))
const prefix = 'typernetes-e2e-'
const ownerFile = (state: string): string => join(state, 'owner.json')

/** A new one, owned by this process. */
export async function makeState(): Promise<string> {
  const state = await mkdtemp(join(tmpdir(), prefix))
  await setOwner(state, await identify(process.pid))
  return state
}

export async function setOwner(state: string, owner: ProcessIdentity | undefined): Promise<void> {
  await writeFile(ownerFile(state), JSON.stringify(owner))
}

/** One that does not say, or not yet, is just being made, or is nobody's of ours. */
async function isOrphan(state: string): Promise<boolean> {
  const text = await readFile(ownerFile(state), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw error
  })
  return text !== undefined && text !== '' && !(await isAlive(JSON.parse(text) as ProcessIdentity))
}

async function mountsBelow(folder: string): Promise<readonly string[]> {
  const targets = (await readFile('/proc/self/mounts', 'utf8')).split('\n').map((line) => line.split(' ')[1] ?? '')
  return targets.filter((target) => target.startsWith(`${folder}/`)).reverse()
}

/** Takes the clusters down whose test process was killed; a test run's own folder for temporary files may be one level below the machine's. */
export async function takeDownOrphans(): Promise<readonly string[]> {
  const orphans: string[] = []
  const folders = [tmpdir(), dirname(tmpdir())]
  for (const pattern of folders.flatMap((folder) => [`${folder}/${prefix}*`, `${folder}/typernetes-test-*/${prefix}*`])) {
    for await (const state of glob(pattern)) if (!orphans.includes(state) && (await isOrphan(state))) orphans.push(state)
  }
  for (const state of orphans) {
    // A node on a disk of its own: the file beside the state directory is mounted in it.
    for (const mounted of await mountsBelow(state)) await attempt(['umount', '-l', mounted])
    await rm(`${state}.disk`, { force: true })
    const ended = await attempt(['sh', join(checkout, 'deploy/start.sh'), 'down', '--state', state], { timeoutMs: 120_000 })
    if (ended !== undefined) await rm(state, { recursive: true, force: true })
    console.error(`${ended === undefined ? 'could not take down' : 'took down'} the cluster in ${state}: its test was killed`)
  }
  return orphans
}
