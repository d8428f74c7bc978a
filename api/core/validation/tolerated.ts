/** Which old faults a stored pod has, so that an update need not mend them (upstream: GetValidationOptionsFromPodSpecAndMeta). */
import type { PodSpec } from '#api/core/pod-spec.ts'
import { isHugePages, isWholeHugePages } from '#api/core/rules/resource-names.ts'
import type { ObjectMeta } from '#api/meta/object-meta.ts'
import { validateLabelSelector } from '#api/validation/label-selector.ts'
import { checkLabelValue } from '#api/validation/names.ts'
import { nothingTolerated, type Tolerated } from './context.ts'
import { hasInvalidDeletionCost } from './pod-annotations.ts'
import { hostSysctlErrors } from './pod-settings.ts'
import { checkNonReservedPath } from './values.ts'

function affinitySelectors(spec: PodSpec) {
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {}
  return [podAffinity, podAntiAffinity].flatMap((affinity) => [
    ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).flatMap((term) => [term.labelSelector, term.namespaceSelector]),
    ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).flatMap(({ podAffinityTerm: term }) => [
      term.labelSelector,
      term.namespaceSelector,
    ]),
  ])
}

function hasInvalidRequiredValues(spec: PodSpec): boolean {
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  return terms.some((term) => term.matchExpressions?.some(({ values }) => values?.some((value) => checkLabelValue(value).length > 0)))
}

function hasIndivisibleHugePages(spec: PodSpec): boolean {
  const holders = [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map(({ resources }) => resources)
  const amounts = holders.flatMap((resources) => [...Object.entries(resources?.limits ?? {}), ...Object.entries(resources?.requests ?? {})])
  return amounts.some(([name, amount]) => isHugePages(name) && !isWholeHugePages(name, amount))
}

function hasNonLocalTokenPath(spec: PodSpec): boolean {
  const sources = (spec.volumes ?? []).flatMap((volume) => volume.projected?.sources ?? [])
  return sources.some(({ serviceAccountToken: token }) => token !== undefined && checkNonReservedPath('', token.path).length > 0)
}

export function toleratedBy(spec: PodSpec | undefined, meta: ObjectMeta | undefined): Tolerated {
  if (!spec) return nothingTolerated
  return {
    invalidSelectorValues: affinitySelectors(spec).some((selector) => validateLabelSelector(selector, '').length > 0),
    invalidSpreadSelectors: (spec.topologySpreadConstraints ?? []).some(
      ({ labelSelector }) => validateLabelSelector(labelSelector, '').length > 0,
    ),
    invalidRequiredNodeValues: hasInvalidRequiredValues(spec),
    indivisibleHugePages: hasIndivisibleHugePages(spec),
    nonLocalTokenPaths: hasNonLocalTokenPath(spec),
    hostNamespaceSysctls: (spec.securityContext?.sysctls ?? []).some(({ name }) => hostSysctlErrors(name, spec, '').length > 0),
    invalidDeletionCost: meta !== undefined && hasInvalidDeletionCost(meta),
  }
}
