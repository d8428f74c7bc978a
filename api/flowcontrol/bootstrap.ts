/** Flow schemas and priority levels that every cluster has: the mandatory ones, and those that are suggested (upstream: apiserver/pkg/apis/flowcontrol/bootstrap). */
import type { FlowSchemaSpec, PolicyRulesWithSubjects, ResourcePolicyRule, Subject } from './flow-schema.ts'
import type { PriorityLevelConfigurationSpec } from './priority-level-configuration.ts'

/** Whether the server keeps a suggested object as this release has it; administrators set it to false. */
export const autoUpdateAnnotation = 'apf.kubernetes.io/autoupdate-spec'

interface Limited {
  shares: number
  lendable: number
  /** Queues, and how many of them one flow may use; none reject what finds no seat. */
  queues?: readonly [queues: number, handSize: number]
}

function limited({ shares, lendable, queues }: Limited): PriorityLevelConfigurationSpec {
  const limitResponse = queues
    ? { type: 'Queue', queuing: { queues: queues[0], handSize: queues[1], queueLengthLimit: 50 } }
    : { type: 'Reject' }
  return { type: 'Limited', limited: { nominalConcurrencyShares: shares, limitResponse, lendablePercent: lendable } }
}

export const mandatoryPriorityLevels: ReadonlyMap<string, PriorityLevelConfigurationSpec> = new Map([
  ['catch-all', limited({ shares: 5, lendable: 0 })],
  ['exempt', { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } }],
])

export const suggestedPriorityLevels: ReadonlyMap<string, PriorityLevelConfigurationSpec> = new Map([
  ['system', limited({ shares: 30, lendable: 33, queues: [64, 6] })],
  ['node-high', limited({ shares: 40, lendable: 25, queues: [64, 6] })],
  ['leader-election', limited({ shares: 10, lendable: 0, queues: [16, 4] })],
  ['workload-high', limited({ shares: 40, lendable: 50, queues: [128, 6] })],
  ['workload-low', limited({ shares: 100, lendable: 90, queues: [128, 6] })],
  ['global-default', limited({ shares: 20, lendable: 50, queues: [128, 6] })],
])

const groups = (...names: string[]): Subject[] => names.map((name) => ({ kind: 'Group', group: { name } }))
const users = (...names: string[]): Subject[] => names.map((name) => ({ kind: 'User', user: { name } }))
const kubeSystem: Subject = { kind: 'ServiceAccount', serviceAccount: { namespace: 'kube-system', name: '*' } }
const everybody = groups('system:unauthenticated', 'system:authenticated')

const all: ResourcePolicyRule = { verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] }
const everything = (subjects: Subject[]): PolicyRulesWithSubjects => ({
  subjects,
  resourceRules: [all],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
})

interface Flow {
  level: string
  precedence: number
  by?: 'ByUser' | 'ByNamespace'
  rule: PolicyRulesWithSubjects
}

const flow = ({ level, precedence, by, rule }: Flow): FlowSchemaSpec => ({
  priorityLevelConfiguration: { name: level },
  matchingPrecedence: precedence,
  ...(by ? { distinguisherMethod: { type: by } } : {}),
  rules: [rule],
})

export const mandatoryFlowSchemas: ReadonlyMap<string, FlowSchemaSpec> = new Map([
  ['exempt', flow({ level: 'exempt', precedence: 1, rule: everything(groups('system:masters')) })],
  ['catch-all', flow({ level: 'catch-all', precedence: 10000, by: 'ByUser', rule: everything(everybody) })],
])

const leases: ResourcePolicyRule = { verbs: ['*'], apiGroups: ['coordination.k8s.io'], resources: ['leases'], namespaces: ['*'] }
const nodes: ResourcePolicyRule = {
  verbs: ['*'],
  apiGroups: [''],
  resources: ['nodes', 'nodes/status'],
  clusterScope: true,
  namespaces: ['*'],
}
const managers = users('system:kube-controller-manager', 'system:kube-scheduler')
const probes: PolicyRulesWithSubjects = {
  subjects: everybody,
  nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }],
}
const elections: PolicyRulesWithSubjects = {
  subjects: [...managers, kubeSystem],
  resourceRules: [{ ...leases, verbs: ['get', 'create', 'update'] }],
}

export const suggestedFlowSchemas: ReadonlyMap<string, FlowSchemaSpec> = new Map([
  ['system-nodes', flow({ level: 'system', precedence: 500, by: 'ByUser', rule: everything(groups('system:nodes')) })],
  [
    'system-node-high',
    flow({ level: 'node-high', precedence: 400, by: 'ByUser', rule: { subjects: groups('system:nodes'), resourceRules: [nodes, leases] } }),
  ],
  ['probes', flow({ level: 'exempt', precedence: 2, rule: probes })],
  ['system-leader-election', flow({ level: 'leader-election', precedence: 100, by: 'ByUser', rule: elections })],
  [
    'kube-controller-manager',
    flow({ level: 'workload-high', precedence: 800, by: 'ByNamespace', rule: everything(users('system:kube-controller-manager')) }),
  ],
  [
    'kube-scheduler',
    flow({ level: 'workload-high', precedence: 800, by: 'ByNamespace', rule: everything(users('system:kube-scheduler')) }),
  ],
  ['kube-system-service-accounts', flow({ level: 'workload-high', precedence: 900, by: 'ByNamespace', rule: everything([kubeSystem]) })],
  ['service-accounts', flow({ level: 'workload-low', precedence: 9000, by: 'ByUser', rule: everything(groups('system:serviceaccounts')) })],
  ['global-default', flow({ level: 'global-default', precedence: 9900, by: 'ByUser', rule: everything(everybody) })],
])
