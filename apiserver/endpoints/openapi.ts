/** /openapi/v2, /openapi/v3 and the documents per group version behind hashed addresses; each is made when it is first asked for. */
import { createHash } from 'node:crypto'
import { openApiIndex, openApiPathOf, openApiV2, openApiV3 } from '#api/openapi.ts'
import { OPENAPI_V2_PROTOBUF_ACCEPT, OPENAPI_V2_PROTOBUF_TYPE, openApiV2Protobuf } from '#api/openapi-protobuf.ts'
import type { Plain } from '#api/own.ts'
import { groupVersions } from '#api/scheme.ts'
import { notAcceptable } from '#apiserver/filters/negotiation.ts'
import { encodeOpenApiV2 } from '#apiserver/protobuf/openapi-v2.ts'
import type { Answer, ApiRequest } from './exchange.ts'

interface Document {
  bytes: Buffer
  hash: string
}

const v2 = '/openapi/v2'
const v3 = '/openapi/v3'
const protobufType = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'
const encodeJson = (document: object): Buffer => Buffer.from(JSON.stringify(document))
const wantsProtobuf = (accept = ''): boolean => /^application\/com\.github\.proto-openapi\.spec\.v2[@.]v1\.0\+protobuf/.test(accept.trim())
const yearMs = 365 * 24 * 3600 * 1000

export class OpenApi {
  readonly #documents = new Map<string, Document>()

  /** Undefined for paths that are not about OpenAPI (or documents that are not there). Throws 406. */
  answer(request: ApiRequest): Answer | undefined {
    const path = request.info.path.replace(/\/$/, '')
    if (path !== v2 && path !== v3 && !path.startsWith(`${v3}/`)) return undefined
    if (path === v2 && wantsProtobuf(request.headers.accept)) return this.#v2Protobuf(request)
    if (path === v2 && request.headers.accept?.includes(OPENAPI_V2_PROTOBUF_ACCEPT)) return this.#protobuf(request)
    checkAccept(request.headers.accept)
    if (path === v2) return served(request, this.#document(path, openApiV2))
    if (path === v3) return { status: 200, object: openApiIndex((name) => this.#groupVersion(name)?.hash ?? '') }
    const name = path.slice(v3.length + 1)
    const document = this.#groupVersion(name)
    if (!document) return undefined
    const asked = request.info.query.get('hash')
    if (asked === null || asked === '') return served(request, document)
    if (asked !== document.hash)
      return { status: 301, headers: { location: `${path}?hash=${document.hash}`, etag: `"${document.hash}"`, vary: 'Accept' } }
    const headers = { 'cache-control': 'public, immutable', expires: new Date(Date.now() + yearMs).toUTCString() }
    return served(request, document, headers)
  }

  /** kubectl up to 1.28 takes version 2 in this form alone. */
  #protobuf(request: ApiRequest): Answer {
    const known = this.#documents.get(OPENAPI_V2_PROTOBUF_TYPE)
    const document = known ?? documentOf(openApiV2Protobuf(JSON.parse(this.#document(v2, openApiV2).bytes.toString()) as Plain))
    this.#documents.set(OPENAPI_V2_PROTOBUF_TYPE, document)
    return { ...served(request, document), contentType: OPENAPI_V2_PROTOBUF_TYPE }
  }

  paths(): string[] {
    return [v2, v3, ...groupVersions.map((gv) => `${v3}/${openApiPathOf(gv)}`)]
  }

  /** The only form that kubectl up to 1.27 asks for. */
  #v2Protobuf(request: ApiRequest): Answer {
    const document = this.#document(`${v2} as protobuf`, openApiV2, encodeOpenApiV2)
    return { ...served(request, document), contentType: protobufType }
  }

  #groupVersion(name: string): Document | undefined {
    const groupVersion = groupVersions.find((gv) => openApiPathOf(gv) === name)
    return groupVersion && this.#document(name, () => openApiV3(groupVersion))
  }

  #document(name: string, make: () => object, encode = encodeJson): Document {
    const known = this.#documents.get(name)
    if (known) return known
    const bytes = encode(make())
    const document = { bytes, hash: createHash('sha512').update(bytes).digest('hex').toUpperCase() }
    this.#documents.set(name, document)
    return document
  }
}

const documentOf = (bytes: Buffer): Document => ({ bytes, hash: createHash('sha512').update(bytes).digest('hex').toUpperCase() })

function served(request: ApiRequest, { bytes, hash }: Document, more: Readonly<Record<string, string>> = {}): Answer {
  const headers = { etag: `"${hash}"`, vary: 'Accept', ...more }
  if (request.headers['if-none-match'] === headers.etag) return { status: 304, headers }
  return { status: 200, bytes, contentType: 'application/json', headers }
}

/** The documents of version 3 have no protobuf form here. */
function checkAccept(accept: string | undefined): void {
  if (accept === undefined || /application\/json|\*\/\*|application\/\*/.test(accept)) return
  throw notAcceptable('application/json')
}
