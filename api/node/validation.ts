/** Rules of runtime classes (upstream: pkg/apis/node/validation), and texts for the Warning header. */
import type { Toleration } from '#api/core/pod-spec.ts'
import { labelFault } from '#api/core/pod-warnings.ts'
import { nothingTolerated, type PodContext } from '#api/core/validation/context.ts'
import { validateTolerations } from '#api/core/validation/pod-settings.ts'
import { validateContainerResources } from '#api/core/validation/resource-amounts.ts'
import { checkLabelName, immutableMessage } from '#api/core/validation/values.ts'
import { duplicate, type FieldError, invalid } from '#api/meta/field-error.ts'
import { validateLabels, validateObjectMeta } from '#api/validation/object-meta.ts'
import type { RuntimeClass } from './runtime-class.ts'

/** Amounts are looked at as those of a container; there is no pod around. */
const noPod: PodContext = {
  isPod: false,
  spec: { containers: [] },
  meta: {},
  tolerated: nothingTolerated,
  volumes: new Map(),
  claimNames: new Set(),
}

/** As Go writes upstream's own struct. */
const goToleration = ({ key = '', operator = '', value = '', effect = '', tolerationSeconds }: Toleration): object => ({
  Key: key,
  Operator: operator,
  Value: value,
  Effect: effect,
  TolerationSeconds: tolerationSeconds ?? null,
})

function findRepeated(tolerations: readonly Toleration[], path: string): FieldError[] {
  const seen = new Set<string>()
  return tolerations.flatMap((toleration, i) => {
    const { key, operator, value, effect } = toleration
    const content = JSON.stringify([key ?? '', operator ?? '', value ?? '', effect ?? ''])
    if (seen.has(content)) return [duplicate(`${path}[${i}]`, goToleration(toleration))]
    seen.add(content)
    return []
  })
}

export function validateRuntimeClass(next: RuntimeClass, prev: RuntimeClass | undefined): FieldError[] {
  const { handler, overhead, scheduling } = next
  const path = 'scheduling.tolerations'
  const found = prev ? validateObjectMeta(next.metadata, { namespaced: false }) : []
  found.push(...checkLabelName('handler', handler))
  if (overhead) found.push(...validateContainerResources({ limits: overhead.podFixed ?? {} }, 'overhead', noPod))
  if (scheduling) {
    const { nodeSelector, tolerations = [] } = scheduling
    found.push(...validateLabels(nodeSelector, 'scheduling.nodeSelector'))
    found.push(...validateTolerations(tolerations, path), ...findRepeated(tolerations, path))
  }
  if (prev && handler !== prev.handler) found.push(invalid('handler', handler, immutableMessage))
  return found
}

export function runtimeClassWarnings({ scheduling }: RuntimeClass): string[] {
  return Object.keys(scheduling?.nodeSelector ?? {}).flatMap((key) => {
    const fault = labelFault(key)
    return fault === undefined ? [] : [`scheduling.nodeSelector: ${fault}`]
  })
}
