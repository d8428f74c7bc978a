/** Each HTTP method on each path of each kind beside upstream: what is refused, with which words and headers. */
import { after, before, describe, test } from 'node:test'
import { resources } from '#api/scheme.ts'
import { corpusOf } from './differential/requests.ts'
import { type Pair, skipWithoutOracle as skip, startPair } from './pair.ts'
import type { RawRequest } from './raw.ts'

const methods = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE']
const subresources = ['status', 'scale', 'eviction', 'binding', 'token', 'approval', 'ephemeralcontainers', 'resize', 'finalize', 'nothing']

/** Nothing that would change an object for good. */
function requestOf(method: string, path: string, isCollection: boolean): RawRequest {
  if (method !== 'DELETE') return { method, path }
  return { method, path: isCollection ? `${path}?labelSelector=none%3Dsuch` : `${path}?dryRun=All` }
}

/** Controllers inside of either server write about these, each in its own time and name; a request for a certificate tells who asked. */
const toldOf = new Set(['flowschemas', 'apiservices', 'certificatesigningrequests', 'customresourcedefinitions'])
/** Of what lies outside of the namespace the servers have their own. */
const isShared = ({ method, path }: RawRequest, namespace: string): boolean => method === 'GET' && !path.includes(namespace)

describe('methods on all paths beside upstream', { skip }, () => {
  let pair: Pair
  before(async () => {
    pair = await startPair('verbs')
  })
  after(() => pair[Symbol.asyncDispose]())

  for (const resource of resources) {
    test(`${resource.plural} ${resource.group}/${resource.version}`, async () => {
      const corpus = corpusOf(resource, pair.namespace, Number.MAX_SAFE_INTEGER)
      if (corpus === undefined) return
      await pair.ask({ method: 'POST', path: corpus.collection, body: corpus.seed })
      const { collection, item } = corpus
      const paths = [item, ...subresources.map((name) => `${item}/${name}`)]
      const requests = [
        ...methods.map((method) => requestOf(method, collection, true)),
        ...paths.flatMap((path) => methods.map((method) => requestOf(method, path, false))),
      ]
      const isOut = (one: RawRequest): boolean => {
        // ours warns of a deprecated kind before it looks at the type of a patch
        if (resource.deprecation !== undefined && one.method === 'PATCH') return true
        return isShared(one, pair.namespace) || (toldOf.has(resource.plural) && one.method === 'GET')
      }
      await pair.allSame(requests.filter((one) => !isOut(one)))
      await pair.ask({ method: 'DELETE', path: `${item}?gracePeriodSeconds=0` })
    })
  }
})
