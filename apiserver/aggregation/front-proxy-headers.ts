/** How this server tells another one on whose behalf it asks (pure; upstream: client-go, transport.SetAuthProxyHeaders). */
import type { OutgoingHttpHeaders } from 'node:http'
import type { User } from '#apiserver/authentication/user.ts'
import { headerBytes } from '#apiserver/filters/header-text.ts'

export function frontProxyHeaders({ name, uid, groups, extra }: User): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = { 'X-Remote-User': headerBytes(name) }
  if (uid) headers['X-Remote-Uid'] = headerBytes(uid)
  if (groups.length > 0) headers['X-Remote-Group'] = groups.map(headerBytes)
  for (const [key, values] of Object.entries(extra ?? {})) headers[`X-Remote-Extra-${escapedKey(key)}`] = values.map(headerBytes)
  return headers
}

/** All bytes but those that a header name may hold are percent-encoded, and the percent sign itself. */
function escapedKey(key: string): string {
  let escaped = ''
  for (const byte of Buffer.from(key)) {
    const char = String.fromCharCode(byte)
    escaped += /[A-Za-z0-9!#$&'*+.^_`|~-]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return escaped
}
