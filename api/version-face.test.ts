import assert from 'node:assert/strict'
import { test } from 'node:test'
import { IPAddresses } from './networking/ip-address.ts'
import { treeOf } from './tree.ts'
import { versionFace } from './version-face.ts'

test('a face carries the definitions of its version and is stored as the other', () => {
  const face = versionFace(IPAddresses, 'v1beta1')
  const tree = treeOf(face.schema)
  assert.equal(tree.name, 'io.k8s.api.networking.v1beta1.IPAddress')
  assert.equal(tree.byName.get('spec')?.message?.name, 'io.k8s.api.networking.v1beta1.IPAddressSpec')
  assert.equal(tree.byName.get('metadata')?.message?.name, 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta')
  assert.equal(treeOf(IPAddresses.schema).name, 'io.k8s.api.networking.v1.IPAddress')
  const object = { apiVersion: 'networking.k8s.io/v1beta1', kind: 'IPAddress', metadata: { name: '10.0.0.1' }, spec: {} }
  const stored = face.storedAs?.toStored(object)
  assert.equal(stored?.apiVersion, 'networking.k8s.io/v1')
  assert.deepEqual(stored && face.storedAs?.fromStored(stored), object)
})
