/** Rules of containers, init containers and ephemeral containers, in upstream's order. */
import type { Container, ContainerPort, ContainerRestartRule, EphemeralContainer } from '#api/core/container.ts'
import { duplicate, type FieldError, forbidden, invalid, notFound, notSupported, required, tooLong } from '#api/meta/field-error.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { checkPortName, checkPortNumber } from '#api/validation/names.ts'
import type { PodContext } from './context.ts'
import { validateEnv, validateEnvFrom } from './env.ts'
import { validateDevices, validateMounts } from './mounts.ts'
import { validateProbes } from './probes.ts'
import { validateContainerResources, validateResizePolicies } from './resource-amounts.ts'
import { validateSecurityContext } from './security-context.ts'
import { checkLabelName, invalids, requireOneOf, requireText } from './values.ts'

const pullPolicies = ['Always', 'IfNotPresent', 'Never']
const messagePolicies = ['File', 'FallbackToLogsOnError']
const restartPolicies = ['Always', 'Never', 'OnFailure']
export const protocols = ['SCTP', 'TCP', 'UDP']
const mostRestartRules = 20
const mostExitCodes = 255

function validatePorts(ports: readonly ContainerPort[], path: string): FieldError[] {
  const found: FieldError[] = []
  const names = new Set<string>()
  for (const [i, { name, containerPort, hostPort, protocol }] of ports.entries()) {
    const at = `${path}[${i}]`
    if (name) {
      const messages = checkPortName(name)
      if (messages.length > 0) found.push(...invalids(`${at}.name`, name, messages))
      else if (names.has(name)) found.push(duplicate(`${at}.name`, name))
      else names.add(name)
    }
    if (!containerPort) found.push(required(`${at}.containerPort`))
    else found.push(...invalids(`${at}.containerPort`, containerPort, checkPortNumber(containerPort)))
    if (hostPort) found.push(...invalids(`${at}.hostPort`, hostPort, checkPortNumber(hostPort)))
    found.push(...requireOneOf(`${at}.protocol`, protocol, protocols))
  }
  return found
}

/** Two containers of one pod cannot take the same port of the host. */
function validateHostPorts(containers: readonly Container[], path: string): FieldError[] {
  const found: FieldError[] = []
  const taken = new Set<string>()
  for (const [c, container] of containers.entries()) {
    for (const [p, { protocol, hostIP, hostPort }] of (container.ports ?? []).entries()) {
      if (!hostPort) continue
      const key = `${protocol}/${hostIP ?? ''}/${hostPort}`
      if (taken.has(key)) found.push(duplicate(`${path}[${c}].ports[${p}].hostPort`, key))
      taken.add(key)
    }
  }
  return found
}

/** What holds for containers of every sort. */
function validateContainer(container: Container, path: string, context: PodContext): FieldError[] {
  const { name, image, terminationMessagePolicy: policy } = container
  const { volumes, spec } = context
  return [
    ...(name ? checkLabelName(`${path}.name`, name) : [required(`${path}.name`)]),
    ...requireText(`${path}.image`, image),
    ...requireOneOf(`${path}.terminationMessagePolicy`, policy, messagePolicies),
    ...validatePorts(container.ports ?? [], `${path}.ports`),
    ...validateEnv(container.env ?? [], `${path}.env`),
    ...validateEnvFrom(container.envFrom ?? [], `${path}.envFrom`),
    ...validateMounts(container, `${path}.volumeMounts`, volumes),
    ...validateDevices(container, `${path}.volumeDevices`, volumes),
    ...requireOneOf(`${path}.imagePullPolicy`, container.imagePullPolicy, pullPolicies),
    ...validateContainerResources(container.resources, `${path}.resources`, context),
    ...validateResizePolicies(container.resizePolicy ?? [], `${path}.resizePolicy`, spec.restartPolicy ?? ''),
    ...validateSecurityContext(container.securityContext, `${path}.securityContext`, spec.hostUsers !== false),
  ]
}

function validateRestartRule(rule: ContainerRestartRule, path: string): FieldError[] {
  const found: FieldError[] = []
  const action = rule.action ?? ''
  if (action !== 'Restart') found.push(notSupported(`${path}.action`, action, ['Restart']))
  if (!rule.exitCodes) return [...found, required(`${path}.exitCodes`, 'must be specified')]
  const { operator = '', values = [] } = rule.exitCodes
  if (operator !== 'In' && operator !== 'NotIn') found.push(notSupported(`${path}.exitCodes.operator`, operator, ['In', 'NotIn']))
  if (values.length > mostExitCodes) found.push(tooLong(`${path}.exitCodes.values`, mostExitCodes))
  return found
}

function validateRestartPolicy(container: Container, path: string): FieldError[] {
  const { restartPolicy: policy, restartPolicyRules: rules = [] } = container
  const field = `${path}.restartPolicy`
  if (policy === undefined) {
    return rules.length === 0
      ? []
      : [required(field, 'must specify restartPolicy when restart rules are used'), ...validateRules(rules, path)]
  }
  const found = restartPolicies.includes(policy) ? [] : [notSupported(field, policy, restartPolicies)]
  return [...found, ...validateRules(rules, path)]
}

