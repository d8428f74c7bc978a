/** Tokens of a file: lines of token, user, uid and, quoted, the groups (upstream: --token-auth-file). */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { TokenReviewer } from './authenticator.ts'
import { type User, withAuthenticated } from './user.ts'

/** Throws for a line with fewer than three columns, or with a quotation mark out of place. */
export function staticTokens(csv: string, ownAudiences: readonly string[]): TokenReviewer {
  const users = new Map<string, { token: Buffer; user: User }>()
  for (const [token = '', name = '', uid = '', groups = ''] of recordsOf(csv)) {
    if (token === '') continue
    const user = withAuthenticated({ name, ...(uid === '' ? {} : { uid }), groups: groups === '' ? [] : groups.split(',') })
    users.set(hashOf(token).toString('base64'), { token: hashOf(token), user })
  }
  return {
    async review(token, audiences) {
      const hash = hashOf(token)
      const found = users.get(hash.toString('base64'))
      if (!found || !timingSafeEqual(found.token, hash)) return { error: '' }
      const shared = audiences.filter((audience) => ownAudiences.includes(audience))
      if (shared.length === 0 && audiences.length > 0) return { error: '' }
      return { user: found.user, audiences: shared, holds: () => true }
    },
  }
}

/** Tokens are looked up and compared by hash, so that the time taken says nothing of them. */
const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest()

function recordsOf(csv: string): string[][] {
  const lines = csv.split(/\r?\n/).filter((line) => line !== '')
  return lines.map((line, i) => {
    const fields = fieldsOf(line)
    if (!fields) throw new Error(`line ${i + 1}: a quotation mark is out of place`)
    if (fields.length < 3)
      throw new Error(`line ${i + 1} must have at least 3 columns (token, user name, user uid), found ${fields.length}`)
    return fields
  })
}

function fieldsOf(line: string): string[] | undefined {
  const fields: string[] = []
  let rest = line
  for (;;) {
    const quoted = /^"((?:[^"]|"")*)"(?=,|$)/.exec(rest)
    const bare = quoted ?? /^([^",]*)(?=,|$)/.exec(rest)
    if (!bare) return undefined
    fields.push(quoted ? (quoted[1] ?? '').replaceAll('""', '"') : (bare[1] ?? ''))
    if (rest.length === bare[0].length) return fields
    rest = rest.slice(bare[0].length + 1)
  }
}
