/** The metrics of probes, under upstream's names; what is told of a container goes with it. */
import { Counter, Histogram } from 'prom-client'
import type { Pod } from '#api/core/pod.ts'
import type { ProbeKind } from './probe-state.ts'

const results = ['successful', 'failed', 'unknown'] as const
export type ProbeResult = (typeof results)[number]

const counter = new Counter({
  name: 'prober_probe_total',
  help: 'Cumulative number of a liveness, readiness or startup probe for a container by result.',
  labelNames: ['probe_type', 'result', 'container', 'pod', 'namespace', 'pod_uid'],
})
const duration = new Histogram({
  name: 'prober_probe_duration_seconds',
  help: 'Duration in seconds for a probe response.',
  labelNames: ['probe_type', 'container', 'pod', 'namespace'],
})

export const probeTitles: Readonly<Record<ProbeKind, string>> = { liveness: 'Liveness', readiness: 'Readiness', startup: 'Startup' }

const labelsOf = (kind: ProbeKind, container: string, pod: Pod) => ({
  probe_type: probeTitles[kind],
  container,
  pod: pod.metadata.name ?? '',
  namespace: pod.metadata.namespace ?? '',
})

/** As upstream only successes are timed: a failure takes as long as its time-out. */
export function countProbe(of: { kind: ProbeKind; container: string; pod: Pod }, result: ProbeResult, seconds: number): void {
  const labels = labelsOf(of.kind, of.container, of.pod)
  counter.inc({ ...labels, result, pod_uid: of.pod.metadata.uid ?? '' })
  if (result === 'successful') duration.observe(labels, seconds)
}

export function forgetProbe(of: { kind: ProbeKind; container: string; pod: Pod }): void {
  const labels = labelsOf(of.kind, of.container, of.pod)
  for (const result of results) counter.remove({ ...labels, result, pod_uid: of.pod.metadata.uid ?? '' })
  duration.remove(labels)
}
