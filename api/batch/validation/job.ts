/** Rules of jobs, in upstream's order. */
import { isUsable } from '#api/apps/validation/replicas.ts'
import type { Job, JobSpec } from '#api/batch/job.ts'
import { podFailurePolicySchema, successPolicySchema } from '#api/batch/job-policies.ts'
import { nameLabel, oldNameLabel, oldUidLabel, uidLabel } from '#api/batch/prepare.ts'
import { shownTemplate } from '#api/core/go-forms.ts'
import type { PodTemplateSpec } from '#api/core/pod-spec.ts'
import { validateMetaAgain } from '#api/core/validation/meta-again.ts'
import { immutableMessage } from '#api/core/validation/values.ts'
import { type FieldError, invalid, required } from '#api/meta/field-error.ts'
import { goStruct } from '#api/meta/go-struct.ts'
import { matches, selectorFromLabelSelector } from '#api/meta/label-selector.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { validateLabelSelector } from '#api/validation/label-selector.ts'
import { checkDns1123Label } from '#api/validation/names.ts'
import { validateJobContent } from './job-spec.ts'
import { shownSelector } from './shown-selector.ts'

function requireLabel(template: PodTemplateSpec, key: string, expected: string): FieldError[] {
  const labels = template.metadata?.labels ?? {}
  const path = 'spec.template.metadata'
  if (!Object.hasOwn(labels, key)) return [required(`${path}.labels[${key}]`, `must be '${expected}'`)]
  return labels[key] === expected ? [] : [invalid(`${path}.labels[${key}]`, labels, `must be '${expected}'`)]
}

/** The labels that the server made must be there still. Stored jobs may be older than those with a domain. */
function validateGenerated({ metadata, spec }: Job, prev: Job | undefined): FieldError[] {
  if (spec.manualSelector === true || !spec.selector) return []
  const { uid = '', name = '' } = metadata
  const labels = prev?.spec.template.metadata?.labels
  const newer = !prev || (labels?.[nameLabel] !== undefined && labels[uidLabel] !== undefined)
  const found = uid === '' ? [required('metadata.uid')] : []
  found.push(...requireLabel(spec.template, oldUidLabel, uid), ...requireLabel(spec.template, oldNameLabel, name))
  if (newer) found.push(...requireLabel(spec.template, uidLabel, uid), ...requireLabel(spec.template, nameLabel, name))
  const expected = { [oldUidLabel]: uid, [oldNameLabel]: name, ...(newer ? { [uidLabel]: uid, [nameLabel]: name } : {}) }
  if (isUsable(spec.selector) && !matches(selectorFromLabelSelector(spec.selector), expected)) {
    found.push(invalid('spec.selector', shownSelector(spec.selector), '`selector` not auto-generated'))
  }
  return found
}

function validateSpec(spec: JobSpec, prev: JobSpec | undefined): FieldError[] {
  const { selector, template } = spec
  const allowInvalidValues = prev !== undefined && validateLabelSelector(prev.selector, '').length > 0
  const found = validateJobContent(spec, 'spec', prev?.template)
  if (!selector) found.push(required('spec.selector'))
  else found.push(...validateLabelSelector(selector, 'spec.selector', { allowInvalidValues }))
  const labels = template.metadata?.labels
  if (isUsable(selector) && !matches(selectorFromLabelSelector(selector), labels)) {
    found.push(invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'))
  }
  return found
}

/** Pods of indexed jobs are named after their index. */
function validateHostnames({ metadata: { name = '' }, spec }: Job): FieldError[] {
  if (spec.completionMode !== 'Indexed' || (spec.completions ?? 0) <= 0) return []
  const longest = `${name}-${(spec.completions ?? 0) - 1}`
  if (checkDns1123Label(longest).length === 0) return []
  return [invalid('metadata.name', name, `will not able to create pod with invalid DNS label: ${longest}`)]
}

/** Jobs that wait and never ran may still be sent elsewhere: upstream lets schedulers of jobs do that. */
function withScheduling(prev: PodTemplateSpec, next: PodTemplateSpec): PodTemplateSpec {
  const [was, now] = [prev.spec ?? { containers: [] }, next.spec ?? { containers: [] }]
  const { nodeSelector, tolerations, schedulingGates } = now
  const { nodeAffinity: _, ...others } = was.affinity ?? {}
  const nodeAffinity = now.affinity?.nodeAffinity
  const affinity = { ...others, ...(nodeAffinity ? { nodeAffinity } : {}) }
  const hasAffinity = now.affinity !== undefined || Object.keys(others).length > 0
  const { affinity: _a, nodeSelector: _n, tolerations: _t, schedulingGates: _g, ...kept } = was
  const { labels, annotations } = next.metadata ?? {}
  return {
    ...prev,
    metadata: { ...prev.metadata, ...{ labels, annotations } } as NonNullable<PodTemplateSpec['metadata']>,
    spec: {
      ...kept,
      ...(hasAffinity ? { affinity } : {}),
      ...(nodeSelector ? { nodeSelector } : {}),
      ...(tolerations ? { tolerations } : {}),
      ...(schedulingGates ? { schedulingGates } : {}),
    },
  }
}

function validateCompletionsUpdate(next: JobSpec, prev: JobSpec): FieldError[] {
  const field = 'spec.completions'
  if (next.completions === prev.completions) return []
  if (next.completionMode !== 'Indexed') return [invalid(field, next.completions ?? null, immutableMessage)]
  if (next.completions === undefined || next.completions === next.parallelism) return []
  return [invalid(field, next.completions, 'can only be modified in tandem with spec.parallelism')]
}

function validateSpecUpdate(next: Job, prev: Job): FieldError[] {
  const [now, was] = [next.spec, prev.spec]
  const found = validateCompletionsUpdate(now, was)
  const unchanged = (name: keyof JobSpec, shown: unknown = now[name]): void => {
    // an empty text is something else than none
    if (!sameValue(now[name], was[name]) || (now[name] === undefined) !== (was[name] === undefined))
      found.push(invalid(`spec.${name}`, shown, immutableMessage))
  }
  unchanged('selector')
  const movable = was.suspend === true && prev.status.startTime === undefined
  const expected = movable ? withScheduling(was.template, now.template) : was.template
  if (!sameValue(now.template, expected)) found.push(invalid('spec.template', shownTemplate(now.template), immutableMessage))
  unchanged('completionMode')
  unchanged('podFailurePolicy', now.podFailurePolicy && goStruct(podFailurePolicySchema, now.podFailurePolicy))
  unchanged('backoffLimitPerIndex')
  unchanged('managedBy')
  unchanged('successPolicy', now.successPolicy && goStruct(successPolicySchema, now.successPolicy))
  return found
}

export function validateJob(next: Job, prev: Job | undefined): FieldError[] {
  const found = [
    ...validateMetaAgain(next.metadata, prev !== undefined, { namespaced: true }),
    ...validateGenerated(next, prev),
    ...validateSpec(next.spec, prev?.spec),
    ...validateHostnames(next),
  ]
  // an update's rules look at the whole once more
  return prev ? [...found, ...validateSpec(next.spec, prev.spec), ...validateSpecUpdate(next, prev)] : found
}
