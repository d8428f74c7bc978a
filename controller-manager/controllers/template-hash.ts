/** The short hash that tells pod templates apart (label pod-template-hash): FNV-1a over the canonical text, in letters that form no words. */
import type { Deployment } from '#api/apps/deployment.ts'

const safeLetters = 'bcdfghjklmnpqrstvwxz2456789'

/** The same template gives the same hash whatever the order of its keys; `collisionCount` gives another one. */
export function templateHash(template: Deployment['spec']['template'], collisionCount: number | undefined): string {
  const text = canonicalText(template) + (collisionCount === undefined ? '' : `#${collisionCount}`)
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(text, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return safeEncode(String(hash))
}

/** Upstream's alphabet without vowels and look-alikes, character by character. */
function safeEncode(text: string): string {
  return [...text].map((c) => safeLetters[c.charCodeAt(0) % safeLetters.length]).join('')
}

/** JSON with sorted keys and without what is empty, as empty and absent are the same to the API. */
function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const parts: string[] = []
  for (const key of Object.keys(value).sort()) {
    const inner: unknown = Reflect.get(value, key)
    if (inner === undefined || inner === null || inner === '' || (Array.isArray(inner) && inner.length === 0)) continue
    parts.push(`${JSON.stringify(key)}:${canonicalText(inner)}`)
  }
  return `{${parts.join(',')}}`
}
