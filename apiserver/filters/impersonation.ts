/** Acting as somebody else: what the Impersonate headers ask for, whether the user may, and who they are then (upstream: endpoints/filters/impersonation). */
import { badRequest } from '#api/meta/status.ts'
import { checkDns1123Label, checkDns1123Subdomain } from '#api/validation/names.ts'
import { anonymous, authenticatedGroup, serviceAccountUser, type User } from '#apiserver/authentication/user.ts'
import { type Authorizer, forbiddenRequest } from '#apiserver/authorization/authorizer.ts'
import type { Attributes } from '#apiserver/authorization/rules.ts'
import { headerText } from './header-text.ts'

/** One thing to be impersonated. */
interface Wish {
  kind: 'User' | 'ServiceAccount' | 'Group' | 'UserExtra' | 'UID'
  name: string
  namespace?: string
  /** Of an extra. */
  key?: string
}

/** The part of a request that is read: its headers as pairs, since one that comes twice has two values. */
export interface WithHeaders {
  rawHeaders: readonly string[]
}

const prefix = 'impersonate-'
const extraPrefix = 'impersonate-extra-'
const authentication = 'authentication.k8s.io'

/** Hardly any request does: no pairs are made for the others, and no name is compared that begins with another letter. */
export function asksToImpersonate(rawHeaders: readonly string[]): boolean {
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ''
    if ((name.charCodeAt(0) | 0x20) === 0x69 && name.toLowerCase().startsWith(prefix)) return true
  }
  return false
}

/** The user itself where nothing is asked for. Throws 400 for wishes without a user, 403 where one is not allowed. */
export async function impersonated(request: WithHeaders, user: User, authorizer: Authorizer): Promise<User> {
  if (!asksToImpersonate(request.rawHeaders)) return user
  const wishes = wishesOf(request.rawHeaders)
  if (wishes.length === 0) return user
  for (const wish of wishes) {
    const attributes = attributesOf(wish)
    const decision = await authorizer.authorize(user, attributes)
    if (!decision.allowed) throw forbiddenRequest(user, attributes, decision.reason)
  }
  return userOf(wishes)
}

function wishesOf(rawHeaders: readonly string[]): Wish[] {
  const values = (wanted: string): string[] => pairs(rawHeaders).flatMap(([name, value]) => (name === wanted ? [value] : []))
  const [name = ''] = values('impersonate-user')
  const [uid = ''] = values('impersonate-uid')
  const wishes: Wish[] = [
    ...(name === '' ? [] : [subjectOf(name)]),
    ...values('impersonate-group').map((group): Wish => ({ kind: 'Group', name: group })),
    ...pairs(rawHeaders).flatMap(([header, value]): Wish[] =>
      header.startsWith(extraPrefix) ? [{ kind: 'UserExtra', name: value, key: decoded(header.slice(extraPrefix.length)) }] : [],
    ),
    ...(uid === '' ? [] : [{ kind: 'UID' as const, name: uid }]),
  ]
  if (name === '' && wishes.length > 0) throw badRequest(`requested [${wishes.map(printed).join(' ')}] without impersonating a user`)
  return wishes
}

function pairs(rawHeaders: readonly string[]): [string, string][] {
  const found: [string, string][] = []
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]?.toLowerCase() ?? ''
    if (name.startsWith(prefix)) found.push([name, headerText(rawHeaders[i + 1] ?? '')])
  }
  return found
}

const accountPrefix = 'system:serviceaccount:'

function subjectOf(name: string): Wish {
  const parts = name.startsWith(accountPrefix) ? name.slice(accountPrefix.length).split(':') : []
  const [namespace = '', account = ''] = parts
  const isAccount = parts.length === 2 && checkDns1123Label(namespace).length === 0 && checkDns1123Subdomain(account).length === 0
  return isAccount ? { kind: 'ServiceAccount', namespace, name: account } : { kind: 'User', name }
}

function decoded(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch {
    return key
  }
}

/** As Go prints an ObjectReference: kind, namespace, name, uid, apiVersion, resourceVersion, fieldPath. */
const printed = ({ kind, namespace = '', name, key = '' }: Wish): string =>
  `{${kind} ${namespace} ${name}  ${kind === 'UID' || kind === 'UserExtra' ? `${authentication}/v1` : ''}  ${key}}`

const resources: Readonly<Record<Wish['kind'], string>> = {
  User: 'users',
  ServiceAccount: 'serviceaccounts',
  Group: 'groups',
  UserExtra: 'userextras',
  UID: 'uids',
}

function attributesOf({ kind, name, namespace = '', key = '' }: Wish): Attributes {
  const foreign = kind === 'UserExtra' || kind === 'UID'
  return {
    isResource: true,
    verb: 'impersonate',
    path: '',
    group: foreign ? authentication : '',
    version: 'v1',
    resource: resources[kind],
    subresource: key,
    namespace,
    name,
  }
}

function userOf(wishes: readonly Wish[]): User {
  const named = (kind: Wish['kind']): string[] => wishes.filter((wish) => wish.kind === kind).map(({ name }) => name)
  const account = wishes.find(({ kind }) => kind === 'ServiceAccount')
  const known = account ? serviceAccountUser(account.namespace ?? '', account.name, '') : undefined
  const name = known?.name ?? named('User')[0] ?? ''
  const asked = named('Group')
  const groups = asked.length > 0 || !known ? asked : known.groups.filter((group) => group !== authenticatedGroup)
  const [uid] = named('UID')
  const extra: Record<string, string[]> = Object.create(null) as Record<string, string[]>
  for (const { kind, key = '', name: value } of wishes) if (kind === 'UserExtra') extra[key] = [...(extra[key] ?? []), value]
  const hasExtra = Object.keys(extra).length > 0
  return { name, groups: withProof(name, groups), ...(uid === undefined ? {} : { uid }), ...(hasExtra ? { extra } : {}) }
}

const unauthenticatedGroup = 'system:unauthenticated'

/** Everybody is in one of the two groups; whoever names one chooses it. */
function withProof(name: string, groups: readonly string[]): string[] {
  if (name === anonymous.name) return groups.includes(unauthenticatedGroup) ? [...groups] : [...groups, unauthenticatedGroup]
  const chosen = groups.includes(authenticatedGroup) || groups.includes(unauthenticatedGroup)
  return chosen ? [...groups] : [...groups, authenticatedGroup]
}
