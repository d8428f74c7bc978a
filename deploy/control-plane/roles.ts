/**
 * Rights that this project's nodes need beside upstream's: each keeps routes to the pods of the others, so it reads their Node objects
 * (network add-ons that do so bring a role like this one).
 */

import type { ClusterApi } from '#deploy/cluster/api.ts'
import { StartFailure } from '#deploy/cluster/failure.ts'

const name = 'typernetes:node-routes'
const group = 'rbac.authorization.k8s.io'
const apiVersion = `${group}/v1`

const objects: readonly { plural: string; body: object }[] = [
  {
    plural: 'clusterroles',
    body: {
      apiVersion,
      kind: 'ClusterRole',
      metadata: { name },
      rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] }],
    },
  },
  {
    plural: 'clusterrolebindings',
    body: {
      apiVersion,
      kind: 'ClusterRoleBinding',
      metadata: { name },
      subjects: [{ apiGroup: group, kind: 'Group', name: 'system:nodes' }],
      roleRef: { apiGroup: group, kind: 'ClusterRole', name },
    },
  },
]

/** What is there stays as its owner has changed it. */
export async function ensureNodeRoutesRole(api: ClusterApi): Promise<void> {
  for (const { plural, body } of objects) {
    const reply = await api.send({ method: 'POST', path: `/apis/${apiVersion}/${plural}`, body })
    if (reply.status !== 201 && reply.status !== 409)
      throw new StartFailure(`the ${plural} for nodes were refused`, reply.text.slice(0, 400), `kubectl get ${plural}`)
  }
}
