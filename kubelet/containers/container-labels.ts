/** What the kubelet keeps on each container in the runtime: the facts that must survive its own restart. Names are upstream's where it has one. */
import type { Container } from '#api/core/container.ts'
import type { Pod } from '#api/core/pod.ts'
import type { AnyContainer, ContainerKind } from '#kubelet/pods/pod-containers.ts'
import type { Container as RuntimeContainer } from '#kubelet/runtime/runtime.ts'

const label = {
  podName: 'io.kubernetes.pod.name',
  podNamespace: 'io.kubernetes.pod.namespace',
  podUid: 'io.kubernetes.pod.uid',
  containerName: 'io.kubernetes.container.name',
  kind: 'typernetes.io/container-kind',
  hash: 'io.kubernetes.container.hash',
  restartCount: 'io.kubernetes.container.restartCount',
  backoffSeconds: 'typernetes.io/backoff-seconds',
  messagePath: 'io.kubernetes.container.terminationMessagePath',
  messagePolicy: 'io.kubernetes.container.terminationMessagePolicy',
  graceSeconds: 'io.kubernetes.pod.terminationGracePeriod',
  resources: 'typernetes.io/resources',
} as const

export interface ContainerFacts {
  podName: string
  podNamespace: string
  kind: ContainerKind
  hash: string
  restartCount: number
  /** How long after this container's end the next one has to wait. */
  backoffSeconds: number
  terminationMessagePath: string
  terminationMessagePolicy: string
  /** The pod's own grace, for a container whose pod is known to nobody any more. */
  graceSeconds: number
  /** What the container was started with; undefined where nobody wrote it down. */
  resources?: Pick<NonNullable<Container['resources']>, 'limits' | 'requests'>
}

export function labelsOf(
  pod: Pod,
  container: AnyContainer,
  facts: Pick<ContainerFacts, 'kind' | 'hash' | 'restartCount' | 'backoffSeconds'>,
): Record<string, string> {
  return {
    [label.podName]: pod.metadata.name ?? '',
    [label.podNamespace]: pod.metadata.namespace ?? '',
    [label.podUid]: pod.metadata.uid ?? '',
    [label.containerName]: container.name,
    [label.kind]: facts.kind,
    [label.hash]: facts.hash,
    [label.restartCount]: String(facts.restartCount),
    [label.backoffSeconds]: String(facts.backoffSeconds),
    [label.messagePath]: container.terminationMessagePath ?? '',
    [label.messagePolicy]: container.terminationMessagePolicy ?? 'File',
    [label.graceSeconds]: String(pod.spec?.terminationGracePeriodSeconds ?? 30),
    [label.resources]: JSON.stringify({ limits: container.resources?.limits, requests: container.resources?.requests }),
  }
}

/** The labels of a pod's sandbox. */
export function sandboxLabels(pod: Pod): Record<string, string> {
  return {
    ...pod.metadata.labels,
    [label.podName]: pod.metadata.name ?? '',
    [label.podNamespace]: pod.metadata.namespace ?? '',
    [label.podUid]: pod.metadata.uid ?? '',
  }
}

export function factsOf(container: RuntimeContainer): ContainerFacts {
  const of = (key: string): string => container.labels[key] ?? ''
  const kind = of(label.kind)
  const resources = of(label.resources)
  return {
    podName: of(label.podName),
    podNamespace: of(label.podNamespace),
    kind: kind === 'init' || kind === 'ephemeral' ? kind : 'app',
    hash: of(label.hash),
    restartCount: Number(of(label.restartCount)) || container.attempt,
    backoffSeconds: Number(of(label.backoffSeconds)) || 0,
    terminationMessagePath: of(label.messagePath),
    terminationMessagePolicy: of(label.messagePolicy),
    graceSeconds: Number(of(label.graceSeconds) || '30'),
    ...(resources === '' ? {} : { resources: JSON.parse(resources) }),
  }
}
