/** The files that ConfigMaps, Secrets and the downward API become, by path within the volume. Pure. */
import type { ConfigMap } from '#api/core/config-map.ts'
import type { Pod } from '#api/core/pod.ts'
import type { Secret } from '#api/core/secret.ts'
import type { DownwardAPIVolumeFile, KeyToPath } from '#api/core/volume.ts'
import { type DownwardFacts, fieldText, limitsFor, resourceText } from '#kubelet/environment/field-refs.ts'
import { containerNamed } from '#kubelet/pods/pod-containers.ts'
import { VolumeError } from './volume.ts'

export interface PayloadFile {
  /** Owner, where it is not root. */
  uid?: number | undefined
  data: Buffer
  mode: number
}
export type Payload = Map<string, PayloadFile>

interface Selection {
  items?: readonly KeyToPath[] | undefined
  mode: number
  optional: boolean
}

export function configMapPayload(object: ConfigMap | undefined, name: string, selection: Selection): Payload {
  if (!object && !selection.optional) throw new VolumeError(`configmap "${name}" not found`)
  const data = new Map<string, Buffer>()
  for (const [key, text] of Object.entries(object?.data ?? {})) data.set(key, Buffer.from(text, 'utf8'))
  for (const [key, text] of Object.entries(object?.binaryData ?? {})) data.set(key, Buffer.from(text, 'base64'))
  return selected(data, selection, 'configmap')
}

export function secretPayload(object: Secret | undefined, name: string, selection: Selection): Payload {
  if (!object && !selection.optional) throw new VolumeError(`secret "${name}" not found`)
  const data = new Map(Object.entries(object?.data ?? {}).map(([key, text]) => [key, Buffer.from(text, 'base64')]))
  return selected(data, selection, 'secret')
}

function selected(data: ReadonlyMap<string, Buffer>, { items, mode, optional }: Selection, kind: string): Payload {
  const payload: Payload = new Map()
  if (!items || items.length === 0) {
    for (const [key, value] of data) payload.set(key, { data: value, mode })
    return payload
  }
  for (const item of items) {
    const value = data.get(item.key)
    if (value) payload.set(checkedPath(item.path), { data: value, mode: item.mode ?? mode })
    else if (!optional)
      throw new VolumeError(
        kind === 'secret' ? `references non-existent secret key: ${item.key}` : `configmap references non-existent config key: ${item.key}`,
      )
  }
  return payload
}

export function downwardPayload(pod: Pod, files: readonly DownwardAPIVolumeFile[], mode: number, facts: DownwardFacts): Payload {
  const payload: Payload = new Map()
  for (const file of files) {
    const resource = file.resourceFieldRef
    const container = resource ? containerNamed(pod, resource.containerName ?? '')?.container : undefined
    if (resource && !container) throw new VolumeError(`container ${resource.containerName} not found`)
    const text = file.fieldRef
      ? fieldText(pod, file.fieldRef.fieldPath, facts)
      : resource && container
        ? resourceText(container, resource, { allocatable: limitsFor(pod, facts) })
        : ''
    payload.set(checkedPath(file.path), { data: Buffer.from(text, 'utf8'), mode: file.mode ?? mode })
  }
  return payload
}

/** The API refuses such paths; a volume never leaves its directory even if it did not. */
export function checkedPath(path: string): string {
  const parts = path.split('/')
  if (path === '' || path.startsWith('/') || parts.some((part) => part === '..' || part === '') || parts[0]?.startsWith('..'))
    throw new VolumeError(`invalid path in volume: ${path}`)
  return path
}
