import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { VolumeMount } from '#api/core/container.ts'
import { ConfigError } from '#kubelet/environment/env.ts'
import { app, pod } from '#kubelet/pods/pod-fixtures.ts'
import { type ContainerMountsDeps, subPathOf, volumeDevices, volumeMounts } from './container-mounts.ts'
import { hugePageSize } from './huge-pages.ts'
import { formatArgv } from './local-device.ts'
import type { PlacedVolume } from './volume-manager.ts'

const placed: Record<string, PlacedVolume> = {
  data: { field: 'emptyDir', spec: { name: 'data' }, path: '/pods/data', readOnly: false },
  words: { field: 'configMap', spec: { name: 'words' }, path: '/pods/words', readOnly: true },
  disk: { field: 'local', spec: { name: 'pv', block: true }, path: '/dev/sdb', readOnly: false },
}
const deps = { volumes: { placed: (_uid: string, name: string) => placed[name] } } as unknown as ContainerMountsDeps
const mounted = (...mounts: Partial<VolumeMount>[]) => {
  const container = app('main', { volumeMounts: mounts.map((mount) => ({ name: 'data', mountPath: '/data', ...mount })) })
  return volumeMounts(deps, { pod: pod({ containers: [container] }), container, env: new Map(), signal: new AbortController().signal })
}

test('mounts as asked for, but never more than the volume allows', async () => {
  const made = await mounted(
    { mountPath: 'relative/' },
    { readOnly: true, mountPropagation: 'None', recursiveReadOnly: 'IfPossible' },
    { mountPropagation: 'HostToContainer' },
    { mountPropagation: 'Bidirectional' },
    { name: 'words', mountPath: '/etc/../w' },
  )
  assert.deepEqual(made, [
    { hostPath: '/pods/data', containerPath: '/relative', readOnly: false, propagation: 'private' },
    { hostPath: '/pods/data', containerPath: '/data', readOnly: true, propagation: 'private' },
    { hostPath: '/pods/data', containerPath: '/data', readOnly: false, propagation: 'rslave' },
    { hostPath: '/pods/data', containerPath: '/data', readOnly: false, propagation: 'rshared' },
    { hostPath: '/pods/words', containerPath: '/w', readOnly: true, propagation: 'private' },
  ])
})

test('what cannot be mounted is refused in upstream’s words', async () => {
  const rro = 'failed to resolve recursive read-only mode: volume "data" requested recursive read-only mode, but '
  const cases: [Partial<VolumeMount>, string][] = [
    [{ name: 'none' }, 'cannot find volume "none" to mount into container "main"'],
    [{ recursiveReadOnly: 'IfPossible' }, `${rro}it is not read-only`],
    [
      { recursiveReadOnly: 'Enabled', readOnly: true, mountPropagation: 'HostToContainer' },
      `${rro}it is not compatible with propagation "HostToContainer"`,
    ],
    [{ recursiveReadOnly: 'Enabled', readOnly: true }, `${rro}it is not supported by the runtime`],
  ]
  for (const [mount, message] of cases) await assert.rejects(mounted(mount), new ConfigError(message))
})

test('sub-paths, plain and of variables', () => {
  const env = new Map([
    ['POD', 'web'],
    ['EMPTY', ''],
    ['UP', '../x'],
  ])
  assert.equal(subPathOf({}, env), '')
  assert.equal(subPathOf({ subPath: 'a/$(POD)' }, env), 'a/$(POD)')
  assert.equal(subPathOf({ subPathExpr: 'a/$(POD)/$$(POD)' }, env), 'a/web/$(POD)')
  const fails = (subPathExpr: string, message: string) => assert.throws(() => subPathOf({ subPathExpr }, env), new ConfigError(message))
  fails('$(EMPTY)/$(NONE)/$(ALSO)', 'missing value for ALSO, EMPTY, NONE')
  fails('/$(POD)', 'error SubPath `/web` must not be an absolute path')
  fails('$(UP)', "unable to provision SubPath `../x`: must not contain '..'")
})

test('devices of volumes in block mode', () => {
  const container = app('main', { volumeDevices: [{ name: 'disk', devicePath: '/dev/xvda' }] })
  const found = volumeDevices(deps, { pod: pod({ containers: [container] }), container })
  assert.deepEqual(found, [{ hostPath: '/dev/sdb', containerPath: '/dev/xvda', permissions: 'mrw' }])
})

test('the size of huge pages: named, or the only one asked for', () => {
  const asking = (...names: string[]) =>
    pod({ containers: names.map((name, i) => app(`c${i}`, { resources: { requests: { [`hugepages-${name}`]: '4Mi' } } })) })
  assert.equal(hugePageSize(asking('2Mi'), 'HugePages'), '2M')
  assert.equal(hugePageSize(asking('2Mi', '1Gi'), 'HugePages-1Gi'), '1G')
  assert.throws(
    () => hugePageSize(asking('2Mi', '1Gi'), 'HugePages'),
    /medium: HugePages can't be used if container requests multiple huge page sizes/,
  )
  assert.throws(
    () => hugePageSize(asking(), 'HugePages-2Mi'),
    /medium HugePages-2Mi: hugePages storage requested, but there is no resource request/,
  )
})

test('disks are formatted without space for root', () => {
  assert.deepEqual(formatArgv('ext4', '/dev/sdb'), ['mkfs.ext4', '-F', '-m0', '/dev/sdb'])
  assert.deepEqual(formatArgv('xfs', '/dev/sdb'), ['mkfs.xfs', '/dev/sdb'])
})
