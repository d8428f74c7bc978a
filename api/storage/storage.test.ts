import assert from 'node:assert/strict'
import { test } from 'node:test'
import { verdicts } from '#api/testing/kind-verdict.ts'
import { CSIDrivers } from './csi-driver.ts'
import { CSINodes } from './csi-node.ts'
import { CSIStorageCapacities } from './csi-storage-capacity.ts'
import { StorageClasses } from './storage-class.ts'
import { VolumeAttachments } from './volume-attachment.ts'
import { VolumeAttributesClasses } from './volume-attributes-class.ts'

test('a storage class', () => {
  assert.deepEqual(verdicts(StorageClasses, { metadata: { name: 'a' }, provisioner: 'a.b/c', parameters: { x: '' } }), [])
})

test('fields of a storage class', () => {
  assert.deepEqual(
    verdicts(StorageClasses, {
      metadata: { name: 'a' },
      provisioner: 'A_b/',
      parameters: { '': 'x' },
      reclaimPolicy: 'Recycle',
      volumeBindingMode: 'Later',
      allowedTopologies: [
        {
          matchLabelExpressions: [
            { key: 'a b', values: [] },
            { key: 'z', values: ['1', '1'] },
          ],
        },
      ],
    }),
    [
      "provisioner: Invalid value: \"a_b/\": prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      'provisioner: Invalid value: "a_b/": name part must be non-empty',
      "provisioner: Invalid value: \"a_b/\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
      'parameters: Invalid value: "": field can not be empty.',
      'reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"',
      'volumeBindingMode: Unsupported value: "Later": supported values: "Immediate", "WaitForFirstConsumer"',
      'allowedTopologies[0].matchLabelExpressions[0].values: Required value',
      "allowedTopologies[0].matchLabelExpressions[0].key: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
      'allowedTopologies[0].matchLabelExpressions[1].values[1]: Duplicate value: "1"',
    ],
  )
})

test('what stays of a storage class', () => {
  assert.deepEqual(
    verdicts(
      StorageClasses,
      {
        metadata: { name: 'a', resourceVersion: '1', uid: 'u' },
        provisioner: 'b',
        parameters: { x: '2' },
        reclaimPolicy: 'Retain',
        volumeBindingMode: 'WaitForFirstConsumer',
      },
      { metadata: { name: 'a', resourceVersion: '1', uid: 'u' }, provisioner: 'a', parameters: { x: '1' } },
    ),
    [
      'parameters: Forbidden: updates to parameters are forbidden.',
      'provisioner: Forbidden: updates to provisioner are forbidden.',
      'reclaimPolicy: Forbidden: updates to reclaimPolicy are forbidden.',
      'volumeBindingMode: Invalid value: "WaitForFirstConsumer": field is immutable',
    ],
  )
})

test('a CSI driver', () => {
  assert.deepEqual(verdicts(CSIDrivers, { metadata: { name: 'a.b' }, spec: {} }), [])
})

test('fields of a CSI driver', () => {
  assert.deepEqual(
    verdicts(CSIDrivers, {
      metadata: { name: 'a' },
      spec: {
        fsGroupPolicy: 'Own',
        volumeLifecycleModes: ['Short'],
        tokenRequests: [{ audience: 'x', expirationSeconds: 5 }, { audience: 'x' }],
        nodeAllocatableUpdatePeriodSeconds: 3,
      },
    }),
    [
      'spec.fsGroupPolicy: Unsupported value: "Own": supported values: "File", "None", "ReadWriteOnceWithFSType"',
      'spec.tokenRequests[0].expirationSeconds: Invalid value: 5: may not specify a duration less than 10 minutes',
      'spec.tokenRequests[1].audience: Duplicate value: "x"',
      'spec.volumeLifecycleModes: Unsupported value: "Short": supported values: "Persistent", "Ephemeral"',
      'spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 3: must be greater than or equal to 10 seconds',
    ],
  )
})

