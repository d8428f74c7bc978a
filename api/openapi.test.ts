import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openApiIndex, openApiNames, openApiPathOf, openApiV2, openApiV3 } from './openapi.ts'
import { groupVersions } from './scheme.ts'

const served = { groupVersions: () => groupVersions }

// biome-ignore lint/suspicious/noExplicitAny: documents are walked by path
const documentOf = (path: string): any => {
  const document = openApiV3(path, served)
  assert.ok(document, path)
  return JSON.parse(JSON.stringify(document))
}

function refsIn(value: unknown, found: Set<string> = new Set()): Set<string> {
  if (typeof value !== 'object' || value === null) return found
  for (const [key, item] of Object.entries(value)) {
    // JSON schemas have a property of that name.
    if (key === '$ref' && typeof item === 'string') found.add(item)
    else refsIn(item, found)
  }
  return found
}

test('every reference has its definition', () => {
  for (const name of openApiNames(served)) {
    const document = documentOf(name)
    for (const ref of refsIn(document)) assert.ok(document.components.schemas[ref.slice('#/components/schemas/'.length)], ref)
  }
  const v2 = openApiV2(served) as { definitions: Record<string, unknown>; parameters: Record<string, unknown> }
  for (const ref of refsIn(v2)) {
    const [, part = '', name = ''] = ref.split('/')
    assert.ok(v2[part as 'definitions' | 'parameters'][name], ref)
  }
})

test('definitions carry the keys that patches and apply need', () => {
  const { schemas } = documentOf('api/v1').components
  const { description: _, ...env } = schemas['io.k8s.api.core.v1.Container'].properties.env
  assert.deepEqual(env, {
    type: 'array',
    items: { default: {}, allOf: [{ $ref: '#/components/schemas/io.k8s.api.core.v1.EnvVar' }] },
    'x-kubernetes-list-map-keys': ['name'],
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-patch-merge-key': 'name',
    'x-kubernetes-patch-strategy': 'merge',
  })
  assert.deepEqual(schemas['io.k8s.api.core.v1.Pod']['x-kubernetes-group-version-kind'], [{ group: '', kind: 'Pod', version: 'v1' }])
  assert.deepEqual(schemas['io.k8s.api.core.v1.Container'].required, ['name'])
  const { description: __, ...protocol } = schemas['io.k8s.api.core.v1.ContainerPort'].properties.protocol
  assert.deepEqual(protocol, { type: 'string', default: 'TCP', enum: ['SCTP', 'TCP', 'UDP'] })
})

test('clients find the fieldValidation parameter of every write', () => {
  for (const groupVersion of groupVersions) {
    const { paths } = documentOf(openApiPathOf(groupVersion))
    for (const { group, version, kind, verbs } of groupVersion.resources) {
      if (verbs?.includes('patch') === false) continue
      const patch = Object.values<Record<string, { parameters?: { name: string }[]; 'x-kubernetes-group-version-kind'?: object }>>(paths)
        .map((path) => path['patch'])
        .find((op) => JSON.stringify(op?.['x-kubernetes-group-version-kind']) === JSON.stringify({ group, version, kind }))
      assert.ok(
        patch?.parameters?.some((parameter) => parameter.name === 'fieldValidation'),
        kind,
      )
    }
  }
})

test('operation ids are unique', () => {
  const ids = groupVersions.flatMap((groupVersion) =>
    Object.values<Record<string, { operationId?: string }>>(documentOf(openApiPathOf(groupVersion)).paths).flatMap((path) =>
      Object.values(path).flatMap((op) => op.operationId ?? []),
    ),
  )
  assert.equal(new Set(ids).size, ids.length)
  assert.ok(ids.includes('listCoreV1NamespacedPod'))
  assert.ok(ids.includes('replaceAppsV1NamespacedDeploymentScale'))
})

test('the index names each document with its hash', () => {
  const index = openApiIndex(['apis/apps/v1'], (path) => `H-${path}`) as { paths: Record<string, { serverRelativeURL: string }> }
  assert.equal(index.paths['apis/apps/v1']?.serverRelativeURL, '/openapi/v3/apis/apps/v1?hash=H-apis/apps/v1')
})
