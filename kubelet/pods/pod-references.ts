/** Which ConfigMaps and Secrets a pod refers to. Pure. */
import type { Pod } from '#api/core/pod.ts'
import type { Volume } from '#api/core/volume.ts'
import { type AnyContainer, containersOf } from './pod-containers.ts'

export interface ObjectRef {
  kind: 'ConfigMap' | 'Secret'
  namespace: string
  name: string
}

/** Each once. */
export function objectsOf(pod: Pod): ObjectRef[] {
  const found = new Map<string, ObjectRef>()
  const add = (kind: ObjectRef['kind'], name: string | undefined): void => {
    if (name) found.set(`${kind}/${name}`, { kind, namespace: pod.metadata.namespace ?? '', name })
  }
  for (const { container } of containersOf(pod)) addContainer(container, add)
  for (const volume of pod.spec?.volumes ?? []) addVolume(volume, add)
  for (const secret of pod.spec?.imagePullSecrets ?? []) add('Secret', secret.name)
  return [...found.values()]
}

type Add = (kind: ObjectRef['kind'], name: string | undefined) => void

function addContainer(container: AnyContainer, add: Add): void {
  for (const from of container.envFrom ?? []) {
    add('ConfigMap', from.configMapRef?.name)
    add('Secret', from.secretRef?.name)
  }
  for (const variable of container.env ?? []) {
    add('ConfigMap', variable.valueFrom?.configMapKeyRef?.name)
    add('Secret', variable.valueFrom?.secretKeyRef?.name)
  }
}

function addVolume(volume: Volume, add: Add): void {
  add('ConfigMap', volume.configMap?.name)
  add('Secret', volume.secret?.secretName)
  for (const source of volume.projected?.sources ?? []) {
    add('ConfigMap', source.configMap?.name)
    add('Secret', source.secret?.name)
  }
}
