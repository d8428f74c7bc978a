/** From a manifest on the node's disk or at a URL to a static pod, and to the mirror that shows it: defaults and checks are the API's, refusals upstream's. Pure. */
import { createHash } from 'node:crypto'
import { parseAllDocuments } from 'yaml'
import { mirrorAnnotation } from '#api/core/mirror-pod.ts'
import { type Pod, Pods } from '#api/core/pod.ts'
import type { Volume } from '#api/core/volume.ts'
import { decodeValue } from '#api/decode.ts'
import { applyDefaults } from '#api/defaulting.ts'
import { objectsOf } from '#kubelet/pods/pod-references.ts'
import { sourceNotes } from '#kubelet/pods/pod-source.ts'

export const hashAnnotation = 'kubernetes.io/config.hash'

/** Where a manifest is from: a path or a URL. */
export interface ManifestPlace {
  source: 'file' | 'http'
  at: string
}

/** The pods of one manifest's text; throws with a reason for what is no pod that a node can run by itself. A URL may give a list of pods, too. */
export function staticPods(text: string, place: ManifestPlace, node: { name: string; now: Date }): Pod[] {
  return parseAllDocuments(text)
    .map((document) => {
      if (document.errors[0]) throw new Error(document.errors[0].message)
      return document.toJS() as Partial<Pod> | null
    })
    .filter((manifest) => manifest !== null)
    .flatMap((manifest) => (place.source === 'http' ? itemsOf(manifest) : [manifest]))
    .map((manifest) => staticPod(manifest, place, node))
}

function itemsOf(manifest: Partial<Pod> & { items?: Partial<Pod>[] }): Partial<Pod>[] {
  if ((manifest.kind as string) !== 'PodList' || manifest.apiVersion !== 'v1') return [manifest]
  return (manifest.items ?? []).map((item) => ({ ...item, apiVersion: 'v1', kind: 'Pod' }))
}

function staticPod(manifest: Partial<Pod>, { source, at }: ManifestPlace, node: { name: string; now: Date }): Pod {
  if (manifest.kind !== 'Pod' || manifest.apiVersion !== 'v1') throw new Error(`is a ${manifest.apiVersion} ${manifest.kind}, not a v1 Pod`)
  if (!manifest.metadata?.name) throw new Error('invalid pod: name is needed for the pod')
  const digest = createHash('md5')
    .update(JSON.stringify([manifest, ...(source === 'file' ? [node.name] : []), at]))
    .digest('hex')
  const { object } = decodeValue<Pod>(structuredClone(manifest), Pods)
  const pod = settled(
    {
      ...object,
      metadata: {
        ...object.metadata,
        name: `${object.metadata.name}-${node.name.toLowerCase()}`,
        namespace: object.metadata.namespace ?? 'default',
        uid: object.metadata.uid ?? digest,
        creationTimestamp: `${node.now.toISOString().slice(0, 19)}Z`,
        annotations: {
          ...object.metadata.annotations,
          ...sourceNotes(source, node.now),
          [hashAnnotation]: digest,
        },
      },
      status: { phase: 'Pending' },
    },
    node.name,
    source,
  )
  const [problem] = Pods.validate?.(pod, undefined) ?? []
  if (problem) throw new Error(`invalid pod: ${problem.field}: ${problem.message}`)
  const reference = apiReference(pod)
  if (reference !== undefined) throw new Error(`static pods may not reference ${reference}`)
  return pod
}

/** Bound to the node, with the API's defaults; one of a file is not to be driven away by what is wrong with the node. */
function settled(pod: Pod, nodeName: string, source: ManifestPlace['source']): Pod {
  if (!pod.spec) return pod
  const tolerations = [...(pod.spec.tolerations ?? []), { operator: 'Exists', effect: 'NoExecute' }]
  const bound = applyDefaults({ ...pod, spec: { ...pod.spec, nodeName, ...(source === 'file' ? { tolerations } : {}) } }, Pods.schema)
  return Pods.defaults?.(bound) ?? bound
}

/** What the pod cannot have without the API, in upstream's words. */
function apiReference(pod: Pod): string | undefined {
  const { serviceAccountName, resourceClaims = [], volumes = [] } = pod.spec ?? {}
  if (serviceAccountName) return 'serviceaccounts'
  const plain = objectsOf({ ...pod, ...(pod.spec ? { spec: { ...pod.spec, volumes: [] } } : {}) })
  if (plain.some(({ kind }) => kind === 'Secret')) return 'secrets'
  if (plain.some(({ kind }) => kind === 'ConfigMap')) return 'configmaps'
  if (resourceClaims.length > 0) return 'resourceclaims'
  return volumes.map(volumeReference).find((found) => found !== undefined)
}

function volumeReference(volume: Volume): string | undefined {
  if (volume.configMap) return 'configmaps (via configmap volumes)'
  if (volume.secret) return 'secrets (via secret volumes)'
  if (volume.csi) return 'csidrivers (via CSI volumes)'
  if (volume.persistentVolumeClaim) return 'persistentvolumeclaims'
  if (volume.ephemeral) return 'persistentvolumeclaims (via ephemeral volumes)'
  for (const projected of volume.projected?.sources ?? []) {
    if (projected.configMap) return 'configmaps (via projected volumes)'
    if (projected.secret) return 'secrets (via projected volumes)'
    if (projected.serviceAccountToken) return 'serviceaccounts (via projected volumes)'
    if (projected.clusterTrustBundle) return 'clustertrustbundles'
    if (projected.podCertificate) return 'podcertificates'
  }
  return undefined
}

/** What the API is shown of a static pod. */
export function mirrorOf(pod: Pod, node: { name: string; uid: string }): Pod {
  const { uid: _, creationTimestamp: __, ...metadata } = pod.metadata
  const digest = pod.metadata.annotations?.[hashAnnotation] ?? ''
  const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name: node.name, uid: node.uid, controller: true }]
  return {
    ...pod,
    metadata: { ...metadata, annotations: { ...metadata.annotations, [mirrorAnnotation]: digest }, ownerReferences },
    status: {},
  }
}
