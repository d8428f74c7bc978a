/** PodSecurity: pods must keep to the level that the labels of their namespace enforce; what only warns is answered as a warning. */
import type { Pod } from '#api/core/pod.ts'
import type { PodSpec, PodTemplateSpec } from '#api/core/pod-spec.ts'
import { invalidError } from '#api/meta/status.ts'
import { groupResourceOf, type KubeObject } from '#api/resource.ts'
import { type AdmissionPlugin, type AdmissionRequest, isResource, refuse, whenKnown } from '#apiserver/admission/admission.ts'
import type { Found } from '#apiserver/registry/lookups.ts'
import type { Judged } from './check.ts'
import { detailsText, violationsOf } from './evaluate.ts'
import { namespaceWarnings } from './namespace-pods.ts'
import { compareLevels, isSame, type Policy, policyOf, policyText } from './policy.ts'

export interface PodSecurityDeps {
  namespace(name: string): Found<KubeObject>
  /** All pods of a namespace. */
  pods(namespace: string): Promise<readonly Pod[]>
}

/** Subresources of pods that do not change what the standards look at. */
const ignoredSubresources: ReadonlySet<string> = new Set(['exec', 'attach', 'binding', 'eviction', 'log', 'portforward', 'proxy', 'status'])

const templateOf: Readonly<Record<string, (object: never) => PodTemplateSpec | undefined>> = {
  replicationcontrollers: (object: { spec: { template?: PodTemplateSpec } }) => object.spec.template,
  podtemplates: (object: { template: PodTemplateSpec }) => object.template,
  'replicasets.apps': (object: { spec: { template: PodTemplateSpec } }) => object.spec.template,
  'deployments.apps': (object: { spec: { template: PodTemplateSpec } }) => object.spec.template,
  'statefulsets.apps': (object: { spec: { template: PodTemplateSpec } }) => object.spec.template,
  'daemonsets.apps': (object: { spec: { template: PodTemplateSpec } }) => object.spec.template,
  'jobs.batch': (object: { spec: { template: PodTemplateSpec } }) => object.spec.template,
  'cronjobs.batch': (object: { spec: { jobTemplate: { spec: { template: PodTemplateSpec } } } }) => object.spec.jobTemplate.spec.template,
}

const judgedOf = ({ metadata, spec }: { metadata?: { annotations?: Record<string, string> | undefined }; spec: PodSpec }): Judged => ({
  annotations: metadata?.annotations ?? {},
  spec,
})

export function podSecurity(deps: PodSecurityDeps): AdmissionPlugin {
  return {
    name: 'PodSecurity',
    validate(request) {
      if (request.operation !== 'create' && request.operation !== 'update') return
      if (isResource(request, '', 'namespaces')) return judgeNamespace(deps, request)
      if (isResource(request, '', 'pods')) return judgePod(deps, request)
      return judgeTemplate(deps, request)
    },
  }
}

function judgePod(deps: PodSecurityDeps, request: AdmissionRequest): Promise<void> | void {
  if (ignoredSubresources.has(request.subresource) || request.object === undefined) return
  const pod = request.object as Pod
  return whenKnown(deps.namespace(request.namespace), (namespace) => judgeBy(policyOfNamespace(namespace), request, pod))
}

function judgeBy(policy: Policy | undefined, request: AdmissionRequest, pod: Pod): void {
  if (policy === undefined) return
  if (request.operation === 'update' && !changesImages(pod, request.old as Pod)) return
  const judged = judgedOf(pod as never)
  const violations = violationsOf(judged, policy.enforce)
  if (violations.length > 0) throw refuse(request, `violates PodSecurity "${policyText(policy.enforce)}": ${detailsText(violations)}`)
  warnOf(request, policy, judged)
}

function judgeTemplate(deps: PodSecurityDeps, request: AdmissionRequest): Promise<void> | void {
  const read = templateOf[groupResourceOf(request.resource)]
  if (read === undefined || request.subresource !== '' || request.object === undefined) return
  return whenKnown(deps.namespace(request.namespace), (namespace) => {
    const policy = policyOfNamespace(namespace)
    const template = policy === undefined ? undefined : read(request.object as never)
    if (policy !== undefined && template !== undefined) warnOf(request, policy, judgedOf(template as never))
  })
}

function warnOf(request: AdmissionRequest, { warn }: Policy, judged: Judged): void {
  const violations = violationsOf(judged, warn)
  if (violations.length > 0) request.warn(`would violate PodSecurity "${policyText(warn)}": ${detailsText(violations)}`)
}

/** Undefined where everything is allowed. */
function policyOfNamespace(namespace: KubeObject | undefined): Policy | undefined {
  const { policy } = policyOf(namespace?.metadata.labels)
  return [policy.enforce, policy.warn, policy.audit].every(({ level }) => level === 'privileged') ? undefined : policy
}

/** Of what may change in a pod the standards see only images and new ephemeral containers. */
function changesImages(pod: Pod, old: Pod): boolean {
  const { spec } = pod
  const before = old.spec
  const differs = (now: readonly { image?: string | undefined }[] = [], was: readonly { image?: string | undefined }[] = []): boolean =>
    now.length !== was.length || now.some(({ image }, i) => image !== was[i]?.image)
  if (differs(spec.containers, before.containers) || differs(spec.initContainers, before.initContainers)) return true
  const known = new Map((before.ephemeralContainers ?? []).map(({ name, image }) => [name, image]))
  return (spec.ephemeralContainers ?? []).some(({ name, image }) => !known.has(name) || known.get(name) !== image)
}

async function judgeNamespace(deps: PodSecurityDeps, request: AdmissionRequest): Promise<void> {
  if (request.subresource !== '' || request.object === undefined) return
  const { policy, errors } = policyOf(request.object.metadata.labels)
  const old = request.operation === 'update' ? policyOf(request.old?.metadata.labels) : undefined
  const isNew = old === undefined || JSON.stringify(old.errors) !== JSON.stringify(errors)
  if (errors.length > 0 && isNew) throw invalidError(request.resource, request.name, errors)
  if (old === undefined) return
  const { enforce } = policy
  const was = old.policy.enforce
  const relaxes = enforce.minor === was.minor && compareLevels(enforce.level, was.level) < 1
  if (isSame(enforce, was) || enforce.level === 'privileged' || relaxes) return
  for (const text of namespaceWarnings(request.name, enforce, await deps.pods(request.name))) request.warn(text)
}
