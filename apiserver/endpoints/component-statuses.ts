/** componentstatuses: what the parts of the control plane say of their health, asked when somebody asks (upstream: pkg/registry/core/componentstatus). */
import { canonical } from '#api/canonical.ts'
import { type ComponentStatus, ComponentStatuses, componentStatusSchema } from '#api/core/component-status.ts'
import { checkFieldSelector, matchesFields, parseFieldSelector } from '#api/meta/field-selector.ts'
import { matches, parseSelector } from '#api/meta/label-selector.ts'
import { ApiError, notFoundError } from '#api/meta/status.ts'
import { partialObjectMetadata, tableOf } from '#api/table.ts'
import type { RequestInfo } from '#apiserver/filters/request-info.ts'
import type { Answer, ApiRequest } from './exchange.ts'
import { includeObjectOf } from './list-options.ts'
import { noSuchResource, notAllowed } from './resource-routes.ts'

export interface ComponentHealth {
  /** False where the component says so or cannot be reached. */
  healthy: boolean
  message?: string
  error?: string
}

/** By name, in the order in which they are listed. They do not reject. */
export type ComponentChecks = ReadonlyMap<string, () => Promise<ComponentHealth>>

async function statusOf(name: string, check: () => Promise<ComponentHealth>): Promise<ComponentStatus> {
  const { healthy, message = '', error = '' } = await check()
  const condition = { type: 'Healthy', status: healthy ? 'True' : 'False', message, error }
  const status: ComponentStatus = { apiVersion: 'v1', kind: 'ComponentStatus', metadata: { name }, conditions: [condition] }
  const { apiVersion, kind: _, ...rest } = canonical(status, componentStatusSchema)
  return { kind: 'ComponentStatus', apiVersion, ...rest }
}

export const isAboutComponents = ({ group, resource }: RequestInfo): boolean => resource === ComponentStatuses.plural && group === ''

/** Throws ApiError: 400, 404, 405. */
export async function componentAnswer(checks: ComponentChecks, request: ApiRequest): Promise<Answer> {
  const { info } = request
  if (info.namespaced || info.subresource !== '' || info.path.startsWith('/api/v1/watch/')) throw noSuchResource()
  if (request.method !== 'GET') throw notAllowed()
  request.warn(ComponentStatuses.deprecation ?? '')
  if (info.verb === 'watch') {
    const text = `watch is not supported on resources of kind "${ComponentStatuses.plural}"`
    throw new ApiError(405, 'MethodNotAllowed', text, { kind: ComponentStatuses.plural })
  }
  return info.verb === 'get' ? await getAnswer(checks, request) : await listAnswer(checks, request)
}

async function getAnswer(checks: ComponentChecks, request: ApiRequest): Promise<Answer> {
  const { name } = request.info
  const check = checks.get(name)
  // upstream names the singular here
  if (!check) throw notFoundError({ ...ComponentStatuses, plural: 'componentstatus' }, name)
  const status = await statusOf(name, check)
  const { form } = request.accepted
  if (form === 'table') return tableAnswer([status], request)
  return { status: 200, object: form === 'partial' ? partialObjectMetadata(status) : status }
}

/** Upstream takes the namespace too, which is empty. */
const selectable = { scope: 'Namespaced' } as const

async function listAnswer(checks: ComponentChecks, request: ApiRequest): Promise<Answer> {
  const { query } = request.info
  const fields = parseFieldSelector(query.get('fieldSelector') ?? '')
  checkFieldSelector(fields, selectable)
  const labels = parseSelector(query.get('labelSelector') ?? '')
  const all = await Promise.all([...checks].map(([name, check]) => statusOf(name, check)))
  const items = all.filter((one) => matchesFields(fields, selectable, one) && matches(labels, one.metadata.labels))
  const { form } = request.accepted
  if (form === 'table') return tableAnswer(items, request)
  if (form === 'partial' || form === 'partialList') {
    const list = { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata: {}, items: items.map(partialObjectMetadata) }
    return { status: 200, object: list }
  }
  const typeless = items.map(({ apiVersion: _a, kind: _k, ...item }) => item)
  return { status: 200, object: { kind: 'ComponentStatusList', apiVersion: 'v1', metadata: {}, items: typeless } }
}

function tableAnswer(items: readonly ComponentStatus[], request: ApiRequest): Answer {
  const include = includeObjectOf(request.info.query.get('includeObject') ?? '')
  return { status: 200, object: tableOf(ComponentStatuses, items, { now: new Date(), include, metadata: {} }) }
}
