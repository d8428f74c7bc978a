/** `npm run load -- IMAGE|ARCHIVE.tar|FOLDER [--name NAME:TAG]`: brings an image into the Docker of every node, without a registry. */
import { createReadStream } from 'node:fs'
import { mkdir, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Progress } from '#deploy/bootstrap/progress.mjs'
import { archiveFolder } from '#deploy/example/image.ts'
import { docker, dockerOk } from '#deploy/machine/docker-socket.ts'
import { attempt, run } from '#deploy/machine/exec.ts'
import type { ProcessIdentity } from '#deploy/machine/processes.ts'
import { dockerSocket, findFirstProcess } from '#deploy/node/lifecycle.ts'
import { StartFailure } from './failure.ts'
import type { Layout } from './layout.ts'

const minutes = 60_000

/** Loads an archive into one node; answers what Docker said it loaded. */
export async function loadArchive(first: ProcessIdentity, archive: string): Promise<string> {
  const reply = await dockerOk(dockerSocket(first), {
    method: 'POST',
    path: '/images/load?quiet=1',
    body: createReadStream(archive),
    contentType: 'application/x-tar',
    timeoutMs: 10 * minutes,
  })
  const lines = reply
    .toString()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { stream?: string; error?: string })
  const error = lines.find((line) => line.error)?.error
  if (error) throw new Error(`docker could not load ${archive}: ${error}`)
  return lines
    .map((line) => line.stream ?? '')
    .join('')
    .trim()
}

export async function hasImage(first: ProcessIdentity, name: string): Promise<boolean> {
  const reply = await docker(dockerSocket(first), { method: 'GET', path: `/images/${encodeURIComponent(name)}/json` })
  return reply.status === 200
}

async function runningNodes(layout: Layout): Promise<readonly { name: string; first: ProcessIdentity }[]> {
  const found = await Promise.all(layout.nodes.map(async (node) => ({ name: node.name, first: await findFirstProcess(node) })))
  const running = found.flatMap(({ name, first }) => (first ? [{ name, first }] : []))
  if (running.length === 0) throw new StartFailure('no node runs', `no node of ${layout.state} was found`, 'npm start')
  return running
}

interface Source {
  what: string
  archive: string
  temporary: boolean
}

async function fromFolder(folder: string, name: string, workFolder: string): Promise<Source> {
  const dockerfile = await stat(join(folder, 'Dockerfile')).catch(() => undefined)
  if (dockerfile) {
    const built = await attempt(['docker', 'build', '-q', '-t', name, folder], { timeoutMs: 30 * minutes })
    if (built === undefined) {
      throw new StartFailure(`${folder} could not be built`, 'docker build failed', `docker build -t ${name} ${folder}`)
    }
    return fromDocker(name, workFolder)
  }
  const archive = await archiveFolder({ name, root: folder, command: ['/bin/sh'], workFolder })
  return { what: `${folder} as ${name}`, archive, temporary: true }
}

/** The image is not there, or there is nobody to ask: start installs a Docker for the nodes' use, and leaves it off on the machine itself. */
function whyNotSaved(name: string, why: string): StartFailure {
  const what = `${name} is neither a file nor a folder here, and`
  const otherwise = 'or npm run load -- FILE.tar, or npm run load -- FOLDER --name NAME:TAG'
  if (why.includes('ENOENT'))
    return new StartFailure(`${what} this machine has no docker command`, why, `apt-get install docker-cli\n${otherwise}`)
  if (why.includes('Cannot connect to the Docker daemon'))
    return new StartFailure(`${what} this machine's own Docker does not run`, why, `systemctl start docker\n${otherwise}`)
  return new StartFailure(`${what} no image of this machine's Docker`, why, `docker pull ${name}\n${otherwise}`)
}

async function fromDocker(name: string, workFolder: string): Promise<Source> {
  const archive = join(workFolder, 'saved.tar')
  try {
    await run(['docker', 'save', '-o', archive, name], { timeoutMs: 30 * minutes })
  } catch (error) {
    throw whyNotSaved(name, (error as Error).message)
  }
  return { what: name, archive, temporary: true }
}

async function open(argument: string, name: string | undefined, workFolder: string): Promise<Source> {
  const path = resolve(process.env['INIT_CWD'] ?? process.cwd(), argument)
  const found = await stat(path).catch(() => undefined)
  if (found?.isFile()) return { what: path, archive: path, temporary: false }
  if (!found?.isDirectory()) return fromDocker(argument, workFolder)
  if (!name)
    throw new StartFailure('a folder has no name', 'images are known by name and tag', `npm run load -- ${argument} --name example/image:1`)
  return fromFolder(path, name, workFolder)
}

export async function load(layout: Layout, call: { images: readonly string[]; name?: string }, progress: Progress): Promise<void> {
  if (call.images.length === 0) {
    throw new StartFailure('load wants an image', 'none was given', 'npm run load -- IMAGE[:TAG] | ARCHIVE.tar | FOLDER --name NAME:TAG')
  }
  const nodes = await runningNodes(layout)
  const workFolder = join(layout.state, 'load')
  await mkdir(workFolder, { recursive: true })
  for (const image of call.images) {
    const step = progress.step(`Load ${image}`)
    const source = await open(image, call.name, workFolder)
    step.update(nodes.map(({ name }) => name).join(', '))
    const [said] = await Promise.all(nodes.map(({ first }) => loadArchive(first, source.archive)))
    if (source.temporary) await rm(source.archive)
    step.done(`${said?.replace(/^Loaded image(?: ID)?: /, '') || source.what} on ${nodes.map(({ name }) => name).join(', ')}`)
  }
}
