/** Makes container images without a registry: the example's from the busybox of this machine, or one from any folder, as `docker save` would. */
import { createHash } from 'node:crypto'
import { chmod, copyFile, mkdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { StartFailure } from '#deploy/cluster/failure.ts'
import { attempt, run } from '#deploy/machine/exec.ts'

export const exampleImage = 'typernetes.local/hello:1'

const applets = [
  'sh',
  'httpd',
  'sleep',
  'hostname',
  'cat',
  'ls',
  'ps',
  'kill',
  'echo',
  'printf',
  'env',
  'id',
  'ip',
  'nc',
  'vi',
  'grep',
  'date',
  'true',
  'false',
  'test',
  'touch',
  'mkdir',
  'rm',
  'head',
  'tail',
  'seq',
  'stty',
  'tee',
  'wc',
  'sed',
  'cut',
  'df',
  'mount',
]

/** httpd as a child: as process 1 it would not hear SIGTERM. What is being answered when the signal comes is answered to its end. */
const serveScript = `#!/bin/sh
trap 'kill "$child"; sleep 0.5; exit 0' TERM
httpd -f -p "\${PORT:-8080}" -h /www &
child=$!
wait "$child"
`

const pageScript = `#!/bin/sh
printf 'Content-Type: text/plain\\r\\n\\r\\n%s from %s on %s\\n' "\${GREETING:-Hello}" "$(hostname)" "\${NODE_NAME:-an unknown node}"
`

/** A statically linked busybox crashes in wget's name look-up; nc with an address and a port number does not look anything up. */
const fetchScript = `#!/bin/sh
# usage: fetch http://ADDRESS[:PORT]/PATH   prints the body; fails on anything but 200
rest=\${1#http://}
authority=\${rest%%/*}
path=/\${rest#"$authority"}
host=\${authority%%:*}
port=\${authority#"$host"}
port=\${port#:}
printf 'GET %s HTTP/1.0\\r\\nHost: %s\\r\\n\\r\\n' "/\${path#//}" "$authority" | nc -w 5 "$host" "\${port:-80}" | {
  read -r protocol status reason
  while read -r line && [ "\${#line}" -gt 1 ]; do :; done
  cat
  [ "$status" = 200 ]
}
`

async function busyboxPath(): Promise<string> {
  const found = (await attempt(['sh', '-c', 'command -v busybox']))?.trim()
  if (!found)
    throw new StartFailure('there is no busybox to make the example from', 'the command was not found', 'apt-get install busybox-static')
  return realpath(found)
}

/** Files that a dynamic program loads, from ldd; none for a static one. Pure. */
export function sharedLibraries(lddOutput: string): readonly string[] {
  return lddOutput.split('\n').flatMap((line) => /(?:=>\s*)?(\/\S+)\s+\(0x/.exec(line)?.[1] ?? [])
}

async function exampleRoot(root: string): Promise<void> {
  await rm(root, { recursive: true, force: true })
  for (const folder of ['bin', 'www/cgi-bin', 'tmp', 'etc', 'proc', 'dev', 'sys', 'var/run'])
    await mkdir(join(root, folder), { recursive: true })
  const busybox = await busyboxPath()
  await copyFile(busybox, join(root, 'bin/busybox'))
  for (const library of sharedLibraries((await attempt(['ldd', busybox])) ?? '')) {
    await mkdir(join(root, dirname(library)), { recursive: true })
    await copyFile(library, join(root, library))
  }
  for (const applet of applets) await symlink('busybox', join(root, 'bin', applet))
  await writeFile(join(root, 'bin/serve'), serveScript)
  await writeFile(join(root, 'bin/fetch'), fetchScript)
  await writeFile(join(root, 'www/cgi-bin/index.cgi'), pageScript)
  await writeFile(join(root, 'etc/passwd'), 'root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n')
  await writeFile(join(root, 'etc/group'), 'root:x:0:\nnobody:x:65534:\n')
  for (const file of ['bin/busybox', 'bin/serve', 'bin/fetch', 'www/cgi-bin/index.cgi']) await chmod(join(root, file), 0o755)
}

export interface ImageSpec {
  name: string
  root: string
  command: readonly string[]
  workFolder: string
}

/** An archive as `docker load` takes it, with one layer; the same files give the same image id on every node. Answers its path. */
export async function archiveFolder(spec: ImageSpec): Promise<string> {
  const folder = join(spec.workFolder, 'archive')
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const layer = join(folder, 'layer.tar')
  await run(['tar', '--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '-C', spec.root, '-cf', layer, '.'], {
    timeoutMs: 300_000,
  })
  const digest = createHash('sha256')
    .update(await readFile(layer))
    .digest('hex')
  const architecture = { x64: 'amd64', arm64: 'arm64' }[process.arch as string] ?? process.arch
  const config = JSON.stringify({
    architecture,
    os: 'linux',
    config: { Cmd: spec.command, Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'], WorkingDir: '/' },
    rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
    created: '1970-01-01T00:00:00Z',
    history: [{ created: '1970-01-01T00:00:00Z', created_by: 'typernetes load' }],
  })
  const id = createHash('sha256').update(config).digest('hex')
  await writeFile(join(folder, `${id}.json`), config)
  await writeFile(join(folder, 'manifest.json'), JSON.stringify([{ Config: `${id}.json`, RepoTags: [spec.name], Layers: ['layer.tar'] }]))
  const archive = join(spec.workFolder, 'image.tar')
  await run(['tar', '-C', folder, '-cf', archive, 'manifest.json', `${id}.json`, 'layer.tar'], { timeoutMs: 300_000 })
  await rm(folder, { recursive: true })
  return archive
}

/** Answers the path of the example's image archive below `workFolder`. */
export async function makeExampleImage(workFolder: string): Promise<string> {
  const root = join(workFolder, 'rootfs')
  await exampleRoot(root)
  const archive = await archiveFolder({ name: exampleImage, root, command: ['serve'], workFolder })
  await rm(root, { recursive: true })
  return archive
}