function validateRules(rules: readonly ContainerRestartRule[], path: string): FieldError[] {
  const list = `${path}.restartPolicyRules`
  return [
    ...(rules.length > mostRestartRules ? [tooLong(list, mostRestartRules)] : []),
    ...rules.flatMap((rule, i) => validateRestartRule(rule, `${list}[${i}]`)),
  ]
}

function validateInitRestartPolicy(container: Container, path: string): FieldError[] {
  const { restartPolicy: policy, restartPolicyRules: rules = [] } = container
  if (policy === undefined) {
    return rules.length === 0 ? [] : [required(`${path}.restartPolicy`, 'must specify restartPolicy when restart rules are used')]
  }
  if (policy !== 'Always') return validateRestartPolicy(container, path)
  const text = 'restartPolicyRules are not allowed for init containers with restart policy Always'
  return rules.length === 0 ? [] : [forbidden(`${path}.restartPolicyRules`, text)]
}

function validateRunOnce(container: Container, path: string): FieldError[] {
  return (['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const)
    .filter((name) => container[name] !== undefined)
    .map((name) => forbidden(`${path}.${name}`, 'may not be set for init containers without restartPolicy=Always'))
}

/** The pod's own period; upstream leaves the comparison out where that is wrong itself. */
function graceOf({ spec }: PodContext): number | undefined {
  const seconds = spec.terminationGracePeriodSeconds
  return seconds === undefined || seconds < 0 ? undefined : seconds
}

export function validateContainers(containers: readonly Container[], path: string, context: PodContext): FieldError[] {
  if (containers.length === 0) return [required(path)]
  const found: FieldError[] = []
  const names = new Set<string>()
  for (const [i, container] of containers.entries()) {
    const at = `${path}[${i}]`
    found.push(...validateContainer(container, at, context))
    if (names.has(container.name)) found.push(duplicate(`${at}.name`, container.name))
    names.add(container.name)
    found.push(...validateProbes(container, at, graceOf(context)), ...validateRestartPolicy(container, at))
  }
  return [...found, ...validateHostPorts(containers, path)]
}

export function validateInitContainers(containers: readonly Container[], path: string, context: PodContext): FieldError[] {
  const found: FieldError[] = []
  const names = new Set((context.spec.containers ?? []).map((container) => container.name))
  for (const [i, container] of containers.entries()) {
    const at = `${path}[${i}]`
    found.push(...validateContainer(container, at, context), ...validateInitRestartPolicy(container, at))
    if (names.has(container.name)) found.push(duplicate(`${at}.name`, container.name))
    else if (container.name) names.add(container.name)
    // upstream counts from the start of the list for each container alone
    found.push(...validateHostPorts([container], path))
    found.push(...(container.restartPolicy === 'Always' ? validateProbes(container, at, graceOf(context)) : validateRunOnce(container, at)))
  }
  return found
}

const notForEphemeral = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
] as const

function validateEphemeralFields(container: EphemeralContainer, path: string): FieldError[] {
  const text = 'cannot be set for an Ephemeral Container'
  const found: FieldError[] = []
  for (const name of notForEphemeral) {
    const value = container[name]
    // amounts are no pointer: an empty value is none; a list of nothing was written
    const isNone = value === undefined || value === null || (name === 'resources' && sameValue(value, {}))
    if (!isNone) found.push(forbidden(`${path}.${name}`, text))
  }
  for (const [i, mount] of (container.volumeMounts ?? []).entries()) {
    if (mount.subPath) found.push(forbidden(`${path}.volumeMounts[${i}].subPath`, text))
    if (mount.subPathExpr) found.push(forbidden(`${path}.volumeMounts[${i}].subPathExpr`, text))
  }
  return found
}

/** What pods are held to beyond templates. */
export function validateImageText(container: Container, path: string): FieldError[] {
  const image = container.image ?? ''
  return image.trim() === image ? [] : [invalid(`${path}.image`, image, 'must not have leading or trailing whitespace')]
}

export function validateEphemeralContainers(containers: readonly EphemeralContainer[], path: string, context: PodContext): FieldError[] {
  const found: FieldError[] = []
  const others = new Set([...(context.spec.containers ?? []), ...(context.spec.initContainers ?? [])].map(({ name }) => name))
  const names = new Set(others)
  for (const [i, container] of containers.entries()) {
    const at = `${path}[${i}]`
    found.push(...validateContainer(container, at, context), ...validateImageText(container, at))
    if (names.has(container.name)) found.push(duplicate(`${at}.name`, container.name))
    names.add(container.name)
    const target = container.targetContainerName
    if (target && !others.has(target)) found.push(notFound(`${at}.targetContainerName`, target))
    found.push(...validateEphemeralFields(container, at))
  }
  return found
}
