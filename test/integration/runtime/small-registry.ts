/** A container registry of one image, for pulls that succeed, are refused, or break half way. */
import { createHash, randomUUID } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'

export interface SmallRegistry {
  address: string
  /** Digest of the one image's manifest. */
  digest: string
  /** What the next requests meet. */
  mood: 'well' | 'failing' | 'busy' | 'truncated'
  guarded: boolean
  close(): void
}

const sha256 = (data: Buffer): string => `sha256:${createHash('sha256').update(data).digest('hex')}`

/** Serves `app:v1`; to everybody, or while it is guarded to user `me` with password `secret`. */
export async function smallRegistry(): Promise<SmallRegistry> {
  const archive = pack()
  // No two registries have the same layer: Docker would not ask for it a second time.
  archive.entry({ name: 'hello' }, `hello ${randomUUID()}\n`)
  archive.finalize()
  const tar = await buffer(archive)
  const layer = gzipSync(tar)
  const config = Buffer.from(
    JSON.stringify({ architecture: 'amd64', os: 'linux', config: { User: '1234' }, rootfs: { type: 'layers', diff_ids: [sha256(tar)] } }),
  )
  const manifestType = 'application/vnd.docker.distribution.manifest.v2+json'
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config: { mediaType: 'application/vnd.docker.container.image.v1+json', size: config.length, digest: sha256(config) },
      layers: [{ mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip', size: layer.length, digest: sha256(layer) }],
    }),
  )
  const blobs = new Map([
    [sha256(config), config],
    [sha256(layer), layer],
  ])
  const registry = { mood: 'well' as SmallRegistry['mood'], digest: sha256(manifest), guarded: false }
  const send = (response: ServerResponse, code: number, body: Buffer | string, headers: Record<string, string> = {}) => {
    response.writeHead(code, {
      'docker-distribution-api-version': 'registry/2.0',
      'content-length': String(Buffer.byteLength(body)),
      ...headers,
    })
    response.end(response.req.method === 'HEAD' ? undefined : body)
  }
  const server = createServer((request, response) => {
    const url = request.url ?? ''
    const allowed = request.headers.authorization === `Basic ${Buffer.from('me:secret').toString('base64')}`
    if (registry.mood === 'failing') return send(response, 500, '{"errors":[{"code":"UNKNOWN","message":"out of order"}]}')
    if (registry.mood === 'busy') return send(response, 429, '{"errors":[{"code":"TOOMANYREQUESTS","message":"come back later"}]}')
    if (registry.guarded && !allowed) {
      return send(response, 401, '{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}', {
        'www-authenticate': 'Basic realm="test"',
      })
    }
    if (url === '/v2/') return send(response, 200, '{}')
    const blob = blobs.get(url.split('/').at(-1) ?? '')
    if (blob !== undefined && url.includes('/blobs/')) {
      if (registry.mood === 'truncated') {
        response.writeHead(200, { 'content-length': String(blob.length) })
        response.write(blob.subarray(0, 5))
        setTimeout(() => response.destroy(), 10)
        return
      }
      return send(response, 200, blob, { 'content-type': 'application/octet-stream' })
    }
    if (/\/app\/manifests\/(v1|sha256:)/.test(url)) {
      return send(response, 200, manifest, { 'content-type': manifestType, 'docker-content-digest': registry.digest })
    }
    send(response, 404, '{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return Object.assign(registry, {
    address,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  })
}
