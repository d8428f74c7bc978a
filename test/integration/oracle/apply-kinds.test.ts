/** The managedFields of every kind beside upstream: creation, patch, apply, update and status of one small object; and of a custom resource. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { apiVersionOf, groupResourceOf, type KubeObject, type Resource } from '#api/resource.ts'
import { resources } from '#api/scheme.ts'
import { collection, customStory, definition, definitionsPath } from './apply-custom-story.ts'
import { applyType } from './apply-stories.ts'
import { type Answered, type Both, type Step, startBoth } from './both.ts'
import { compared, managedFields } from './compare-answers.ts'
import { names, seeds } from './differential/seeds.ts'

const skip = process.env['TYPERNETES_ORACLE'] === undefined && 'set TYPERNETES_ORACLE to compare with upstream'
const namespace = 'apply-kinds-upstream'
const mergeType = 'application/merge-patch+json'
const namespaceObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }

/** An explicit empty list is owned there and not here (docs/decisions/managed-fields.md). */
const emptyLists: ReadonlySet<string> = new Set(['csinodes.storage.k8s.io/v1'])
/** Controllers inside upstream's server write them at any moment. */
const written: ReadonlySet<string> = new Set(['flowschemas.flowcontrol.apiserver.k8s.io/v1', 'apiservices.apiregistration.k8s.io/v1'])

interface Subject {
  base: string
  name: string
  body: object
}

function subjectOf(resource: Resource): Subject | undefined {
  const key = `${groupResourceOf(resource)}/${resource.version}`
  const seed = seeds[key]
  if (seed === undefined || emptyLists.has(key) || written.has(key)) return undefined
  const apiVersion = apiVersionOf(resource)
  const name = names[key] ?? 'apply-kinds'
  const scope = resource.scope === 'Namespaced' ? `/namespaces/${namespace}` : ''
  const text = JSON.stringify({ apiVersion, kind: resource.kind, metadata: { name, labels: { a: 'b' } }, ...seed })
  return {
    base: `${resource.group === '' ? '/api' : '/apis'}/${apiVersion}${scope}/${resource.plural}`,
    name,
    body: JSON.parse(text.replaceAll('$NAMESPACE', namespace)) as object,
  }
}

function stepsOf({ base, name, body }: Subject): Step[] {
  const item = `${base}/${name}`
  const { labels: _, ...metadata } = (body as KubeObject).metadata
  const { apiVersion, kind } = body as KubeObject
  return [
    { method: 'POST', path: `${base}?fieldManager=c`, body },
    { method: 'PATCH', path: `${item}?fieldManager=m`, body: { metadata: { annotations: { q: 'r' } } }, contentType: mergeType },
    { method: 'PATCH', path: `${item}?fieldManager=a`, body, contentType: applyType },
    { method: 'PATCH', path: `${item}?fieldManager=a`, body: { ...body, metadata }, contentType: applyType },
    { method: 'PUT', path: `${item}?fieldManager=p`, body },
    { method: 'PATCH', path: `${item}/status?fieldManager=s`, body: { apiVersion, kind, metadata, status: {} }, contentType: applyType },
    { method: 'PATCH', path: `${item}/status?fieldManager=t`, body: { metadata: { annotations: { q: 's' } } }, contentType: mergeType },
  ]
}

/** Objects and causes are compared elsewhere. */
const shown = ({ code, body }: Answered): unknown => {
  const { metadata } = body as unknown as KubeObject
  return code < 400 ? { code, managedFields: managedFields(metadata.managedFields) } : { code, reason: body['reason'] }
}

describe('managed fields of all kinds as upstream keeps them', { skip }, () => {
  let both: Both
  const onBoth = async (step: Step): Promise<void> => {
    await both.ours(step)
    await both.upstream(step)
  }
  const remove = async (path: string): Promise<void> => {
    await onBoth({ method: 'PATCH', path, body: { metadata: { finalizers: null } }, contentType: mergeType })
    await onBoth({ method: 'DELETE', path: `${path}?gracePeriodSeconds=0` })
    if (path.startsWith('/api/v1/namespaces/') && path.split('/').length === 5)
      await onBoth({ method: 'PUT', path: `${path}/finalize`, body: { ...namespaceObject, metadata: { name: path.split('/')[4] } } })
  }

  before(async () => {
    both = await startBoth()
    await onBoth({ method: 'POST', path: '/api/v1/namespaces', body: namespaceObject })
    await onBoth({ method: 'POST', path: `/api/v1/namespaces/${namespace}/serviceaccounts`, body: { metadata: { name: 'default' } } })
  })
  after(async () => {
    await remove(`/api/v1/namespaces/${namespace}`)
    await both[Symbol.asyncDispose]()
  })

  for (const resource of resources) {
    const subject = subjectOf(resource)
    if (subject === undefined) continue
    test(`${apiVersionOf(resource)} ${resource.kind}`, async () => {
      const item = `${subject.base}/${subject.name}`
      await remove(item)
      for (const step of stepsOf(subject)) {
        const [found, wanted] = await Promise.all([both.ours(step), both.upstream(step)])
        assert.deepEqual(shown(found), shown(wanted), `${step.method} ${step.path} ${JSON.stringify(found.body['message'])}`)
      }
      await remove(item)
    })
  }

  test('a custom resource', async () => {
    const base = collection.replace('{ns}', namespace)
    await remove(`${definitionsPath}/${definition.metadata.name}`)
    await onBoth({ method: 'POST', path: definitionsPath, body: definition })
    const deadline = Date.now() + 10_000
    for (const side of [both.ours, both.upstream])
      while ((await side({ method: 'GET', path: base.replace('/v1/', '/v2/') })).code !== 200 && Date.now() < deadline) await delay(100)
    for (const [i, step] of customStory.entries()) {
      const [, version, rest = ''] = /^(?:@(v\d))?(.*)$/.exec(step.path) ?? []
      const path = `${version === undefined ? base : base.replace('/v1/', `/${version}/`)}/x${rest}`
      const [found, wanted] = await Promise.all([both.ours({ ...step, path }), both.upstream({ ...step, path })])
      assert.deepEqual(compared(found), compared(wanted), `step ${i}: ${step.method} ${path} ${JSON.stringify(step.body)}`)
    }
    await remove(`${definitionsPath}/${definition.metadata.name}`)
  })
})
