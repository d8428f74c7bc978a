/** Who is asked whether the node takes a pod, and in which order: upstream's admit handlers. */
import type { Node } from '#api/core/node.ts'
import { type AdmissionCheck, admitPod } from './admission.ts'
import { refuseSecurity, type SecurityFacts } from './security-admission.ts'
import { refuseSysctls } from './sysctls.ts'

export interface AdmissionParts {
  node(): Node | undefined
  /** As the configuration writes them: names, or beginnings that end in `*`. */
  allowedUnsafeSysctls: readonly string[]
  security: SecurityFacts
  /** The node runs out of something. */
  pressure: AdmissionCheck
}

/** Pressure first; then sysctls, devices and processors, what the scheduler would say, and what the node as a whole is doing. */
export function admissionChecks(parts: AdmissionParts): AdmissionCheck[] {
  return [
    parts.pressure,
    (pod) => refuseSysctls(pod, parts.allowedUnsafeSysctls),
    (pod, others) => {
      const node = parts.node()
      return node ? admitPod(pod, others, node) : undefined
    },
    (pod) => refuseSecurity(pod, parts.security),
  ]
}
