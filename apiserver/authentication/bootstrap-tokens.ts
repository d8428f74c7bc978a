/** Tokens with which new nodes ask for their first certificate: secrets of a certain form in kube-system (upstream: plugin/pkg/auth/authenticator/token/bootstrap). */
import { timingSafeEqual } from 'node:crypto'
import type { TokenReviewer } from './authenticator.ts'
import { withAuthenticated } from './user.ts'

export interface BootstrapSecret {
  type: string
  /** Decoded. */
  data: Readonly<Record<string, string>>
  isDeleted: boolean
}

export interface BootstrapSecrets {
  /** A secret of kube-system. */
  bootstrapSecret(name: string): Promise<BootstrapSecret | undefined>
}

const form = /^([a-z0-9]{6})\.([a-z0-9]{16})$/
const groupForm = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/
const defaultGroup = 'system:bootstrappers'

export function bootstrapTokens(secrets: BootstrapSecrets, ownAudiences: readonly string[]): TokenReviewer {
  return {
    async review(token, audiences, now) {
      const [, id = '', secret = ''] = form.exec(token) ?? []
      if (id === '') return { error: '' }
      const found = await secrets.bootstrapSecret(`bootstrap-token-${id}`)
      if (!found || found.isDeleted || found.type !== 'bootstrap.kubernetes.io/token') return { error: '' }
      const groups = groupsOf(found, { id, secret }, now)
      const shared = audiences.filter((audience) => ownAudiences.includes(audience))
      if (!groups || (shared.length === 0 && audiences.length > 0)) return { error: '' }
      return { user: withAuthenticated({ name: `system:bootstrap:${id}`, groups }), audiences: shared }
    },
  }
}

/** Undefined where the secret does not stand for the token, or no longer. */
function groupsOf({ data }: BootstrapSecret, token: { id: string; secret: string }, now: Date): string[] | undefined {
  const field = (name: string): string => (Object.hasOwn(data, name) ? (data[name] ?? '') : '')
  const [wanted, given] = [Buffer.from(field('token-secret')), Buffer.from(token.secret)]
  if (wanted.length !== given.length || !timingSafeEqual(wanted, given)) return undefined
  if (field('token-id') !== token.id || field('usage-bootstrap-authentication') !== 'true') return undefined
  const expiration = field('expiration')
  if (expiration !== '' && !(Date.parse(expiration) > now.getTime())) return undefined
  const extra = field('auth-extra-groups')
  const others = extra === '' ? [] : extra.split(',')
  return others.every((group) => groupForm.test(group)) ? [defaultGroup, ...new Set(others)] : undefined
}
