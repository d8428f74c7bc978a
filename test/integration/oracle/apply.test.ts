/**
 * Server-side apply and managed fields beside upstream: written stories and random lives of objects that several managers share. Compared
 * are status code, message, causes, warnings, the object and its managedFields but for their times.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { KubeObject } from '#api/resource.ts'
import { stories } from './apply-stories.ts'
import { type Answered, type Both, type Step, startBoth } from './both.ts'
import { type Cause, comparable } from './compare.ts'
import { kinds, randomSteps } from './random-applies.ts'

const skip = process.env['TYPERNETES_ORACLE'] === undefined && 'set TYPERNETES_ORACLE to compare with upstream'
const namespace = 'apply-beside-upstream'

type Managed = NonNullable<KubeObject['metadata']['managedFields']>

/** In an order that does not depend on times; whether there is a time counts, and the order of the fields. */
function managedFields(entries: Managed | undefined): unknown {
  return entries
    ?.map(({ time, fieldsV1, ...entry }) => ({ ...entry, timed: time !== undefined, fields: JSON.stringify(fieldsV1) }))
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}

/** What stands after a line break in a forbidden change is a diff in words of one's own; bad YAML is told in the parser's words. */
function words(message: unknown): string {
  const text = String(message)
  if (text.startsWith('error decoding YAML: error converting')) return 'bad YAML'
  return text.startsWith('Apply failed') ? text : text.replace(/\n.*/s, '')
}

const causes = (found: readonly Cause[]): string[] =>
  [...new Set(found.map((cause) => words(JSON.stringify(cause).replaceAll('\\n', '\n'))))].sort()

function compared({ code, body, warnings }: Answered): unknown {
  const details = body['details'] as { causes?: Cause[] } | undefined
  if (code >= 400) return { code, message: words(body['message']), reason: body['reason'], causes: causes(details?.causes ?? []), warnings }
  const object = body as unknown as KubeObject
  return { code, warnings, object: comparable(object), managedFields: managedFields(object.metadata.managedFields) }
}

const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }

describe('managed fields as upstream keeps them', { skip }, () => {
  let both: Both

  const onBoth = async (step: Step): Promise<void> => {
    await both.ours(step)
    await both.upstream(step)
  }
  const remove = async (path: string): Promise<void> => {
    const contentType = 'application/merge-patch+json'
    await onBoth({ method: 'PATCH', path, body: { metadata: { finalizers: null } }, contentType })
    await onBoth({ method: 'DELETE', path: `${path}?gracePeriodSeconds=0` })
  }

  before(async () => {
    both = await startBoth()
    await onBoth({ method: 'POST', path: '/api/v1/namespaces', body: object })
    await onBoth({ method: 'POST', path: `/api/v1/namespaces/${namespace}/serviceaccounts`, body: { metadata: { name: 'default' } } })
  })
  after(async () => {
    await onBoth({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}` })
    await onBoth({ method: 'PUT', path: `/api/v1/namespaces/${namespace}/finalize`, body: object })
    await both[Symbol.asyncDispose]()
  })

  async function play(collection: string, steps: Iterable<Step>): Promise<void> {
    const base = collection.replace('{ns}', namespace)
    await remove(`${base}/x`)
    let i = 0
    for (const step of steps) {
      const path = step.path.startsWith('..') ? base + step.path.slice(2) : `${base}/x${step.path}`
      const [found, wanted] = await Promise.all([both.ours({ ...step, path }), both.upstream({ ...step, path })])
      assert.deepEqual(compared(found), compared(wanted), `step ${i}: ${step.method} ${path} ${JSON.stringify(step.body)}`)
      i++
    }
    await remove(`${base}/x`)
  }

  for (const { name, path, steps } of stories) test(name, () => play(path, steps))

  for (const kind of kinds) {
    test(`random managers of a ${kind.kind}`, { timeout: 120_000 }, async () => {
      for (let seed = 1; seed <= 4; seed++) await play(kind.path, randomSteps(kind, seed * 7919, 40))
    })
  }
})
