/** Rules of CSI drivers, their nodes and their free capacity (upstream: pkg/apis/storage/validation), and texts for the Warning header. */
import { labelFault } from '#api/core/pod-warnings.ts'
import { validateKubeFinalizers } from '#api/core/validation/finalizers.ts'
import { validateMetaAgain } from '#api/core/validation/meta-again.ts'
import { checkNonnegative, checkNonnegativeQuantity, checkSubdomainName, immutableMessage, invalids } from '#api/core/validation/values.ts'
import { duplicate, type FieldError, invalid, notSupported, required, tooLong } from '#api/meta/field-error.ts'
import { sameValue } from '#api/meta/same-value.ts'
import type { CSIDriver, CSIDriverSpec, TokenRequest } from '#api/storage/csi-driver.ts'
import type { CSINode, CSINodeDriver } from '#api/storage/csi-node.ts'
import type { CSIStorageCapacity } from '#api/storage/csi-storage-capacity.ts'
import { validateLabelSelector } from '#api/validation/label-selector.ts'
import { byteLength, checkDns1123Subdomain, checkQualifiedName } from '#api/validation/names.ts'

const longest = { driverName: 63, nodeId: 256 }
const policies = ['File', 'None', 'ReadWriteOnceWithFSType']
const modes = ['Persistent', 'Ephemeral']
const shortestTokenSeconds = 600
const longestTokenSeconds = 2 ** 32
const shortestUpdateSeconds = 10

/** Names of drivers are as long as labels, whatever case they are in. */
export function validateDriverName(name: string, field: string): FieldError[] {
  if (name === '') return [required(field)]
  const found = byteLength(name) > longest.driverName ? [tooLong(field, longest.driverName)] : []
  return [...found, ...invalids(field, name, checkDns1123Subdomain(name.toLowerCase()))]
}

function validateTokens(tokens: readonly TokenRequest[]): FieldError[] {
  const seen = new Set<string>()
  return tokens.flatMap(({ audience, expirationSeconds: seconds }, i) => {
    const at = `spec.tokenRequests[${i}]`
    if (seen.has(audience)) return [duplicate(`${at}.audience`, audience)]
    seen.add(audience)
    if (seconds === undefined) return []
    if (seconds < shortestTokenSeconds) {
      return [invalid(`${at}.expirationSeconds`, seconds, 'may not specify a duration less than 10 minutes')]
    }
    if (seconds <= longestTokenSeconds) return []
    return [invalid(`${at}.expirationSeconds`, seconds, 'may not specify a duration larger than 2^32 seconds')]
  })
}

function validateDriverSpec(spec: CSIDriverSpec): FieldError[] {
  const { fsGroupPolicy, tokenRequests = [], volumeLifecycleModes = [], nodeAllocatableUpdatePeriodSeconds: period } = spec
  const found: FieldError[] = []
  if (fsGroupPolicy !== undefined && !policies.includes(fsGroupPolicy)) {
    found.push(notSupported('spec.fsGroupPolicy', fsGroupPolicy, policies))
  }
  found.push(...validateTokens(tokenRequests))
  for (const mode of volumeLifecycleModes) {
    if (!modes.includes(mode)) found.push(notSupported('spec.volumeLifecycleModes', mode, modes))
  }
  if (period !== undefined && period < shortestUpdateSeconds) {
    found.push(invalid('spec.nodeAllocatableUpdatePeriodSeconds', period, 'must be greater than or equal to 10 seconds'))
  }
  const { serviceAccountTokenInSecrets: inSecrets } = spec
  if (inSecrets !== undefined && tokenRequests.length === 0) {
    const why = 'serviceAccountTokenInSecrets is set but no tokenRequests are specified'
    found.push(invalid('spec.serviceAccountTokenInSecrets', inSecrets, why))
  }
  return found
}

export function validateCSIDriver(next: CSIDriver, prev: CSIDriver | undefined): FieldError[] {
  const { attachRequired, volumeLifecycleModes: lifecycles } = next.spec
  const found = [...validateKubeFinalizers(next.metadata), ...validateDriverSpec(next.spec)]
  if (!prev) return found
  // upstream's name of the field
  if (attachRequired !== prev.spec.attachRequired) found.push(invalid('spec.attachedRequired', attachRequired, immutableMessage))
  if (!sameValue(lifecycles, prev.spec.volumeLifecycleModes)) {
    found.push(invalid('spec.volumeLifecycleModes', lifecycles, immutableMessage))
  }
  return found
}

