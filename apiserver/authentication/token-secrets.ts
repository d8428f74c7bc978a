/** What becomes of a secret that is to hold a token of a service account (pure; upstream: pkg/controller/serviceaccount/tokens_controller.go). */
import type { Secret } from '#api/core/secret.ts'

export const tokenSecretType = 'kubernetes.io/service-account-token'
const nameAnnotation = 'kubernetes.io/service-account.name'
const uidAnnotation = 'kubernetes.io/service-account.uid'

export const accountNameOf = ({ metadata }: Secret): string => metadata.annotations?.[nameAnnotation] ?? ''

export interface TokenSecretFacts {
  /** Undefined where the account is not there. */
  account: { name: string; uid: string } | undefined
  /** PEM of the authorities of the cluster; undefined where it is not published yet. */
  rootCa: string | undefined
  /** A token for the account, bound to the secret. */
  token: string
}

const encoded = (text: string): string => Buffer.from(text).toString('base64')

/** The secret with what it lacks; `delete` where its account is gone; undefined where there is nothing to do. */
export function filledSecret(secret: Secret, { account, rootCa, token }: TokenSecretFacts): Secret | 'delete' | undefined {
  const annotations = secret.metadata.annotations ?? {}
  const claimed = annotations[uidAnnotation] ?? ''
  if (!account || (claimed !== '' && claimed !== account.uid)) return 'delete'
  const { data = {} } = secret
  const wanted: Record<string, string> = {
    ...data,
    namespace: data['namespace'] || encoded(secret.metadata.namespace ?? ''),
    token: data['token'] || encoded(token),
    ...(rootCa === undefined ? {} : { 'ca.crt': encoded(rootCa) }),
  }
  const isSame = claimed === account.uid && Object.entries(wanted).every(([key, value]) => data[key] === value)
  if (isSame) return undefined
  return { ...secret, metadata: { ...secret.metadata, annotations: { ...annotations, [uidAnnotation]: account.uid } }, data: wanted }
}
