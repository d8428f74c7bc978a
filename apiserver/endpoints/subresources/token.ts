/** serviceaccounts/token: makes tokens that are bound to an account and, if asked, to a pod, secret or node. */
import { randomUUID } from 'node:crypto'
import type { z } from 'zod'
import { printKind } from '#api/apply/server-side-apply.ts'
import { type TokenRequest, tokenRequestSchema } from '#api/authentication/token-request.ts'
import { canonical } from '#api/canonical.ts'
import { Nodes } from '#api/core/node.ts'
import { type Pod, Pods } from '#api/core/pod.ts'
import { Secrets } from '#api/core/secret.ts'
import { type ServiceAccount, ServiceAccounts } from '#api/core/service-account.ts'
import { type FieldError, invalid } from '#api/meta/field-error.ts'
import { badRequest, conflict, invalidError, notFoundError } from '#api/meta/status.ts'
import type { KubeObject, Resource } from '#api/resource.ts'
import type { Admission, AdmissionRequest } from '#apiserver/admission/admission.ts'
import { warnOnlyExpirationSeconds } from '#apiserver/admission/service-account.ts'
import type { BoundClaims, TokenIssuer } from '#apiserver/authentication/token-issuer.ts'
import { decodeKind } from '#apiserver/endpoints/decode.ts'
import type { Answer, ApiRequest } from '#apiserver/endpoints/exchange.ts'
import { writeOptions } from '#apiserver/registry/options.ts'
import type { Registry } from '#apiserver/registry/registry.ts'
import { matchNamespace, timestamp } from '#apiserver/registry/system-metadata.ts'

