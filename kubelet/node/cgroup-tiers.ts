/** The cgroups above those of pods: kubepods with what pods may have together, and the tiers of Burstable and BestEffort pods. Pure. */
import type { Pod } from '#api/core/pod.ts'
import { parseQuantity } from '#api/meta/quantity.ts'
import { podRequests } from '#kubelet/admission/admission.ts'
import { type CgroupLimits, hugePagesOf } from '#kubelet/cgroups/cgroup-plan.ts'
import { bytesOf, cpuShares, qosClass } from '#kubelet/cgroups/qos.ts'
import { absoluteAllocatable } from './reserved.ts'

type Amounts = Readonly<Record<string, string>>

/** `capacity` has `pid` beside the node's own resources, as upstream's internal capacity. */
export function kubepodsLimits(capacity: Amounts, reserved: readonly Amounts[]): CgroupLimits {
  const { cpu, memory } = absoluteAllocatable(capacity, reserved)
  const pids = bytesOf(capacity['pid']) - reserved.reduce((sum, each) => sum + bytesOf(each['pid']), 0)
  return {
    cpuShares: cpuShares(Number(cpu)),
    memoryBytes: Number(memory),
    ...(capacity['pid'] === undefined ? {} : { pids: Math.max(1, pids) }),
    hugePages: hugePagesOf(capacity),
  }
}

/** Limits of what is reserved for the system or for Kubernetes; `compressible` leaves only the share of the processor. */
export function reservedLimits(reserved: Amounts, compressible: boolean): CgroupLimits {
  const cpu = reserved['cpu'] === undefined ? {} : { cpuShares: cpuShares(Number(parseQuantity(reserved['cpu']).nano / 1_000_000n)) }
  if (compressible) return cpu
  return {
    ...cpu,
    ...(reserved['memory'] === undefined ? {} : { memoryBytes: bytesOf(reserved['memory']) }),
    ...(reserved['pid'] === undefined ? {} : { pids: bytesOf(reserved['pid']) }),
  }
}

/** Huge pages are not bounded by the tiers. */
const unbounded = 2 ** 62

/** The tier of Burstable pods has the share that its pods ask for together; BestEffort always has the least. */
export function tierLimits(pods: readonly Pod[], pageSizes: readonly string[]): { burstable: CgroupLimits; besteffort: CgroupLimits } {
  const asked = pods.filter((pod) => qosClass(pod) === 'Burstable').reduce((sum, pod) => sum + (podRequests(pod).get('cpu') ?? 0n), 0n)
  const hugePages = Object.fromEntries(pageSizes.map((size) => [size, unbounded]))
  return { burstable: { cpuShares: cpuShares(Number(asked)), hugePages }, besteffort: { cpuShares: cpuShares(0), hugePages } }
}

/** Why reservations cannot be, in upstream's words; undefined where they can. */
export function reservationProblem(capacity: Amounts, kept: Amounts): string | undefined {
  const problems = Object.entries(kept)
    .filter(([name, text]) => capacity[name] !== undefined && parseQuantity(text).nano > parseQuantity(capacity[name]).nano)
    .map(
      ([name, text]) =>
        `Resource "${name}" has a reservation of ${text} but capacity of ${capacity[name]}. Expected capacity >= reservation.`,
    )
  return problems.length === 0 ? undefined : `invalid Node Allocatable configuration. ${problems.join(' ')}`
}
