/** Who is asked whether the node takes a pod, and in which order: upstream's admit handlers. */
import type { Node } from '#api/core/node.ts'
import type { Pod } from '#api/core/pod.ts'
import { preemptions } from '#kubelet/metrics.ts'
import type { PodFailure } from '#kubelet/pods/pod-actions.ts'
import type { RecordEvent } from '#kubelet/pods/pod-events.ts'
import { type AdmissionCheck, admissionProblems, type Rejection } from './admission.ts'
import { isCritical, planPreemption } from './preemption.ts'
import { refuseSecurity, type SecurityFacts } from './security-admission.ts'
import { refuseSysctls } from './sysctls.ts'

export interface AdmissionParts {
  node(): Node | undefined
  /** As the configuration writes them: names, or beginnings that end in `*`. */
  allowedUnsafeSysctls: readonly string[]
  security: SecurityFacts
  /** Gives the pod processors and devices of its own. */
  assign: AdmissionCheck
  /** The node runs out of something. */
  pressure: AdmissionCheck
  /** Ends a pod in favour of a critical one that lacks `resource`. */
  preempt(victim: Pod, resource: string): void
}

/** Pressure first; then sysctls, devices and processors, what the scheduler would say, and what the node as a whole is doing. */
export function admissionChecks(parts: AdmissionParts): AdmissionCheck[] {
  return [
    parts.pressure,
    (pod) => refuseSysctls(pod, parts.allowedUnsafeSysctls),
    parts.assign,
    (pod, others) => askNode(parts, pod, others),
    (pod) => refuseSecurity(pod, parts.security),
  ]
}

export function preemptor(event: RecordEvent, end: (uid: string, failure: PodFailure) => void): AdmissionParts['preempt'] {
  return (victim, resource) => {
    const words = { reason: 'Preempting', message: 'Preempted in order to admit critical pod' }
    event(victim, { type: 'Warning', ...words })
    preemptions.inc({ preemption_signal: resource })
    const disruption = 'Pod was preempted by Kubelet to accommodate a critical pod.'
    end(victim.metadata.uid ?? '', { ...words, rejected: false, disruption })
  }
}

function askNode(parts: AdmissionParts, pod: Pod, others: readonly Pod[]): Rejection | undefined {
  const node = parts.node()
  if (!node) return undefined
  const problems = admissionProblems(pod, others, node)
  const [first] = isCritical(pod) ? problems.others : [...problems.shortages, ...problems.others]
  if (first) return { reason: first.reason, message: first.message }
  if (problems.shortages.length === 0) return undefined
  const plan = planPreemption(pod, problems.shortages, others)
  if ('rejection' in plan) return plan.rejection
  for (const victim of plan.victims) parts.preempt(victim, problems.shortages[0]?.short.name ?? '')
  return undefined
}
