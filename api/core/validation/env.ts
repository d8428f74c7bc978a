/** Rules of environment variables. */
import type { ConfigMapKeySelector, EnvFromSource, EnvVar, EnvVarSource, FileKeySelector } from '#api/core/env.ts'
import { type FieldError, invalid, required } from '#api/meta/field-error.ts'
import { checkConfigMapKey, checkDns1123Subdomain, checkRelaxedEnvVarName } from '#api/validation/names.ts'
import { envFieldPaths, validateFieldSelector, validateResourceFieldSelector } from './field-selectors.ts'
import { checkLabelName, checkNoBacksteps, invalids } from './values.ts'

/** References of pod templates may stand for generated names and so end in a dash. */
const asPrefix = (name: string): string => (name.endsWith('-') ? `${name.slice(0, -1)}a` : name)

function validateKeySelector(selector: ConfigMapKeySelector, path: string): FieldError[] {
  const name = selector.name ?? ''
  const found = invalids(`${path}.name`, name, checkDns1123Subdomain(name))
  const key = selector.key ?? ''
  return [...found, ...(key === '' ? [required(`${path}.key`)] : invalids(`${path}.key`, key, checkConfigMapKey(key)))]
}

function validateFileKey(selector: FileKeySelector, path: string): FieldError[] {
  const { key, volumeName, path: file } = selector
  return [
    ...(key ? invalids(`${path}.key`, key, checkRelaxedEnvVarName(key)) : [required(`${path}.key`)]),
    ...(volumeName ? checkLabelName(`${path}.volumeName`, volumeName) : [required(`${path}.volumeName`)]),
    ...(file ? checkNoBacksteps(`${path}.path`, file) : [required(`${path}.path`)]),
  ]
}

const envSources = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef', 'fileKeyRef'] as const

function validateValueFrom(source: EnvVarSource, value: string, path: string): FieldError[] {
  const found: FieldError[] = []
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = source
  if (fieldRef) found.push(...validateFieldSelector(fieldRef, envFieldPaths, `${path}.fieldRef`))
  if (resourceFieldRef) found.push(...validateResourceFieldSelector(resourceFieldRef, `${path}.resourceFieldRef`, false))
  if (configMapKeyRef) found.push(...validateKeySelector(configMapKeyRef, `${path}.configMapKeyRef`))
  if (secretKeyRef) found.push(...validateKeySelector(secretKeyRef, `${path}.secretKeyRef`))
  if (fileKeyRef) found.push(...validateFileKey(fileKeyRef, `${path}.fileKeyRef`))
  const count = envSources.filter((name) => source[name] !== undefined).length
  if (count === 0) {
    const text = 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'
    found.push(invalid(path, '', text))
  } else if (value !== '') found.push(invalid(path, '', 'may not be specified when `value` is not empty'))
  else if (count > 1) found.push(invalid(path, '', 'may not have more than one field specified at a time'))
  return found
}

export function validateEnv(variables: readonly EnvVar[], path: string): FieldError[] {
  return variables.flatMap(({ name, value, valueFrom }, i) => [
    ...(name ? invalids(`${path}[${i}].name`, name, checkRelaxedEnvVarName(name)) : [required(`${path}[${i}].name`)]),
    ...(valueFrom ? validateValueFrom(valueFrom, value ?? '', `${path}[${i}].valueFrom`) : []),
  ])
}

function validateEnvReference(ref: { name?: string | undefined }, path: string): FieldError[] {
  if (!ref.name) return [required(`${path}.name`)]
  return invalids(`${path}.name`, ref.name, checkDns1123Subdomain(asPrefix(ref.name)))
}

export function validateEnvFrom(sources: readonly EnvFromSource[], path: string): FieldError[] {
  const found: FieldError[] = []
  for (const [i, { prefix, configMapRef, secretRef }] of sources.entries()) {
    const at = `${path}[${i}]`
    if (prefix) found.push(...invalids(`${at}.prefix`, prefix, checkRelaxedEnvVarName(prefix)))
    if (configMapRef) found.push(...validateEnvReference(configMapRef, `${at}.configMapRef`))
    if (secretRef) found.push(...validateEnvReference(secretRef, `${at}.secretRef`))
    if (!configMapRef && !secretRef) found.push(invalid(path, '', 'must specify one of: `configMapRef` or `secretRef`'))
    else if (configMapRef && secretRef) found.push(invalid(path, '', 'may not have more than one field specified at a time'))
  }
  return found
}
