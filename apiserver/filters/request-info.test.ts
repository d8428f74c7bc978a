import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isTrue, MalformedPath, requestInfoOf } from './request-info.ts'

const picked = (method: string, url: string): string => {
  const i = requestInfoOf(method, url)
  return i.isResource
    ? `${i.verb} ${i.group}/${i.version} ns=${i.namespace} ${i.resource}/${i.name}/${i.subresource}${i.rest ? ` +${i.rest}` : ''}`
    : `${i.verb} ${i.path}`
}

describe('request info', () => {
  const table: readonly [string, string, string][] = [
    ['GET', '/api/v1/pods', 'list /v1 ns= pods//'],
    ['GET', '/api/v1/namespaces/a/pods', 'list /v1 ns=a pods//'],
    ['GET', '/api/v1/namespaces/a/pods?watch=true', 'watch /v1 ns=a pods//'],
    ['GET', '/api/v1/namespaces/a/pods?watch', 'watch /v1 ns=a pods//'],
    ['GET', '/api/v1/namespaces/a/pods?watch=0', 'list /v1 ns=a pods//'],
    ['GET', '/api/v1/namespaces/a/pods/p', 'get /v1 ns=a pods/p/'],
    ['POST', '/api/v1/namespaces/a/pods', 'create /v1 ns=a pods//'],
    ['PUT', '/apis/apps/v1/namespaces/a/deployments/d/scale', 'update apps/v1 ns=a deployments/d/scale'],
    ['DELETE', '/api/v1/namespaces/a/pods', 'deletecollection /v1 ns=a pods//'],
    ['GET', '/api/v1/namespaces', 'list /v1 ns= namespaces//'],
    ['GET', '/api/v1/namespaces/a', 'get /v1 ns=a namespaces/a/'],
    ['PUT', '/api/v1/namespaces/a/finalize', 'update /v1 ns=a namespaces/a/finalize'],
    ['GET', '/api/v1/watch/namespaces/a/pods/p', 'watch /v1 ns=a pods/p/'],
    ['GET', '/api/v1/watch/pods', 'watch /v1 ns= pods//'],
    ['GET', '/api/v1/watch/namespaces/a/pods', 'watch /v1 ns=a pods//'],
    ['DELETE', '/api/v1/watch/namespaces/a/pods', 'delete /v1 ns= watch/namespaces/a +pods'],
    ['POST', '/api/v1/watch/namespaces/a/pods', 'create /v1 ns= watch/namespaces/a +pods'],
    ['GET', '/api/v1/watch/namespaces/a/pods/p/exec', 'get /v1 ns= watch/namespaces/a +pods/p/exec'],
    ['GET', '/api/v1/watch/namespaces/a/status', 'get /v1 ns= watch/namespaces/a +status'],
    ['GET', '/api/v1/proxy/namespaces/a/pods/p', 'get /v1 ns= proxy/namespaces/a +pods/p'],
    ['GET', '/api/v1/nodes/n/proxy/metrics/cadvisor', 'get /v1 ns= nodes/n/proxy +metrics/cadvisor'],
    ['GET', '/api/v1/namespaces/a/configmaps/x%2Fy', 'get /v1 ns=a configmaps/x/y'],
    ['GET', '/api/v1/namespaces/a/pods?fieldSelector=metadata.name%3Dp', 'list /v1 ns=a pods/p/'],
    ['GET', '/api', 'get /api'],
    ['GET', '/apis/apps/v1', 'get /apis/apps/v1'],
    ['GET', '/healthz', 'get /healthz'],
  ]
  for (const [method, url, wanted] of table) test(`${method} ${url}`, () => assert.equal(picked(method, url), wanted))

  test('a path that cannot be decoded', () => assert.throws(() => requestInfoOf('GET', '/api/v1/%zz'), MalformedPath))
  test('switches in queries', () => {
    for (const on of ['', '1', 'true', 'yes']) assert.equal(isTrue(on), true)
    for (const off of [null, '0', 'false', 'False']) assert.equal(isTrue(off), false)
  })
})
