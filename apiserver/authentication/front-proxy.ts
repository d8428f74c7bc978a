/** Whom a front proxy stands for, as its headers say (pure; upstream: request/headerrequest). Only believed of a proven front proxy. */
import { headerText } from '#apiserver/filters/header-text.ts'
import { type User, withAuthenticated } from './user.ts'

export interface FrontProxyHeaders {
  username: readonly string[]
  uid: readonly string[]
  groups: readonly string[]
  /** Prefixes: what follows is the key, percent-encoded. */
  extraPrefixes: readonly string[]
}

/** Undefined where the headers name nobody. */
export function proxiedUser(rawHeaders: readonly string[], headers: FrontProxyHeaders): User | undefined {
  const pairs: [string, string][] = []
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) pairs.push([rawHeaders[i]?.toLowerCase() ?? '', headerText(rawHeaders[i + 1] ?? '')])
  const values = (names: readonly string[]): string[] =>
    names.flatMap((name) => pairs.filter(([given, value]) => given === name.toLowerCase() && value !== '').map(([, value]) => value))
  const [name] = values(headers.username)
  if (name === undefined) return undefined
  const [uid] = values(headers.uid)
  const extra = extraOf(pairs, headers.extraPrefixes)
  const user = { name, groups: values(headers.groups), ...(uid === undefined ? {} : { uid }), ...(extra ? { extra } : {}) }
  return withAuthenticated(user)
}

function extraOf(pairs: readonly [string, string][], prefixes: readonly string[]): Record<string, string[]> | undefined {
  const extra = Object.create(null) as Record<string, string[]>
  for (const prefix of prefixes.map((text) => text.toLowerCase()))
    for (const [name, value] of pairs) {
      if (!name.startsWith(prefix)) continue
      const key = decoded(name.slice(prefix.length))
      extra[key] = [...(extra[key] ?? []), value]
    }
  return Object.keys(extra).length > 0 ? extra : undefined
}

function decoded(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch {
    return key
  }
}