const schema = tokenRequestSchema as unknown as z.ZodType<TokenRequest>
const expected = { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest', schema }
const subject = { group: 'authentication.k8s.io', plural: 'TokenRequest', kind: 'TokenRequest' }
const defaultSeconds = 3600
const leastSeconds = 600
const mostSeconds = 2 ** 32
const extendedSeconds = 365 * 24 * 3600

export interface TokenLimits {
  /** 0 sets no bound. */
  maxSeconds: number
  /** Default tokens of pods live for a year, and are reported once they are used late. */
  extends: boolean
}

export interface TokenDeps {
  tokenLimits?: TokenLimits
  registry: Registry
  admission: Admission
  issuer: TokenIssuer
  audiences: readonly string[]
}

export async function requestToken(deps: TokenDeps, request: ApiRequest): Promise<Answer> {
  const { registry } = deps
  const options = writeOptions(request.info.query, 'CreateOptions')
  const asked = decodeKind(request, expected, { validation: options.fieldValidation, warn: request.warn })
  const { name, namespace } = request.info
  matchNamespace(asked.metadata, namespace)
  matchName(asked, name)
  const now = registry.now()
  const admitted: AdmissionRequest = {
    operation: 'create',
    resource: ServiceAccounts as unknown as Resource,
    subresource: 'token',
    namespace,
    name,
    user: request.user,
    dryRun: options.dryRun,
    object: asked as unknown as KubeObject,
    now,
    warn: request.warn,
  }
  await deps.admission.mutate(admitted)
  const account = (await registry.store.current(ServiceAccounts, { namespace, name }, 'consistent'))?.object
  if (!account) throw notFoundError(ServiceAccounts, name)
  const made = completed(asked, account, deps.audiences, now)
  const errors = checkSpec(made)
  if (errors.length > 0) throw invalidError({ ...subject, plural: 'tokenrequests' }, '', errors)
  await deps.admission.validate({ ...admitted, object: made as unknown as KubeObject })
  const bound = await bindingOf(registry, made, account)
  const seconds = shortened(made, deps.tokenLimits?.maxSeconds ?? 0, request)
  const isOwn = made.spec.audiences.every((a) => deps.audiences.includes(a))
  const extends_ = (deps.tokenLimits?.extends ?? true) && bound.pod !== undefined && seconds === warnOnlyExpirationSeconds && isOwn
  const claims: BoundClaims = {
    namespace,
    serviceaccount: { name, uid: account.metadata.uid ?? '' },
    ...bound,
    ...(extends_ ? { warnafter: Math.floor(now.getTime() / 1000) + seconds } : {}),
  }
  const lifetimeSeconds = extends_ ? extendedSeconds : seconds
  const token = await deps.issuer.issue({ claims, audiences: made.spec.audiences, lifetimeSeconds, id: randomUUID(), now })
  const expirationTimestamp = timestamp(new Date(now.getTime() + seconds * 1000))
  return { status: 201, object: canonical({ ...made, status: { token, expirationTimestamp } } as TokenRequest, schema) }
}

/** Seconds that the token is to live. */
function shortened({ spec }: TokenRequest, maxSeconds: number, request: ApiRequest): number {
  const seconds = spec.expirationSeconds ?? defaultSeconds
  if (maxSeconds === 0 || seconds <= maxSeconds) return seconds
  request.warn(`requested expiration of ${seconds} seconds shortened to ${maxSeconds} seconds`)
  spec.expirationSeconds = maxSeconds
  return maxSeconds
}

function matchName(asked: TokenRequest, name: string): void {
  if (!asked.metadata.name || asked.metadata.name === name) return
  throw invalidError(subject, name, [invalid('metadata.name', asked.metadata.name, 'must match the service account name if specified')])
}

function completed(asked: TokenRequest, account: ServiceAccount, audiences: readonly string[], now: Date): TokenRequest {
  const { name, namespace, uid } = account.metadata
  if (asked.metadata.uid && asked.metadata.uid !== uid)
    throw conflict(
      subject,
      name ?? '',
      `the UID in the token request (${asked.metadata.uid}) does not match the UID of the service account (${uid})`,
    )
  const spec = {
    ...asked.spec,
    audiences: asked.spec.audiences.length > 0 ? asked.spec.audiences : [...audiences],
    expirationSeconds: asked.spec.expirationSeconds ?? defaultSeconds,
  }
  return {
    ...asked,
    metadata: { ...asked.metadata, name, namespace, uid, creationTimestamp: timestamp(now) } as TokenRequest['metadata'],
    spec,
  }
}

function checkSpec({ spec }: TokenRequest): FieldError[] {
  const seconds = spec.expirationSeconds ?? defaultSeconds
  if (seconds < leastSeconds) return [invalid('spec.expirationSeconds', seconds, 'may not specify a duration less than 10 minutes')]
  if (seconds > mostSeconds) return [invalid('spec.expirationSeconds', seconds, 'may not specify a duration larger than 2^32 seconds')]
  return []
}

type Bound = Pick<BoundClaims, 'pod' | 'secret' | 'node'>

async function bindingOf(registry: Registry, request: TokenRequest, account: ServiceAccount): Promise<Bound> {
  const ref = request.spec.boundObjectRef
  if (!ref) return {}
  const namespace = account.metadata.namespace ?? ''
  const [kind = '', name = ''] = [ref.kind, ref.name]
  if (ref.apiVersion !== 'v1' || !['Pod', 'Secret', 'Node'].includes(kind))
    throw badRequest(`cannot bind token to object of type ${printKind(ref)}`)
  const resource = (kind === 'Pod' ? Pods : kind === 'Secret' ? Secrets : Nodes) as unknown as Resource
  const found = (await registry.store.current(resource, kind === 'Node' ? { name } : { namespace, name }, 'consistent'))?.object
  if (!found) throw notFoundError(resource, name)
  const uid = found.metadata.uid ?? ''
  if (kind === 'Pod' && (found as Pod).spec.serviceAccountName !== account.metadata.name)
    throw badRequest(
      `cannot bind token for serviceaccount ${JSON.stringify(account.metadata.name)} to pod running with different serviceaccount name.`,
    )
  if (ref.uid && ref.uid !== uid) {
    const why = `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`
    throw conflict({ group: '', plural: kind, kind }, name, why)
  }
  if (kind === 'Secret') return { secret: { name, uid } }
  if (kind === 'Node') return { node: { name, uid } }
  return { pod: { name, uid }, ...(await nodeOfPod(registry, found as Pod)) }
}

async function nodeOfPod(registry: Registry, pod: Pod): Promise<Pick<Bound, 'node'>> {
  const name = pod.spec.nodeName
  if (!name) return {}
  const node = await registry.store.current(Nodes, { name }, 'cached')
  return { node: { name, ...(node?.object.metadata.uid ? { uid: node.object.metadata.uid } : {}) } }
}
