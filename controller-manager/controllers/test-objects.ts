/** Objects for tests of controllers, and plans as lines of text. */
import type { Deployment } from '#api/apps/deployment.ts'
import type { ReplicaSet } from '#api/apps/replica-set.ts'
import type { Namespace } from '#api/core/namespace.ts'
import type { Node } from '#api/core/node.ts'
import type { Pod } from '#api/core/pod.ts'
import type { Service } from '#api/core/service.ts'
import { controllerReference } from '#api/meta/owner.ts'
import type { KubeObject } from '#api/resource.ts'
import { keyOf } from '#client/resource-path.ts'
import { targetOf } from '#client/runner/apply.ts'
import type { Action, Plan } from '#client/runner/plan.ts'

export const at = (seconds: number): Date => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds))
export const text = (seconds: number): string => `${at(seconds).toISOString().slice(0, 19)}Z`

type Partly<T> = { [K in keyof T]?: T[K] | undefined }

export function deployment(
  spec: Partly<Deployment['spec']> = {},
  status: Deployment['status'] = {},
  metadata: Deployment['metadata'] = {},
): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { namespace: 'ns', name: 'web', uid: 'd1', generation: 1, annotations: {}, ...metadata },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'web' } },
      template: template('v1'),
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      progressDeadlineSeconds: 600,
      revisionHistoryLimit: 10,
      ...spec,
    } as Deployment['spec'],
    status,
  }
}

export function template(image: string, labels: Record<string, string> = {}): Deployment['spec']['template'] {
  return { metadata: { labels: { app: 'web', ...labels } }, spec: { containers: [{ name: 'c', image }] } }
}

interface SetOptions {
  image?: string
  replicas?: number
  available?: number
  /** Pods that there are; as many as replicas by default. */
  actual?: number
  revision?: number
  createdAt?: number
  annotations?: Record<string, string>
  owner?: KubeObject | undefined
}

export function replicaSet(name: string, options: SetOptions = {}): ReplicaSet {
  const { image = 'v1', replicas = 3, available = replicas, actual = replicas, revision = 1, createdAt = 0, annotations = {} } = options
  const owner = 'owner' in options ? options.owner : deployment()
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      namespace: 'ns',
      name,
      uid: `uid-${name}`,
      generation: 1,
      creationTimestamp: text(createdAt),
      labels: { app: 'web', 'pod-template-hash': name },
      annotations: { 'deployment.kubernetes.io/revision': String(revision), ...annotations },
      ...(owner ? { ownerReferences: [controllerReference(owner)] } : {}),
    },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'web', 'pod-template-hash': name } },
      template: template(image, { 'pod-template-hash': name }),
    },
    status: { replicas: actual, readyReplicas: available, availableReplicas: available, observedGeneration: 1, terminatingReplicas: 0 },
  }
}

interface PodOptions {
  owner?: KubeObject
  labels?: Record<string, string>
  node?: string
  phase?: string
  ready?: boolean
  readySince?: number
  createdAt?: number
  ip?: string
  deleting?: boolean
  spec?: Partial<Pod['spec']>
  annotations?: Record<string, string>
}

export function pod(name: string, options: PodOptions = {}): Pod {
  const {
    owner,
    labels = { app: 'web' },
    node,
    phase = 'Running',
    ready = true,
    readySince = 0,
    createdAt = 0,
    ip,
    deleting,
    annotations,
  } = options
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace: 'ns',
      name,
      uid: `uid-${name}`,
      creationTimestamp: text(createdAt),
      labels,
      ...(annotations ? { annotations } : {}),
      ...(owner ? { ownerReferences: [controllerReference(owner)] } : {}),
      ...(deleting ? { deletionTimestamp: text(50) } : {}),
    },
    spec: { containers: [{ name: 'c', image: 'v1' }], ...(node ? { nodeName: node } : {}), ...options.spec },
    status: {
      phase,
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: text(readySince) }],
      ...(ip ? { podIP: ip, podIPs: [{ ip }] } : {}),
    },
  }
}

export function node(name: string, ready: 'True' | 'False' | 'Unknown' | undefined = 'True', more: Partial<Node> = {}): Node {
  const conditions = ready ? [{ type: 'Ready', status: ready, lastHeartbeatTime: text(0) }] : []
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: `uid-${name}`, resourceVersion: '5', creationTimestamp: text(0), ...more.metadata },
    spec: { ...more.spec },
    status: { conditions, ...more.status },
  }
}

export function service(name: string, spec: Partial<Service['spec']> = {}): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace: 'ns', name, uid: `uid-${name}`, creationTimestamp: text(1) },
    spec: {
      type: 'ClusterIP',
      clusterIP: '10.0.0.1',
      ipFamilies: ['IPv4'],
      selector: { app: 'web' },
      ports: [{ name: 'http', port: 80, targetPort: 8080 }],
      ...spec,
    },
    status: {},
  }
}

export function namespace(name: string, phase: 'Active' | 'Terminating' = 'Active', more: Partial<Namespace> = {}): Namespace {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, uid: `uid-${name}`, ...(phase === 'Terminating' ? { deletionTimestamp: text(0) } : {}), ...more.metadata },
    spec: { finalizers: ['kubernetes'], ...more.spec },
    status: { phase, ...more.status },
  }
}

/** One line an action: verb, what, why, and its event. */
export function lines(plan: Plan): string[] {
  const events = (plan.events ?? []).map((e) => `event ${e.type} ${e.reason}: ${e.message}`)
  return [...events, ...plan.actions.flatMap((step) => ('parallel' in step ? step.parallel.map(line) : [line(step)]))]
}

function line(action: Action): string {
  const { type, ref } = targetOf(action)
  const size =
    'object' in action && action.object.kind === 'ReplicaSet' && action.verb !== 'updateStatus'
      ? `=${(action.object as ReplicaSet).spec.replicas}`
      : ''
  const event = action.event ? ` [${action.event.reason}: ${action.event.message}]` : ''
  return `${action.verb} ${type?.plural} ${keyOf({ metadata: ref })}${size} (${action.reason})${event}`
}

/** The action of a plan that writes this kind with this verb. */
export function actionOf<V extends Action['verb']>(plan: Plan, verb: V, plural?: string): Action & { verb: V } {
  const all = plan.actions.flatMap((step) => ('parallel' in step ? [...step.parallel] : [step]))
  const found = all.find((action) => action.verb === verb && (plural === undefined || targetOf(action).type?.plural === plural))
  if (!found) throw new Error(`no ${verb} in ${lines(plan).join('; ')}`)
  return found as Action & { verb: V }
}
