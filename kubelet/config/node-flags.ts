/** What cannot be said of a node by flags: found before it is registered, where the API server would refuse it again and again. Pure. */
import { isQuantity } from '#api/meta/quantity.ts'
import { parseIp } from '#api/validation/addresses.ts'
import { checkDns1123Subdomain, checkLabelValue, checkQualifiedName } from '#api/validation/names.ts'

export interface NodeFlags {
  nodeName: string
  /** Empty where it is found by itself. */
  nodeIp: string
  labels: ReadonlyMap<string, string>
  capacity: ReadonlyMap<string, string>
}

/** A line for the user, or undefined. */
export function nodeFlagProblem({ nodeName, nodeIp, labels, capacity }: NodeFlags): string | undefined {
  const [badName] = checkDns1123Subdomain(nodeName)
  if (badName !== undefined) return `"${nodeName}" cannot be the name of a node (--hostname-override, or else the host's name): ${badName}`
  if (nodeIp !== '' && !parseIp(nodeIp)) return `--node-ip: "${nodeIp}" is not an IP address`
  const badLabels = [...labels].flatMap(([key, value]) => [...told(key, checkQualifiedName(key)), ...told(value, checkLabelValue(value))])
  if (badLabels.length > 0) return `invalid node labels: ${badLabels.join('; ')}`
  const odd = [...capacity].find(([, amount]) => !isQuantity(amount))
  return odd && `--node-capacity: "${odd[1]}" of ${odd[0]} is not a quantity such as 2 or 4Gi`
}

const told = (text: string, faults: readonly string[]): string[] => (faults.length === 0 ? [] : [`'${text}' - ${faults.join(', ')}`])
