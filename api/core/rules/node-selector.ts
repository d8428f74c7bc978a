/** Which nodes a pod's nodeSelector and required node affinity allow (upstream: component-helpers scheduling/corev1/nodeaffinity). Pure. */
import type { NodeSelectorRequirement, NodeSelectorTerm } from '#api/core/affinity.ts'
import type { PodSpec } from '#api/core/pod-spec.ts'

/** What a selector reads of a node. */
export interface NodeIdentity {
  name: string
  labels: Readonly<Record<string, string>>
}

/** nodeSelector and requiredDuringSchedulingIgnoredDuringExecution together. */
export function matchesNodeSelection(spec: Pick<PodSpec, 'nodeSelector' | 'affinity'>, node: NodeIdentity): boolean {
  for (const [key, value] of Object.entries(spec.nodeSelector ?? {})) {
    if (!Object.hasOwn(node.labels, key) || node.labels[key] !== value) return false
  }
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  return required === undefined || required.nodeSelectorTerms.some((term) => matchesTerm(term, node))
}

/** All requirements of a term hold. A term without requirements matches no node. */
export function matchesTerm(term: NodeSelectorTerm, node: NodeIdentity): boolean {
  const expressions = term.matchExpressions ?? []
  const fields = term.matchFields ?? []
  if (expressions.length + fields.length === 0) return false
  return (
    expressions.every((requirement) => holds(requirement, labelValue(node.labels, requirement.key))) &&
    fields.every((requirement) => holds(requirement, requirement.key === 'metadata.name' ? node.name : undefined))
  )
}

function labelValue(labels: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined
}

function holds({ operator, values = [] }: NodeSelectorRequirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
    case 'Lt':
      return compares(operator, value, values[0])
    default:
      return false
  }
}

const wholeNumber = /^[+-]?\d+$/

function compares(operator: 'Gt' | 'Lt', value: string | undefined, bound: string | undefined): boolean {
  if (value === undefined || bound === undefined || !wholeNumber.test(value) || !wholeNumber.test(bound)) return false
  return operator === 'Gt' ? BigInt(value) > BigInt(bound) : BigInt(value) < BigInt(bound)
}