const tokensInVolume =
  'spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes'

export function csiDriverWarnings({ spec }: CSIDriver, prev: CSIDriver | undefined): string[] {
  if ((spec.tokenRequests ?? []).length === 0 || spec.serviceAccountTokenInSecrets !== undefined) return []
  return prev && sameValue(spec.tokenRequests, prev.spec.tokenRequests) ? [] : [tokensInVolume]
}

function validateNodeDriver(driver: CSINodeDriver, at: string, isAgain: boolean): FieldError[] {
  const { name, nodeID, topologyKeys, allocatable } = driver
  const found = validateDriverName(name, `${at}.name`)
  if (nodeID === '') found.push(required(`${at}.nodeID`))
  if (byteLength(nodeID) > longest.nodeId) found.push(invalid(`${at}.nodeID`, nodeID, `must be ${longest.nodeId} characters or less`))
  found.push(...checkNonnegative(`${at}.allocatable.count`, allocatable?.count))
  if (isAgain) found.push(duplicate(`${at}.name`, name))
  const seen = new Set<string>()
  for (const key of topologyKeys ?? []) {
    if (key === '') found.push(required(at))
    if (seen.has(key)) found.push(duplicate(at, key))
    seen.add(key)
    found.push(...invalids(at, key, checkQualifiedName(key)))
  }
  return found
}

/** As Go writes upstream's own struct; how many volumes a node takes may change and is left out. */
const goDriver = ({ name, nodeID, topologyKeys }: CSINodeDriver): object => ({
  Name: name,
  NodeID: nodeID,
  TopologyKeys: topologyKeys?.length ? topologyKeys : null,
  Allocatable: null,
})

/** Upstream looks at a changed object twice. */
export function validateCSINode(next: CSINode, prev: CSINode | undefined): FieldError[] {
  const drivers = next.spec.drivers ?? []
  const names = drivers.map(({ name }) => name)
  const own = drivers.flatMap((driver, i) => validateNodeDriver(driver, `spec.drivers[${i}]`, names.indexOf(driver.name) < i))
  const meta = validateMetaAgain(next.metadata, prev !== undefined, { namespaced: false })
  if (!prev) return [...meta, ...own]
  const changes = (prev.spec.drivers ?? []).flatMap((old) => {
    const changed = drivers.filter((driver) => driver.name === old.name && !sameValue(goDriver(driver), goDriver(old)))
    return changed.map((driver) => invalid('spec.drivers', goDriver(driver), immutableMessage))
  })
  return [...meta, ...own, ...own, ...changes]
}

export function validateCSIStorageCapacity(next: CSIStorageCapacity, prev: CSIStorageCapacity | undefined): FieldError[] {
  const { nodeTopology, storageClassName, capacity } = next
  const allowInvalidValues = prev !== undefined && validateLabelSelector(prev.nodeTopology, '').length > 0
  const found = validateMetaAgain(next.metadata, prev !== undefined, { namespaced: true })
  found.push(...validateLabelSelector(nodeTopology, 'nodeTopology', { allowInvalidValues }))
  found.push(...checkSubdomainName('storageClassName', storageClassName))
  if (capacity !== undefined) found.push(...checkNonnegativeQuantity('capacity', capacity))
  if (!prev) return found
  if (!sameValue(nodeTopology, prev.nodeTopology)) found.push(invalid('nodeTopology', nodeTopology, immutableMessage))
  if (storageClassName !== prev.storageClassName) found.push(invalid('storageClassName', storageClassName, immutableMessage))
  return found
}

export function csiStorageCapacityWarnings({ nodeTopology }: CSIStorageCapacity): string[] {
  const faultsOf = (key: string): string[] => [labelFault(key)].filter((fault) => fault !== undefined)
  const expressions = (nodeTopology?.matchExpressions ?? []).flatMap(({ key }, i) =>
    faultsOf(key).map((fault) => `nodeTopology.matchExpressions[${i}].key: ${key} is ${fault}`),
  )
  const labels = Object.keys(nodeTopology?.matchLabels ?? {}).flatMap((key) =>
    faultsOf(key).map((fault) => `nodeTopology.matchLabels.${key}: ${fault}`),
  )
  return [...expressions, ...labels]
}
