/** Files of one volume that stand in each other's way. */
import type { Volume, VolumeProjection } from './volume.ts'

interface Source {
  path: string
  /** What puts the file there, where the volume has several sources. */
  source: string
}

const text = ({ path, source }: Source): string => (source === '' ? JSON.stringify(path) : `${JSON.stringify(path)} (${source})`)

/** One path is the other, or a folder above it. Paths end without slashes. */
function overlap(a: string, b: string): boolean {
  if (a === '' || b === '') return false
  return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`)
}

function overlaps(sources: readonly Source[]): string[] {
  if (sources.length < 2) return []
  const found: string[] = []
  const trimmed = sources.map(({ path }) => path.replace(/\/+$/, ''))
  for (const [i, path] of trimmed.entries()) {
    for (const [j, other] of trimmed.slice(0, i).entries()) {
      if (!overlap(path, other)) continue
      const [one, two] = [sources[i], sources[j]] as [Source, Source]
      found.push(`${text({ ...one, path })} with ${text({ ...two, path: other })}`)
    }
  }
  return found
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

const overlapsIn = (volume: Volume, what: string, sources: readonly Source[]): string[] =>
  overlaps(sources).map((pair) => `volume ${JSON.stringify(volume.name)} (${what}): overlapping paths: ${pair}`)

function projectedWarnings(volume: Volume, sources: readonly VolumeProjection[]): string[] {
  const empty = sources.filter((source) => Object.values(source).every((value) => value === undefined))
  return [
    ...empty.map(() => `volume ${JSON.stringify(volume.name)} (Projected) has no sources provided`),
    ...overlapsIn(volume, 'Projected', sources.flatMap(sourcesOf)),
  ]
}

/** Upstream's texts (pkg/api/pod/warnings.go). */
export function overlapWarnings(volume: Volume): string[] {
  const { configMap, secret, downwardAPI, projected } = volume
  const found: string[] = []
  if (configMap?.items) {
    found.push(...overlapsIn(volume, `ConfigMap ${JSON.stringify(configMap.name ?? '')}`, paths(configMap.items, '')))
  }
  if (secret?.items) found.push(...overlapsIn(volume, `Secret ${JSON.stringify(secret.secretName ?? '')}`, paths(secret.items, '')))
  if (downwardAPI?.items) found.push(...overlapsIn(volume, 'DownwardAPI', paths(downwardAPI.items, '')))
  if (projected?.sources) found.push(...projectedWarnings(volume, projected.sources))
  return found
}
