/** The keys of the KubeletConfiguration about cgroups, reservations and processors, and which of them do not go together. */
import * as z from 'zod'
import { parseDuration } from '#component/flags.ts'
import { parseCpuSet } from '#kubelet/cpus/cpu-set.ts'
import { topologyPolicies } from '#kubelet/topology/hints.ts'

function isCpuSet(text: string): boolean {
  try {
    parseCpuSet(text)
    return true
  } catch (error) {
    if (error instanceof Error) return false
    throw error
  }
}

const enforcements = [
  'pods',
  'system-reserved',
  'kube-reserved',
  'system-reserved-compressible',
  'kube-reserved-compressible',
  'none',
] as const

export const resourceKeys = {
  cgroupDriver: z.enum(['cgroupfs', 'systemd'], { error: 'is cgroupfs or systemd' }).default('cgroupfs'),
  cpuManagerPolicy: z.enum(['none', 'static', ''], { error: 'is none or static' }).default('none'),
  cpuManagerPolicyOptions: z.record(z.string(), z.string()).default({}),
  cpuManagerReconcilePeriod: z
    .union([z.string(), z.number()])
    .default('10s')
    .transform((text) => parseDuration(String(text))),
  reservedSystemCPUs: z
    .string()
    .default('')
    .refine((text) => isCpuSet(text), 'is not a list of processors such as 0-1,4'),
  topologyManagerPolicy: z
    .enum([...topologyPolicies, ''], { error: `is one of ${topologyPolicies.join(', ')}` })
    .default('none')
    .transform((policy) => policy || 'none'),
  topologyManagerScope: z
    .enum(['container', 'pod', ''], { error: 'is container or pod' })
    .default('container')
    .transform((scope) => scope || 'container'),
  topologyManagerPolicyOptions: z.strictObject({}, { error: 'are not supported by this kubelet' }).default({}),
  enforceNodeAllocatable: z.array(z.enum(enforcements)).default(['pods']),
  systemReservedCgroup: z.string().default(''),
  kubeReservedCgroup: z.string().default(''),
} as const

export type ResourceConfig = z.output<z.ZodObject<typeof resourceKeys>>

type Reserved = Record<string, string>

/** Processors that are named are what is reserved, whatever else was said of CPU. */
export function withReservedCpus<T extends ResourceConfig & { systemReserved: Reserved; kubeReserved: Reserved }>(config: T): T {
  if (config.reservedSystemCPUs === '') return config
  const { cpu: _, ...kubeReserved } = config.kubeReserved
  const cpu = String(parseCpuSet(config.reservedSystemCPUs).size)
  return { ...config, systemReserved: { ...config.systemReserved, cpu }, kubeReserved }
}

/** Undefined where all is well. The rules are upstream's. */
export function resourceConfigProblem(config: ResourceConfig & { cgroupRoot?: string }): string | undefined {
  const { enforceNodeAllocatable: enforced, systemReservedCgroup, kubeReservedCgroup } = config
  const has = (name: (typeof enforcements)[number]): boolean => enforced.includes(name)
  if (new Set(enforced).size < enforced.length) return 'enforceNodeAllocatable names an enforcement twice'
  if (has('none') && enforced.length > 1) return 'enforceNodeAllocatable may not contain additional enforcements when "none" is specified'
  for (const [kind, cgroup] of [
    ['system', systemReservedCgroup],
    ['kube', kubeReservedCgroup],
  ] as const) {
    const [whole, part] = [`${kind}-reserved`, `${kind}-reserved-compressible`] as const
    if (has(whole) && has(part)) return `both "${whole}" and "${part}" cannot be specified together in enforceNodeAllocatable`
    if ((has(whole) || has(part)) && cgroup === '')
      return `${kind}ReservedCgroup must be specified when "${whole}" or "${part}" is in enforceNodeAllocatable`
  }
  if (config.cgroupDriver === 'systemd' && (config.cgroupRoot ?? '/') !== '/') return 'cgroupRoot is not supported with the systemd driver'
  if (config.reservedSystemCPUs !== '' && (systemReservedCgroup !== '' || kubeReservedCgroup !== ''))
    return "can't use reservedSystemCPUs with systemReservedCgroup or kubeReservedCgroup"
  return undefined
}
