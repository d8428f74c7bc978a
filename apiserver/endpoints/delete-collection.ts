/** DELETE on a collection: everything that the selectors pick, each by the one road, several at a time. The answer lists it as it was. */
import { parseJson } from '#api/json-scan.ts'
import { ApiError } from '#api/meta/status.ts'
import { apiVersionOf, type KubeObject, type Resource } from '#api/resource.ts'
import { listKindOf } from '#api/scheme.ts'
import { settleNumbers } from '#api/structural/values.ts'
import type { Cache } from '#apiserver/cache/cache.ts'
import { conversionOf } from '#apiserver/custom/converted-reads.ts'
import { isDryRun } from '#apiserver/registry/options.ts'
import type { Registry } from '#apiserver/registry/registry.ts'
import type { Answer, ApiRequest } from './exchange.ts'
import { listObjects } from './list.ts'
import { deleteOptionsOf, warnOfDependents, writerOf } from './write.ts'

const workers = 8

export async function deleteCollection(
  deps: { cache: Cache; registry: Registry },
  resource: Resource,
  request: ApiRequest,
): Promise<Answer> {
  const options = deleteOptionsOf(request)
  warnOfDependents(resource, request, options)
  const namespace = resource.scope === 'Namespaced' ? request.info.namespace : ''
  const conversion = conversionOf(resource)
  const listed = await listObjects(deps.cache, {
    resource: conversion?.stored ?? resource,
    namespace,
    answer: { form: 'object', version: 'v1' },
    query: request.info.query,
  })
  const chunks: Buffer[] = []
  if (Buffer.isBuffer(listed.body)) chunks.push(listed.body)
  else chunks.push(...listed.body.chunks())
  const list = settleNumbers(parseJson(Buffer.concat(chunks).toString()).value) as { items: KubeObject[]; metadata: object }
  const items = (await conversion?.convert(list.items)) ?? list.items
  let next = 0
  const work = async (): Promise<void> => {
    for (let i = next++; i < items.length; i = next++) {
      const item = items[i]
      if (!item) continue
      const ref = { namespace: item.metadata.namespace, name: item.metadata.name ?? '' }
      const writer = { ...writerOf(resource, request, isDryRun(options)), namespace: item.metadata.namespace ?? '' }
      await deps.registry.delete(resource, ref, options, writer).catch(unlessGone)
    }
  }
  await Promise.all(Array.from({ length: Math.min(workers, items.length) }, work))
  return { status: 200, object: { kind: listKindOf(resource), apiVersion: apiVersionOf(resource), metadata: list.metadata, items } }
}

function unlessGone(error: unknown): undefined {
  if (error instanceof ApiError && error.code === 404) return undefined
  throw error
}
