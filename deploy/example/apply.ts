/** Applies the example manifest and waits until its pods serve. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseAllDocuments } from 'yaml'
import type { ClusterApi } from '#deploy/cluster/api.ts'
import { StartFailure } from '#deploy/cluster/failure.ts'

interface ManifestObject {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace?: string }
}

const plurals: Readonly<Record<string, string>> = {
  Namespace: 'namespaces',
  ConfigMap: 'configmaps',
  Deployment: 'deployments',
  Service: 'services',
}

export const exampleManifest = join(import.meta.dirname, 'manifest.yaml')

export async function readManifest(): Promise<readonly ManifestObject[]> {
  return parseAllDocuments(await readFile(exampleManifest, 'utf8')).map((document) => document.toJS() as ManifestObject)
}

/** Path of the collection that an object belongs to. Pure. */
export function collectionPath(object: ManifestObject): string {
  const plural = plurals[object.kind]
  if (!plural) throw new Error(`the example has no ${object.kind}`)
  const prefix = object.apiVersion.includes('/') ? `/apis/${object.apiVersion}` : `/api/${object.apiVersion}`
  return object.metadata.namespace ? `${prefix}/namespaces/${object.metadata.namespace}/${plural}` : `${prefix}/${plural}`
}

/** Creates what is missing; what is there stays as its owner has changed it. Answers how many objects were made. */
export async function applyExample(api: ClusterApi): Promise<number> {
  let made = 0
  for (const object of await readManifest()) {
    const deadline = Date.now() + 10_000
    for (;;) {
      // Asked first: a service that is there holds its node port, which a second create would be refused for.
      if ((await api.send({ path: `${collectionPath(object)}/${object.metadata.name}` })).status === 200) break
      const reply = await api.send({ method: 'POST', path: collectionPath(object), body: object })
      if (reply.status === 201) made += 1
      if (reply.status === 201 || reply.status === 409) break
      // A cluster that has just started may not have the namespace's service account yet.
      if (Date.now() > deadline || reply.status < 500) throw refused(object, reply.text)
      await sleep(100)
    }
  }
  return made
}

function refused(object: ManifestObject, text: string): StartFailure {
  return new StartFailure(`${object.kind} ${object.metadata.name} was refused`, text.slice(0, 400), `kubectl apply -f ${exampleManifest}`)
}

interface DeploymentObject {
  metadata: { generation?: number }
  spec: { replicas?: number }
  status?: { availableReplicas?: number; updatedReplicas?: number; observedGeneration?: number; replicas?: number }
}

interface PodObject {
  metadata: { name: string }
  status?: {
    phase?: string
    containerStatuses?: { state?: { waiting?: { reason?: string; message?: string } } }[]
    conditions?: { type: string; status: string; message?: string }[]
  }
}

/** Why the first pod that is not ready is not. Pure. */
export function whyWaiting(pods: readonly PodObject[]): string {
  for (const pod of pods) {
    const waiting = pod.status?.containerStatuses?.find((status) => status.state?.waiting)?.state?.waiting
    if (waiting) return `${pod.metadata.name}: ${waiting.reason ?? 'waiting'}${waiting.message ? `: ${waiting.message}` : ''}`
    const unmet = pod.status?.conditions?.find((condition) => condition.status === 'False' && condition.message)
    if (unmet) return `${pod.metadata.name}: ${unmet.message}`
    if (pod.status?.phase !== 'Running') return `${pod.metadata.name}: ${pod.status?.phase ?? 'no status yet'}`
  }
  return pods.length === 0 ? 'no pod has been created yet' : 'waiting for the readiness probes'
}

export async function waitExample(api: ClusterApi, say: (text: string) => void): Promise<void> {
  const deadline = Date.now() + 120_000
  for (;;) {
    const deployment = await api.get<DeploymentObject>('/apis/apps/v1/namespaces/hello/deployments/hello')
    const wanted = deployment?.spec.replicas ?? 1
    const available = deployment?.status?.availableReplicas ?? 0
    const settled = deployment?.status?.observedGeneration === deployment?.metadata.generation
    if (
      deployment &&
      settled &&
      available >= wanted &&
      deployment.status?.updatedReplicas === wanted &&
      deployment.status.replicas === wanted
    )
      return
    say(`${available} of ${wanted} pods are available`)
    if (Date.now() > deadline) {
      const pods = await api.get<{ items: PodObject[] }>('/api/v1/namespaces/hello/pods')
      throw new StartFailure(
        'the example did not become available within 2 minutes',
        whyWaiting(pods?.items ?? []),
        'kubectl -n hello describe pods',
      )
    }
    await sleep(50)
  }
}
