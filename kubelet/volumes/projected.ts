/** projected volumes: several sources in one directory, the service-account token among them. */
import type { VolumeProjection } from '#api/core/volume.ts'
import { checkedPath, configMapPayload, downwardPayload, type Payload, secretPayload } from './payload.ts'
import { type VolumeContext, VolumeError, type VolumeKind } from './volume.ts'
import { commonUser, defaultFileMode, writeVolume } from './written-volume.ts'

const defaultTokenSeconds = 3600

const write: VolumeKind['setUp'] = async (volume, context) => {
  const { sources = [], defaultMode = defaultFileMode } = volume.projected ?? {}
  const parts = await Promise.allSettled(sources.map((source) => payloadOf(source, defaultMode, context)))
  const failures = parts.flatMap((part) => (part.status === 'rejected' ? [(part.reason as Error).message] : []))
  if (failures.length > 0) throw new VolumeError(problemsText(failures))
  const payload: Payload = new Map(parts.flatMap((part) => (part.status === 'fulfilled' ? [...part.value] : [])))
  return writeVolume(context, payload, { inMemory: true })
}

/** As Go tells several errors: each once, in brackets. */
function problemsText(problems: readonly string[]): string {
  const distinct = [...new Set(problems)]
  return distinct.length === 1 ? (distinct[0] ?? '') : `[${distinct.join(', ')}]`
}

async function payloadOf(source: VolumeProjection, mode: number, context: VolumeContext): Promise<Payload> {
  const { pod, objects } = context
  const namespace = pod.metadata.namespace ?? ''
  if (source.configMap) {
    const { name = '', items, optional = false } = source.configMap
    return configMapPayload(objects.configMap(namespace, name), name, { items, mode, optional })
  }
  if (source.secret) {
    const { name = '', items, optional = false } = source.secret
    return secretPayload(objects.secret(namespace, name), name, { items, mode, optional })
  }
  if (source.downwardAPI) return downwardPayload(pod, source.downwardAPI.items ?? [], mode, context.facts)
  if (source.serviceAccountToken) return tokenPayload(source.serviceAccountToken, mode, context)
  // Both need feature gates that are off by default.
  if (source.clusterTrustBundle) throw new VolumeError('ClusterTrustBundle projection is not supported by this node')
  if (source.podCertificate) throw new VolumeError('PodCertificate projection is not supported by this node')
  return new Map()
}

async function tokenPayload(
  source: NonNullable<VolumeProjection['serviceAccountToken']>,
  mode: number,
  context: VolumeContext,
): Promise<Payload> {
  const ask = { audience: source.audience ?? '', expirationSeconds: source.expirationSeconds ?? defaultTokenSeconds }
  const token = await context.tokens.token(context.pod, ask).catch((error: Error) => {
    throw new VolumeError(`failed to fetch token: ${error.message}`)
  })
  // As upstream: nobody but the one user, or the group, reads a token where these are known.
  const own = commonUser(context) !== undefined || context.pod.spec?.securityContext?.fsGroup !== undefined
  return new Map([[checkedPath(source.path), { data: Buffer.from(token), mode: own ? 0o600 : mode, uid: commonUser(context) }]])
}

export const projectedVolume: VolumeKind = {
  plugin: 'kubernetes.io~projected',
  readOnly: true,
  setUp: write,
  refresh: async (volume, context) => void (await write(volume, context)),
}
