import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pods } from '#api/core/pod.ts'
import { type AdmissionRequest, refuse } from './admission.ts'

const request = (name: string, metadata?: object): AdmissionRequest =>
  ({ resource: Pods, name, ...(metadata ? { object: { apiVersion: 'v1', kind: 'Pod', metadata } } : {}) }) as unknown as AdmissionRequest

test('a refusal names the object as far as its name is known', () => {
  assert.equal(refuse(request('web'), 'no').message, 'pods "web" is forbidden: no')
  assert.equal(refuse(request('', { name: 'api' }), 'no').message, 'pods "api" is forbidden: no')
  assert.equal(refuse(request('', { generateName: 'web-' }), 'no').message, 'pods "web-" is forbidden: no')
  assert.equal(refuse(request(''), 'no').message, 'pods "Unknown" is forbidden: no')
})
