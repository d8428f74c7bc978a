import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applyAppArmorAnnotations, podAppArmorWarnings, templateAppArmorWarnings } from './app-armor.ts'
import type { PodSpec } from './pod-spec.ts'

const key = 'container.apparmor.security.beta.kubernetes.io/main'
const warning = 'deprecated since v1.30; use the "appArmorProfile" field instead'
const specOf = (more: object = {}): PodSpec => ({ containers: [{ name: 'main', image: 'app', ...more }] }) as PodSpec
const metaOf = (annotation: string): { annotations: Record<string, string> } => ({ annotations: { [key]: annotation } })

test('the annotation of a pod fills the field of its container, and is warned of', () => {
  const table: readonly (readonly [string, object | undefined])[] = [
    ['unconfined', { type: 'Unconfined' }],
    ['runtime/default', { type: 'RuntimeDefault' }],
    ['localhost/mine', { type: 'Localhost', localhostProfile: 'mine' }],
    ['localhost/', undefined],
    ['other', undefined],
  ]
  for (const [annotation, profile] of table) {
    const spec = specOf()
    applyAppArmorAnnotations(spec, metaOf(annotation))
    assert.deepEqual(spec.containers[0]?.securityContext?.appArmorProfile, profile, annotation)
    assert.deepEqual(podAppArmorWarnings(spec, metaOf(annotation)), [`metadata.annotations[${key}]: ${warning}`], annotation)
  }
})

test('who wrote both is not warned', () => {
  const spec = specOf({ securityContext: { appArmorProfile: { type: 'Unconfined' } } })
  applyAppArmorAnnotations(spec, metaOf('unconfined'))
  assert.deepEqual(podAppArmorWarnings(spec, metaOf('unconfined')), [])
  assert.deepEqual(templateAppArmorWarnings(spec, metaOf('unconfined'), 'spec.template.metadata'), [])
})

test('a template is warned of, unless the field of the whole pod says the same', () => {
  assert.deepEqual(templateAppArmorWarnings(specOf(), metaOf('unconfined'), 'spec.template.metadata'), [
    `spec.template.metadata.annotations[${key}]: ${warning}`,
  ])
  const whole = { ...specOf(), securityContext: { appArmorProfile: { type: 'Unconfined' } } }
  assert.deepEqual(templateAppArmorWarnings(whole, metaOf('unconfined'), 'spec.template.metadata'), [])
})
