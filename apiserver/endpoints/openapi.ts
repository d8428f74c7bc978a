/**
 * /openapi/v2, /openapi/v3 and the documents behind hashed addresses. A document is made when it is first asked for, and made anew only
 * where the kinds that it tells of have changed; the index alone keeps no more than the hashes.
 */
import { createHash } from 'node:crypto'
import { documentedVersions, openApiIndex, openApiNames, openApiPathOf, openApiV2, openApiV3 } from '#api/openapi.ts'
import type { Resource } from '#api/resource.ts'
import type { RemoteApis } from '#apiserver/aggregation/remote-apis.ts'
import { notAcceptable } from '#apiserver/filters/negotiation.ts'
import { encodeOpenApiV2 } from '#apiserver/protobuf/openapi-v2.ts'
import type { ServedKinds } from '#apiserver/served-kinds.ts'
import type { Answer, ApiRequest } from './exchange.ts'

interface Document {
  bytes: Buffer
  hash: string
}

const v2 = '/openapi/v2'
const v3 = '/openapi/v3'
/** Of requests the one with an at sign, of answers the one with a dot. */
const protobufAccept = /^\s*application\/com\.github\.proto-openapi\.spec\.v2[@.]v1\.0\+protobuf/
const protobufType = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'
const yearMs = 365 * 24 * 3600 * 1000

const documentOf = (bytes: Buffer): Document => ({ bytes, hash: createHash('sha512').update(bytes).digest('hex').toUpperCase() })

export class OpenApi {
  readonly #kinds: ServedKinds
  readonly #remote: Pick<RemoteApis, 'documents'> | undefined
  readonly #documents = new Map<string, Document>()
  readonly #hashes = new Map<string, string>()
  /** What each group version's document was made of. */
  #made = new Map<string, readonly Resource[]>()
  #index: Document | undefined

  /** `remote`: documents of other servers. */
  constructor(kinds: ServedKinds, remote?: Pick<RemoteApis, 'documents' | 'onChange'>) {
    this.#kinds = kinds
    this.#remote = remote
    remote?.onChange(() => {
      this.#index = undefined
    })
    this.#made = this.#versions()
    kinds.onChange(() => this.#forgetChanged())
  }

  /** Undefined for paths that are not about OpenAPI (or documents that are not there). Throws 406. */
  answer(request: ApiRequest): Answer | undefined {
    const path = request.info.path.replace(/\/$/, '')
    if (path === v2) return this.#version2(request)
    if (path === v3) return { ...served(request, this.#indexDocument()), contentType: 'text/plain; charset=utf-8' }
    if (!path.startsWith(`${v3}/`)) return undefined
    checkAccept(request.headers.accept)
    const document = this.#version3(path.slice(v3.length + 1))
    if (!document) return undefined
    const asked = request.info.query.get('hash')
    if (asked === null || asked === '') return served(request, document)
    if (asked !== document.hash)
      return { status: 301, headers: { location: `${path}?hash=${document.hash}`, etag: `"${document.hash}"`, vary: 'Accept' } }
    const headers = { 'cache-control': 'public, immutable', expires: new Date(Date.now() + yearMs).toUTCString() }
    return served(request, document, headers)
  }

  paths(): string[] {
    return [v2, v3, ...openApiNames(this.#kinds).map((name) => `${v3}/${name}`)]
  }

  /** The protobuf form is the only one that kubectl up to 1.27 takes. */
  #version2(request: ApiRequest): Answer {
    const ranges = (request.headers.accept ?? '*/*').split(',')
    const first = ranges.find((range) => protobufAccept.test(range) || isJson(range))
    if (first === undefined) throw notAcceptable('application/json')
    if (!protobufAccept.test(first))
      return served(
        request,
        this.#document(v2, () => this.#json(v2, openApiV2(this.#kinds))),
      )
    const document = this.#document(`${v2} as protobuf`, () => documentOf(encodeOpenApiV2(openApiV2(this.#kinds))))
    return { ...served(request, document), contentType: protobufType }
  }

  #version3(name: string): Document | undefined {
    const known = this.#documents.get(name)
    if (known) return known
    const made = openApiV3(name, this.#kinds)
    return made && this.#document(name, () => this.#json(name, made))
  }

  #indexDocument(): Document {
    const hashOf = (name: string): string => this.#hashes.get(name) ?? this.#json(name, openApiV3(name, this.#kinds) ?? {}).hash
    this.#index ??= documentOf(Buffer.from(JSON.stringify(this.#withRemote(openApiIndex(openApiNames(this.#kinds), hashOf)))))
    return this.#index
  }

  #withRemote(index: ReturnType<typeof openApiIndex>): object {
    const remote = [...(this.#remote?.documents() ?? [])].map(([name, serverRelativeURL]) => [name, { serverRelativeURL }])
    return remote.length === 0 ? index : { paths: { ...(index['paths'] as object), ...Object.fromEntries(remote) } }
  }

  #json(name: string, document: object): Document {
    const made = documentOf(Buffer.from(JSON.stringify(document)))
    this.#hashes.set(name, made.hash)
    return made
  }

  #document(name: string, make: () => Document): Document {
    const document = this.#documents.get(name) ?? make()
    this.#documents.set(name, document)
    return document
  }

  #versions(): Map<string, readonly Resource[]> {
    return new Map(documentedVersions(this.#kinds).map((one) => [openApiPathOf(one), one.resources]))
  }

  #forgetChanged(): void {
    const now = this.#versions()
    for (const name of new Set([...this.#made.keys(), ...now.keys()])) {
      if (sameResources(this.#made.get(name), now.get(name))) continue
      this.#documents.delete(name)
      this.#hashes.delete(name)
    }
    this.#made = now
    this.#index = undefined
    for (const name of [v2, `${v2} as protobuf`]) this.#documents.delete(name)
  }
}

const sameResources = (a: readonly Resource[] | undefined, b: readonly Resource[] | undefined): boolean =>
  a !== undefined && b !== undefined && a.length === b.length && a.every((resource, i) => resource === b[i])

function served(request: ApiRequest, { bytes, hash }: Document, more: Readonly<Record<string, string>> = {}): Answer {
  const headers = { etag: `"${hash}"`, vary: 'Accept', ...more }
  if (request.headers['if-none-match'] === headers.etag) return { status: 304, headers }
  return { status: 200, bytes, contentType: 'application/json', headers }
}

const isJson = (range: string): boolean => /application\/json|\*\/\*|application\/\*/.test(range)

/** The documents of version 3 have no protobuf form here. */
function checkAccept(accept: string | undefined): void {
  if (accept !== undefined && !isJson(accept)) throw notAcceptable('application/json')
}
