/** ServiceAccount: pods run under an account, get its token mounted and its pull secrets; mirror pods do not. */
import { isMirror } from '#api/core/mirror-pod.ts'
import type { Pod } from '#api/core/pod.ts'
import type { ServiceAccount } from '#api/core/service-account.ts'
import type { Volume } from '#api/core/volume.ts'
import type { Found } from '#apiserver/registry/lookups.ts'
import { type AdmissionPlugin, type AdmissionRequest, badName, isResource, refuse, whenKnown } from './admission.ts'

const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount'
const volumePrefix = 'kube-api-access-'
/** Tokens asked for this long are really made for a year and reported when they are used past it (upstream's WarnOnlyBoundTokenExpirationSeconds). */
export const warnOnlyExpirationSeconds = 60 * 60 + 7

export interface ServiceAccountLookup {
  find(namespace: string, name: string): Found<ServiceAccount>
}

export function serviceAccount(accounts: ServiceAccountLookup, suffix: () => string): AdmissionPlugin {
  const concerns = (request: AdmissionRequest): Pod | undefined =>
    isResource(request, '', 'pods') && request.subresource === '' && request.operation === 'create'
      ? (request.object as Pod | undefined)
      : undefined
  const withAccount = (request: AdmissionRequest, pod: Pod, then: (account: ServiceAccount) => void): Promise<void> | void => {
    const name = pod.spec.serviceAccountName ?? ''
    return whenKnown(accounts.find(request.namespace, name), (account) => {
      if (account) return then(account)
      throw refuse(
        { ...request, name: pod.metadata.name ?? '' },
        `error looking up service account ${request.namespace}/${name}: ${badName(name) ?? `serviceaccount "${name}" not found`}`,
      )
    })
  }
  return {
    name: 'ServiceAccount',
    kinds: ['pods'],
    mutate(request) {
      const pod = concerns(request)
      if (!pod) return
      if (isMirror(pod)) {
        checkMirror(request, pod)
        return
      }
      pod.spec.serviceAccountName ||= 'default'
      pod.spec.serviceAccount = pod.spec.serviceAccountName
      return withAccount(request, pod, (account) => {
        if (pod.spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true) mountToken(pod, suffix)
        const pull = account.imagePullSecrets ?? []
        if ((pod.spec.imagePullSecrets?.length ?? 0) === 0 && pull.length > 0) pod.spec.imagePullSecrets = pull.map((s) => ({ ...s }))
      })
    },
    validate(request) {
      const pod = concerns(request)
      if (!pod) return
      if (!isMirror(pod)) return withAccount(request, pod, () => undefined)
      checkMirror(request, pod)
    },
  }
}

function checkMirror(request: AdmissionRequest, pod: Pod): void {
  if (pod.spec.serviceAccountName) throw refuse(request, 'a mirror pod may not reference service accounts')
  const volumes = pod.spec.volumes ?? []
  const inVolumes = volumes.some((v) => v.secret !== undefined || v.projected?.sources?.some((s) => s.secret !== undefined))
  const all = [...(pod.spec.initContainers ?? []), ...pod.spec.containers]
  const inEnv = all.some((c) => c.env?.some((e) => e.valueFrom?.secretKeyRef) || c.envFrom?.some((e) => e.secretRef))
  if (inVolumes || inEnv || (pod.spec.imagePullSecrets?.length ?? 0) > 0) throw refuse(request, 'a mirror pod may not reference secrets')
  if (volumes.some((v) => v.projected?.sources?.some((s) => s.serviceAccountToken !== undefined)))
    throw refuse(request, 'a mirror pod may not use ServiceAccountToken volume projections')
}

function mountToken(pod: Pod, suffix: () => string): void {
  const existing = pod.spec.volumes?.find((v) => v.name.startsWith(volumePrefix))
  const name = existing?.name ?? `${volumePrefix}${suffix()}`
  let needed = false
  for (const container of [...(pod.spec.initContainers ?? []), ...pod.spec.containers]) {
    if (container.volumeMounts?.some((m) => m.mountPath === mountPath)) continue
    container.volumeMounts = [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath }]
    needed = true
  }
  if (needed && !existing) pod.spec.volumes = [...(pod.spec.volumes ?? []), tokenVolume(name)]
}

function tokenVolume(name: string): Volume {
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: warnOnlyExpirationSeconds, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
      ],
      defaultMode: 0o644,
    },
  }
}
