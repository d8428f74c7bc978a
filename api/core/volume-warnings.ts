/** Files of one volume that stand in each other's way. */
import type { Volume, VolumeProjection } from './volume.ts'

interface Source {
  path: string
  /** What puts the file there, where the volume has several sources. */
  source: string
}

const text = ({ path, source }: Source): string => (source === '' ? JSON.stringify(path) : `${JSON.stringify(path)} (${source})`)

/** One path is the other, or a folder above it. */
function overlap(a: Source, b: Source): boolean {
  return a.path !== '' && b.path !== '' && (`${a.path}/`.startsWith(`${b.path}/`) || `${b.path}/`.startsWith(`${a.path}/`))
}

function overlaps(sources: readonly Source[]): string[] {
  if (sources.length < 2) return []
  const trimmed = sources.map(({ path, source }) => ({ path: path.replace(/\/+$/, ''), source }))
  return trimmed.flatMap((one, i) =>
    trimmed
      .slice(0, i)
      .filter((other) => overlap(one, other))
      .map((other) => `${text(one)} with ${text(other)}`),
  )
}

const paths = (items: readonly { path: string }[] | undefined, source: string): Source[] =>
  (items ?? []).map(({ path }) => ({ path, source }))

function sourcesOf(projection: VolumeProjection): Source[] {
  const { configMap, secret, downwardAPI, serviceAccountToken: token, clusterTrustBundle: bundle } = projection
  if (configMap?.items) return paths(configMap.items, `ConfigMap ${JSON.stringify(configMap.name ?? '')}`)
  if (secret?.items) return paths(secret.items, `Secret ${JSON.stringify(secret.name ?? '')}`)
  if (downwardAPI?.items) return paths(downwardAPI.items, 'DownwardAPI')
  if (token) return [{ path: token.path, source: 'ServiceAccountToken' }]
  if (bundle) return [{ path: bundle.path, source: `ClusterTrustBundle ${JSON.stringify(bundle.name ?? bundle.signerName ?? '')}` }]
  return []
}

/** Upstream's texts (pkg/api/pod/warnings.go). */
export function overlapWarnings(volumes: readonly Volume[]): string[] {
  return volumes.flatMap(({ name, configMap, secret, downwardAPI, projected }) => {
    const warn = (what: string, sources: readonly Source[]): string[] =>
      overlaps(sources).map((pair) => `volume ${JSON.stringify(name)} (${what}): overlapping paths: ${pair}`)
    const sources = projected?.sources ?? []
    const empty = sources.filter((source) => Object.values(source).every((value) => value === undefined))
    return [
      ...warn(`ConfigMap ${JSON.stringify(configMap?.name ?? '')}`, paths(configMap?.items, '')),
      ...warn(`Secret ${JSON.stringify(secret?.secretName ?? '')}`, paths(secret?.items, '')),
      ...warn('DownwardAPI', paths(downwardAPI?.items, '')),
      ...empty.map(() => `volume ${JSON.stringify(name)} (Projected) has no sources provided`),
      ...warn('Projected', sources.flatMap(sourcesOf)),
    ]
  })
}
