/** The environment of a container, in upstream's order and with its error texts: services, envFrom, env, each able to refer to what came before. Pure. */
import type { ConfigMap } from '#api/core/config-map.ts'
import type { EnvFromSource, EnvVar, FileKeySelector } from '#api/core/env.ts'
import type { Pod } from '#api/core/pod.ts'
import type { Secret } from '#api/core/secret.ts'
import type { Service } from '#api/core/service.ts'
import { type AnyContainer, containerNamed } from '#kubelet/pods/pod-containers.ts'
import { parseEnvFile } from './env-file.ts'
import { expand } from './expansion.ts'
import { type DownwardFacts, FieldPathError, fieldText, limitsFor, resourceText } from './field-refs.ts'
import { servicesFor, serviceVariables } from './service-env.ts'

/** The objects that the pod refers to, as they are now; undefined for one that does not exist. */
export interface EnvSources {
  configMap(name: string): ConfigMap | undefined
  secret(name: string): Secret | undefined
  services: readonly Service[]
  /** Text of a file in one of the pod's volumes. Throws ConfigError. */
  file(volume: string, path: string): string
}

/** Thrown when a container cannot be configured: its waiting reason is CreateContainerConfigError. */
export class ConfigError extends Error {}

/** Any name is taken that the API lets through: printable ASCII without the equals sign, as upstream since 1.34. */
export function containerEnv(pod: Pod, container: AnyContainer, sources: EnvSources, facts: DownwardFacts): Map<string, string> {
  const namespace = pod.metadata.namespace ?? ''
  const services = serviceVariables(servicesFor(namespace, pod.spec?.enableServiceLinks ?? true, sources.services))
  const variables = new Map<string, string>()
  for (const source of container.envFrom ?? []) addFrom(source, sources, variables)
  const lookup = (name: string): string | undefined => variables.get(name) ?? services.get(name)
  for (const variable of container.env ?? []) {
    const value = variableValue(variable, { pod, container, sources, facts, lookup })
    if (value !== undefined) variables.set(variable.name, value)
  }
  for (const [name, value] of services) if (!variables.has(name)) variables.set(name, value)
  return variables
}

function addFrom(source: EnvFromSource, sources: EnvSources, into: Map<string, string>): void {
  const { configMapRef, secretRef } = source
  const ref = configMapRef ?? secretRef
  if (!ref) return
  const name = ref.name ?? ''
  const data = configMapRef ? sources.configMap(name)?.data : decoded(sources.secret(name))
  const exists = configMapRef ? sources.configMap(name) !== undefined : sources.secret(name) !== undefined
  if (!exists && ref.optional) return
  if (!exists) throw new ConfigError(`${configMapRef ? 'configmap' : 'secret'} "${name}" not found`)
  for (const [key, value] of Object.entries(data ?? {})) into.set(`${source.prefix ?? ''}${key}`, value)
}

function decoded(secret: Secret | undefined): Record<string, string> | undefined {
  if (!secret?.data) return undefined
  return Object.fromEntries(Object.entries(secret.data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]))
}

interface ValueContext {
  pod: Pod
  container: AnyContainer
  sources: EnvSources
  facts: DownwardFacts
  lookup(name: string): string | undefined
}

/** Undefined leaves the variable out (an optional key that does not exist). */
function variableValue(variable: EnvVar, context: ValueContext): string | undefined {
  const from = variable.valueFrom
  if (!from) return expand(variable.value ?? '', context.lookup)
  const { pod, container, facts, sources } = context
  try {
    if (from.fieldRef) return fieldText(pod, from.fieldRef.fieldPath, facts)
    if (from.resourceFieldRef) {
      const other = from.resourceFieldRef.containerName
      const target = other ? containerNamed(pod, other)?.container : container
      if (!target) throw new ConfigError(`container ${other} not found`)
      return resourceText(target, from.resourceFieldRef, { allocatable: limitsFor(pod, facts) })
    }
  } catch (error) {
    if (error instanceof FieldPathError) throw new ConfigError(error.message)
    throw error
  }
  if (from.configMapKeyRef) return keyOf(from.configMapKeyRef, 'ConfigMap', sources.configMap(from.configMapKeyRef.name ?? ''), pod)
  if (from.secretKeyRef) return keyOf(from.secretKeyRef, 'Secret', sources.secret(from.secretKeyRef.name ?? ''), pod)
  if (from.fileKeyRef) return fileValue(from.fileKeyRef, sources)
  return ''
}

function fileValue(ref: FileKeySelector, sources: EnvSources): string | undefined {
  const text = sources.file(ref.volumeName, ref.path)
  let value: string
  try {
    value = parseEnvFile(text, ref.key)
  } catch (cause) {
    // Upstream tells no more: the file is the pod's own, its text may be secret.
    throw new ConfigError("couldn't parse env file", { cause })
  }
  if (value !== '') return value
  if (ref.optional) return undefined
  throw new ConfigError(`environment variable key "${ref.key}" not found in file "${ref.path}"`)
}

function keyOf(
  ref: { name?: string | undefined; key: string; optional?: boolean | undefined },
  kind: 'ConfigMap' | 'Secret',
  object: ConfigMap | Secret | undefined,
  pod: Pod,
): string | undefined {
  const { name = '', key, optional } = ref
  if (!object && optional) return undefined
  if (!object) throw new ConfigError(`${kind.toLowerCase()} "${name}" not found`)
  const data = object.data ?? {}
  if (Object.hasOwn(data, key)) return kind === 'Secret' ? Buffer.from(data[key] ?? '', 'base64').toString('utf8') : data[key]
  if (optional) return undefined
  throw new ConfigError(`couldn't find key ${key} in ${kind} ${pod.metadata.namespace}/${name}`)
}
