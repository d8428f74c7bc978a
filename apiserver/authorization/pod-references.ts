/** Which secrets, config maps and service accounts a pod refers to: what its node may read (pure; upstream: node authorizer's graph). */
import type { Pod } from '#api/core/pod.ts'

export interface PodReferences {
  secrets: ReadonlySet<string>
  configmaps: ReadonlySet<string>
  serviceaccounts: ReadonlySet<string>
}

export function referencesOf(pod: Pod): PodReferences {
  const secrets = new Set<string>()
  const configmaps = new Set<string>()
  const add = (set: Set<string>, name: string | undefined): void => void (name ? set.add(name) : undefined)
  const { spec } = pod
  for (const volume of spec.volumes ?? []) {
    add(secrets, volume.secret?.secretName)
    add(configmaps, volume.configMap?.name)
    for (const source of volume.projected?.sources ?? []) {
      add(secrets, source.secret?.name)
      add(configmaps, source.configMap?.name)
    }
  }
  for (const container of [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])]) {
    for (const env of container.env ?? []) {
      add(secrets, env.valueFrom?.secretKeyRef?.name)
      add(configmaps, env.valueFrom?.configMapKeyRef?.name)
    }
    for (const from of container.envFrom ?? []) {
      add(secrets, from.secretRef?.name)
      add(configmaps, from.configMapRef?.name)
    }
  }
  for (const pull of spec.imagePullSecrets ?? []) add(secrets, pull.name)
  return { secrets, configmaps, serviceaccounts: new Set([spec.serviceAccountName ?? 'default']) }
}
