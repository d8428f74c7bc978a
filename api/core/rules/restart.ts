/** Whether a container that ended is started again (upstream: pkg/api/v1/pod, restart rules). */
import type { Container, ContainerRestartRule } from '#api/core/container.ts'
import type { PodSpec } from '#api/core/pod-spec.ts'

function matches(rule: ContainerRestartRule, exitCode: number): boolean {
  const listed = rule.exitCodes?.values?.includes(exitCode) ?? false
  if (rule.exitCodes?.operator === 'In') return listed
  return rule.exitCodes?.operator === 'NotIn' && !listed
}

function byPolicy(policy: string | undefined, exitCode: number): boolean | undefined {
  if (policy === 'Always') return true
  if (policy === 'OnFailure') return exitCode !== 0
  return policy === 'Never' ? false : undefined
}

/** Rules first, then the container's own policy, then the pod's. */
export function shouldRestart(
  container: Pick<Container, 'restartPolicy' | 'restartPolicyRules'>,
  pod: Pick<PodSpec, 'restartPolicy'>,
  exitCode: number,
): boolean {
  if (container.restartPolicy !== undefined) {
    const rule = container.restartPolicyRules?.find((candidate) => matches(candidate, exitCode))
    if (rule?.action === 'Restart') return true
    const own = byPolicy(container.restartPolicy, exitCode)
    if (own !== undefined) return own
  }
  return byPolicy(pod.restartPolicy, exitCode) ?? true
}
