/** Shows what an image holds at a directory, read-only: an overlay of its layers where Docker keeps them (overlay2; Docker before 28 has no image volumes). */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { exec } from '#component/exec.ts'
import { type DockerApi, unlessMissing } from './docker-api.ts'
import { RuntimeError } from './runtime.ts'

interface ImageLayers {
  GraphDriver?: { Name: string; Data: { UpperDir?: string } | null }
}

/** `imageId` is an id as Docker tells it. Rejects with RuntimeError. */
export async function mountImage(api: DockerApi, imageId: string, target: string, signal: AbortSignal): Promise<void> {
  const image = await unlessMissing(api.call<ImageLayers>('GET', `/images/${imageId}/json`, { signal, timeoutMs: 15_000 }))
  if (image === undefined) throw new RuntimeError('imageNotFound', `image ${imageId} is not there`)
  const top = image.GraphDriver?.Data?.UpperDir
  if (image.GraphDriver?.Name !== 'overlay2' || top === undefined)
    throw new RuntimeError('other', `image volumes need the overlay2 storage driver, this is ${image.GraphDriver?.Name ?? 'unknown'}`)
  const layer = path.dirname(top)
  const store = path.dirname(layer)
  const [link, lower] = await Promise.all([
    readFile(path.join(layer, 'link'), 'utf8'),
    readFile(path.join(layer, 'lower'), 'utf8').catch(noLower),
  ])
  await exec(mountArgv({ top, link, lower, target }), { cwd: store, signal })
}

/** A lone layer lies on no other. */
function noLower(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return ''
  throw error
}

/**
 * To be run in the store's folder: the short relative names that Docker keeps there (l/…) let 128 layers fit into the kernel's one page of
 * options. One layer alone is no overlay. Pure.
 */
export function mountArgv({ top, link, lower, target }: { top: string; link: string; lower: string; target: string }): string[] {
  if (lower === '') return ['mount', '-o', 'bind,ro', top, target]
  return ['mount', '-t', 'overlay', '-o', `ro,lowerdir=l/${link}:${lower}`, 'overlay', target]
}