test('what stays of a CSI driver', () => {
  assert.deepEqual(
    verdicts(
      CSIDrivers,
      { metadata: { name: 'a', resourceVersion: '1', uid: 'u' }, spec: { attachRequired: false, volumeLifecycleModes: ['Ephemeral'] } },
      { metadata: { name: 'a', resourceVersion: '1', uid: 'u' }, spec: {} },
    ),
    [
      'spec.attachedRequired: Invalid value: false: field is immutable',
      'spec.volumeLifecycleModes: Invalid value: ["Ephemeral"]: field is immutable',
    ],
  )
})

test('drivers of a CSI node', () => {
  assert.deepEqual(
    verdicts(CSINodes, {
      metadata: { name: 'a' },
      spec: {
        drivers: [
          { name: 'a', nodeID: '', allocatable: { count: -1 }, topologyKeys: ['', 'z', 'z'] },
          { name: 'a', nodeID: 'n' },
        ],
      },
    }),
    [
      'spec.drivers[0].nodeID: Required value',
      'spec.drivers[0].allocatable.count: Invalid value: -1: must be greater than or equal to 0',
      'spec.drivers[0]: Required value',
      'spec.drivers[0]: Invalid value: "": name part must be non-empty',
      "spec.drivers[0]: Invalid value: \"\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
      'spec.drivers[0]: Duplicate value: "z"',
      'spec.drivers[1].name: Duplicate value: "a"',
    ],
  )
})

test('a driver of a CSI node stays as it is', () => {
  assert.deepEqual(
    verdicts(
      CSINodes,
      { metadata: { name: 'a', resourceVersion: '1', uid: 'u' }, spec: { drivers: [{ name: 'a', nodeID: 'm' }] } },
      { metadata: { name: 'a', resourceVersion: '1', uid: 'u' }, spec: { drivers: [{ name: 'a', nodeID: 'n' }] } },
    ),
    ['spec.drivers: Invalid value: {"Name":"a","NodeID":"m","TopologyKeys":null,"Allocatable":null}: field is immutable'],
  )
})

test('a storage capacity', () => {
  assert.deepEqual(
    verdicts(CSIStorageCapacities, {
      metadata: { name: 'a', namespace: 'n' },
      storageClassName: 'A',
      capacity: '-1',
      maximumVolumeSize: '-2',
      nodeTopology: { matchExpressions: [{ key: 'a', operator: 'In' }] },
    }),
    [
      "nodeTopology.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
      "storageClassName: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      'capacity: Invalid value: "-1": must be greater than or equal to 0',
    ],
  )
})

test('a volume attachment', () => {
  assert.deepEqual(verdicts(VolumeAttachments, { metadata: { name: 'a' }, spec: { attacher: '', nodeName: 'N', source: {} } }), [
    'spec.attacher: Required value',
    'spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName',
    "spec.nodeName: Invalid value: \"N\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    'spec.attacher: Required value',
  ])
})

test('the spec of a volume attachment stays', () => {
  assert.deepEqual(
    verdicts(
      VolumeAttachments,
      {
        metadata: { name: 'a', resourceVersion: '1', uid: 'u' },
        spec: { attacher: 'a', nodeName: 'm', source: { persistentVolumeName: 'v' } },
      },
      {
        metadata: { name: 'a', resourceVersion: '1', uid: 'u' },
        spec: { attacher: 'a', nodeName: 'n', source: { persistentVolumeName: 'v' } },
      },
    ),
    [
      'spec: Invalid value: {"Attacher":"a","Source":{"PersistentVolumeName":"v","InlineVolumeSpec":null},"NodeName":"m"}: field is immutable',
    ],
  )
})

test('a class of volume attributes', () => {
  assert.deepEqual(verdicts(VolumeAttributesClasses, { metadata: { name: 'a' }, driverName: '' }), [
    'driverName: Required value',
    'parameters: Required value: must contain at least one key/value pair',
  ])
})

test('a class of volume attributes stays', () => {
  assert.deepEqual(
    verdicts(
      VolumeAttributesClasses,
      { metadata: { name: 'a', resourceVersion: '1', uid: 'u' }, driverName: 'e', parameters: { a: '2' } },
      { metadata: { name: 'a', resourceVersion: '1', uid: 'u' }, driverName: 'd', parameters: { a: '1' } },
    ),
    ['driverName: Forbidden: updates to driverName are forbidden.', 'parameters: Forbidden: updates to parameters are forbidden.'],
  )
})
