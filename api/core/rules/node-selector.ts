/** Whether a node is one that a pod asks for (upstream: component-helpers/scheduling/corev1/nodeaffinity). */
import type { NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PreferredSchedulingTerm } from '#api/core/affinity.ts'
import type { Node } from '#api/core/node.ts'
import type { PodSpec } from '#api/core/pod-spec.ts'

type NodeLike = Pick<Node, 'metadata'>
type Labels = Readonly<Record<string, string>> | undefined

const own = (labels: Labels, key: string): string | undefined => (labels && Object.hasOwn(labels, key) ? labels[key] : undefined)
const wholeNumber = /^[+-]?\d+$/

function compares(operator: 'Gt' | 'Lt', value: string | undefined, bound: string | undefined): boolean {
  if (value === undefined || bound === undefined || !wholeNumber.test(value) || !wholeNumber.test(bound)) return false
  return operator === 'Gt' ? BigInt(value) > BigInt(bound) : BigInt(value) < BigInt(bound)
}

function requirementMatches({ key, operator, values }: NodeSelectorRequirement, labels: Labels): boolean {
  const value = own(labels, key)
  switch (operator) {
    case 'In':
      return value !== undefined && (values ?? []).includes(value)
    case 'NotIn':
      return value === undefined || !(values ?? []).includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
    case 'Lt':
      return compares(operator, value, values?.[0])
    default:
      return false
  }
}

/** metadata.name is the only field that can be matched. */
function fieldMatches(requirement: NodeSelectorRequirement, node: NodeLike): boolean {
  if (requirement.key !== 'metadata.name' || requirement.values?.length !== 1) return false
  const same = requirement.values[0] === node.metadata.name
  return requirement.operator === 'In' ? same : requirement.operator === 'NotIn' && !same
}

/** All requirements of a term must hold; an empty term matches nothing. */
export function termMatches(term: NodeSelectorTerm, node: NodeLike): boolean {
  const expressions = term.matchExpressions ?? []
  const fields = term.matchFields ?? []
  if (expressions.length + fields.length === 0) return false
  return (
    expressions.every((requirement) => requirementMatches(requirement, node.metadata.labels)) &&
    fields.every((requirement) => fieldMatches(requirement, node))
  )
}

/** One term suffices. */
export function nodeSelectorMatches(selector: NodeSelector, node: NodeLike): boolean {
  return (selector.nodeSelectorTerms ?? []).some((term) => termMatches(term, node))
}

/** `nodeSelector` and required node affinity together. */
export function podWantsNode(spec: Pick<PodSpec, 'nodeSelector' | 'affinity'>, node: NodeLike): boolean {
  for (const [key, value] of Object.entries(spec.nodeSelector ?? {})) if (own(node.metadata.labels, key) !== value) return false
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  return required === undefined || nodeSelectorMatches(required, node)
}

/** Sum of the weights of the preferred terms that match; an empty preference matches every node. */
export function preferredWeight(terms: readonly PreferredSchedulingTerm[] | undefined, node: NodeLike): number {
  let sum = 0
  for (const { weight, preference } of terms ?? []) if (termMatches(preference, node)) sum += weight
  return sum
}
