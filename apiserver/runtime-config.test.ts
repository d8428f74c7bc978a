import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apiVersionOf, type Resource } from '#api/resource.ts'
import { featureGatesOf } from './feature-gates.ts'
import { enabledKinds } from './runtime-config.ts'

const kind = (group: string, version: string, plural: string): Resource => ({ group, version, plural }) as Resource
const all = [
  kind('', 'v1', 'pods'),
  kind('apps', 'v1', 'deployments'),
  kind('apps', 'v1', 'replicasets'),
  kind('x.io', 'v1beta1', 'betas'),
  kind('x.io', 'v1alpha1', 'alphas'),
  kind('certificates.k8s.io', 'v1beta1', 'clustertrustbundles'),
]
const served = (settings: Record<string, string>, gates: Record<string, string> = {}): string[] =>
  enabledKinds(all, ['authorization.k8s.io/v1'], new Map(Object.entries(settings)), featureGatesOf(new Map(Object.entries(gates)))).map(
    (resource) => `${apiVersionOf(resource)}/${resource.plural}`,
  )

const stable = ['v1/pods', 'apps/v1/deployments', 'apps/v1/replicasets']

test('stable versions are served, others where they are asked for', () => {
  assert.deepEqual(served({}), stable)
  assert.deepEqual(served({ 'api/beta': 'true' }), [...stable, 'x.io/v1beta1/betas'])
  assert.deepEqual(served({ 'api/all': 'true' }), [...stable, 'x.io/v1beta1/betas', 'x.io/v1alpha1/alphas'])
  assert.deepEqual(served({ 'api/all': 'true', 'api/alpha': 'false' }), [...stable, 'x.io/v1beta1/betas'])
  assert.deepEqual(served({ 'x.io/v1beta1': '' }), [...stable, 'x.io/v1beta1/betas'])
  assert.deepEqual(served({ 'x.io/v1beta1/betas': 'true', 'x.io/v1beta1': 'false' }), [...stable, 'x.io/v1beta1/betas'])
  assert.deepEqual(served({ 'apps/v1/replicasets': 'false', 'authorization.k8s.io/v1': 'true' }), stable.slice(0, 2))
  assert.deepEqual(served({ 'api/v1': 'false' }), stable.slice(1))
})

test('some kinds need a feature gate too', () => {
  const bundles = 'certificates.k8s.io/v1beta1/clustertrustbundles'
  assert.deepEqual(served({ 'certificates.k8s.io/v1beta1': 'true' }), stable)
  assert.deepEqual(served({ 'certificates.k8s.io/v1beta1': 'true' }, { ClusterTrustBundle: 'true' }), [...stable, bundles])
})

test('what cannot be meant is refused in words of upstream', () => {
  const refused: Readonly<Record<string, [string, string]>> = {
    'unknown api groups foo': ['foo/v1', 'true'],
    'unknown api groups api': ['api/foo', 'true'],
    'group version apps/v9 that has not been registered': ['apps/v9', 'true'],
    'runtime-config invalid key foo': ['foo', 'true'],
    'runtime-config invalid key a/b/c/d': ['a/b/c/d', 'true'],
    'invalid value of apps/v1: x, err: strconv.ParseBool: parsing "x": invalid syntax': ['apps/v1', 'x'],
    'invalid key apps/v1/Foo: group/version/resource and resource is always lowercase plural, not "Foo"': ['apps/v1/Foo', 'true'],
    'invalid key with only api/all=false': ['api/all', 'false'],
    'invalid value api/all=x': ['api/all', 'x'],
    'group version coordination.k8s.io/v1alpha2 cannot be enabled: this server does not have it': ['coordination.k8s.io/v1alpha2', 'true'],
  }
  for (const [message, [key, value]] of Object.entries(refused)) assert.throws(() => served({ [key]: value }), { message })
})

test('feature gates have defaults, and some cannot be changed', () => {
  const gates = (given: Record<string, string>) => featureGatesOf(new Map(Object.entries(given)))
  assert.equal(gates({}).isEnabled('ClusterTrustBundle'), false)
  assert.equal(gates({ AllBeta: 'true' }).isEnabled('ClusterTrustBundle'), true)
  assert.equal(gates({ AllBeta: 'true', ClusterTrustBundle: 'f' }).isEnabled('ClusterTrustBundle'), false)
  assert.deepEqual(gates({ DRADeviceTaints: 'true', WatchList: 'true' }).changed(), ['DRADeviceTaints'])
  const refused: Readonly<Record<string, [string, string]>> = {
    'unrecognized feature gate: Nope': ['Nope', 'true'],
    'invalid value of WatchList=x, err: strconv.ParseBool: parsing "x": invalid syntax': ['WatchList', 'x'],
    'cannot set feature gate DynamicResourceAllocation to false, feature is locked to true': ['DynamicResourceAllocation', 'false'],
  }
  for (const [message, [name, value]] of Object.entries(refused)) assert.throws(() => gates({ [name]: value }), { message })
})
