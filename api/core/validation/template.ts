/** Rules of the pod template inside of another kind. */
import type { PodTemplateSpec } from '#api/core/pod-spec.ts'
import type { FieldError } from '#api/meta/field-error.ts'
import { nothingTolerated, type PodContext } from './context.ts'
import { validatePodTemplate } from './pod-spec.ts'
import { toleratedBy } from './tolerated.ts'

export function templateContext(template: PodTemplateSpec, prev: PodTemplateSpec | undefined): PodContext {
  const spec = template.spec ?? { containers: [] }
  return {
    isPod: false,
    spec,
    meta: {},
    tolerated: prev?.spec ? toleratedBy(prev.spec, prev.metadata) : nothingTolerated,
    volumes: new Map(),
    claimNames: new Set((spec.resourceClaims ?? []).map(({ name }) => name).filter((name) => name !== '')),
  }
}

export const validateTemplateOf = (template: PodTemplateSpec, path: string, prev: PodTemplateSpec | undefined): FieldError[] =>
  validatePodTemplate(template, path, templateContext(template, prev), prev?.spec)
