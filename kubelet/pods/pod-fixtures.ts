/** Pods and observations for the unit tests of the deciders, in few words. */
import type { Container } from '#api/core/container.ts'
import type { Pod } from '#api/core/pod.ts'
import type { PodSpec } from '#api/core/pod-spec.ts'
import { labelsOf } from '#kubelet/containers/container-labels.ts'
import type { Image, Container as RuntimeContainer, Sandbox } from '#kubelet/runtime/runtime.ts'
import type { PodDesired, PodSeen } from './pod-actions.ts'
import { type ContainerKind, containerHash } from './pod-containers.ts'

export const start = new Date('2026-11-21T12:00:00Z')
export const after = (seconds: number): Date => new Date(start.getTime() + seconds * 1000)

export function app(name: string, extra: Partial<Container> = {}): Container {
  return {
    name,
    image: `${name}:1`,
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: 'IfNotPresent',
    ...extra,
  }
}

export function pod(spec: Partial<PodSpec> = {}, metadata: Partial<Pod['metadata']> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'default', uid: 'uid-1', generation: 1, ...metadata },
    spec: { containers: [app('main')], restartPolicy: 'Always', terminationGracePeriodSeconds: 30, ...spec },
    status: {},
  }
}

export const desired = (of: Pod, extra: Partial<PodDesired> = {}): PodDesired => ({ pod: of, removed: false, ...extra })

export function sandbox(extra: Partial<Sandbox> = {}): Sandbox {
  return {
    id: 's0',
    podUid: 'uid-1',
    namespace: 'default',
    name: 'web',
    attempt: 0,
    ready: true,
    createdAt: start,
    ips: ['10.0.0.5'],
    labels: {},
    ...extra,
  }
}

const image: Image = { id: 'sha256:aa', repoTags: [], repoDigests: [], sizeBytes: 1, user: '' }

export interface Run extends Partial<RuntimeContainer> {
  name: string
  kind?: ContainerKind
  backoff?: number
}

/** A container as the runtime lists it: running since the start unless said. */
export function run(of: Pod, { name, kind = 'app', backoff = 0, ...extra }: Run): RuntimeContainer {
  const attempt = extra.attempt ?? 0
  const spec = [...(of.spec?.containers ?? []), ...(of.spec?.initContainers ?? [])].find((each) => each.name === name) ?? app(name)
  return {
    id: `${name}-${attempt}`,
    sandboxId: 's0',
    podUid: 'uid-1',
    name,
    attempt,
    state: 'running',
    image: spec.image ?? '',
    imageId: 'sha256:aa',
    imageRef: 'repo@sha256:aa',
    createdAt: start,
    startedAt: start,
    oomKilled: false,
    reason: '',
    error: '',
    labels: labelsOf(of, spec, { kind, hash: containerHash(spec), restartCount: attempt, backoffSeconds: backoff }),
    ...extra,
  }
}

export const exited = (of: Pod, of2: Run & { exitCode: number }): RuntimeContainer =>
  run(of, { state: 'exited', finishedAt: after(5), reason: of2.exitCode === 0 ? 'Completed' : 'Error', ...of2 })

/** What is seen of a pod that nothing was done for yet, with changes. */
export function seen(extra: Partial<PodSeen> = {}): PodSeen {
  return {
    sandboxes: [],
    containers: [],
    images: new Map(),
    startFailures: new Map(),
    volumes: 'absent',
    volumesStale: false,
    notBefore: new Map(),
    probes: new Map(),
    terminationMessages: new Map(),
    inFlight: new Map(),
    hasCgroup: false,
    hasDirectories: false,
    objectDeleted: false,
    actuated: new Map(),
    resize: {},
    restarting: new Set(),
    probeKills: new Map(),
    knownRestarts: new Map(),
    ...extra,
  }
}

/** A pod whose sandbox, volumes and images are there. */
export function prepared(extra: Partial<PodSeen> = {}, images: readonly string[] = ['main']): PodSeen {
  return seen({
    sandboxes: [sandbox()],
    volumes: 'mounted',
    hasCgroup: true,
    hasDirectories: true,
    images: new Map(images.map((name) => [name, { image }])),
    ...extra,
  })
}
