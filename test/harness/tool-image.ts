/** An image with every applet of busybox and a few users, for tests that look at a container from inside. */
import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '#deploy/machine/exec.ts'
import type { TestCluster } from './cluster.ts'

export const toolImage = 'typernetes.local/tools:1'

/** Puts it on all nodes. */
export async function loadToolImage(cluster: TestCluster, folder: string, image = toolImage): Promise<void> {
  const busybox = (await run(['sh', '-c', 'readlink -f "$(command -v busybox)"'])).trim()
  const applets = (await run([busybox, '--list'])).split('\n').filter((name) => name !== '' && name !== 'busybox')
  for (const name of ['bin', 'etc', 'tmp', 'www']) await mkdir(join(folder, name), { recursive: true })
  await copyFile(busybox, join(folder, 'bin/busybox'))
  await Promise.all(applets.map((name) => symlink('busybox', join(folder, 'bin', name))))
  await writeFile(join(folder, 'etc/passwd'), 'root:x:0:0:root:/:/bin/sh\njoe:x:1001:1002:joe:/tmp:/bin/sh\n')
  await writeFile(join(folder, 'etc/group'), 'root:x:0:\njoe:x:1002:\nextra:x:50000:joe\n')
  await writeFile(join(folder, 'www/index.html'), 'page\n')
  await writeFile(join(folder, 'etc/issue'), `${image}\n`)
  await cluster.mustRun('load', '--name', image, folder)
}
