import assert from 'node:assert/strict'
import { test } from 'node:test'
import { verdicts } from '#api/testing/kind-verdict.ts'
import { DeviceClasses } from './device-class.ts'
import { ResourceClaims } from './resource-claim.ts'
import { ResourceClaimTemplates } from './resource-claim-template.ts'
import { ResourceSlices } from './resource-slice.ts'

test('a claim', () => {
  assert.deepEqual(
    verdicts(ResourceClaims, {
      metadata: { name: 'a', namespace: 'n' },
      spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'c' } }] } },
    }),
    [],
  )
})

test('requests of a claim', () => {
  assert.deepEqual(
    verdicts(ResourceClaims, {
      metadata: { name: 'a', namespace: 'n' },
      spec: {
        devices: {
          requests: [
            { name: 'A' },
            { name: 'r', exactly: { deviceClassName: '', allocationMode: 'All', count: 2 } },
            {
              name: 'r',
              exactly: { deviceClassName: 'c', selectors: [{}, { cel: { expression: 'device.driver ==' } }, { cel: { expression: '1' } }] },
            },
            { name: 'f', exactly: { deviceClassName: 'c' }, firstAvailable: [{ name: 'x', deviceClassName: 'c' }] },
          ],
        },
      },
    }),
    [
      "spec.devices.requests[0].name: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
      'spec.devices.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required',
      'spec.devices.requests[1].exactly.deviceClassName: Required value',
      "spec.devices.requests[1].exactly.count: Invalid value: 2: must not be specified when allocationMode is 'All'",
      'spec.devices.requests[2].exactly.selectors[0].cel: Required value',
      "spec.devices.requests[2].exactly.selectors[1].cel.expression: Invalid value: \"device.driver ==\": compilation failed: ERROR: <input>:1:17: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | device.driver ==\n | ................^",
      'spec.devices.requests[2].exactly.selectors[2].cel.expression: Invalid value: "1": must evaluate to bool or the unknown type, not int',
      'spec.devices.requests[3]: Invalid value: null: exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set',
      'spec.devices.requests[2]: Duplicate value: "r"',
    ],
  )
})

test('constraints and settings of a claim', () => {
  assert.deepEqual(
    verdicts(ResourceClaims, {
      metadata: { name: 'a', namespace: 'n' },
      spec: {
        devices: {
          requests: [{ name: 'r', exactly: { deviceClassName: 'c' } }],
          constraints: [{ requests: ['q'] }, { matchAttribute: 'a' }],
          config: [{ requests: ['r', 'r'] }, { opaque: { driver: '', parameters: [] } }],
        },
      },
    }),
    [
      'spec.devices.constraints[0].requests[0]: Invalid value: "q": must be the name of a request in the claim or the name of a request and a subrequest separated by \'/\'',
      'spec.devices.constraints[0].matchAttribute: Required value',
      'spec.devices.constraints[1].matchAttribute: Invalid value: "a": a fully qualified name must be a domain and a name separated by a slash',
      'spec.devices.config[0].requests[1]: Duplicate value: "r"',
      'spec.devices.config[0].opaque: Required value',
      'spec.devices.config[1].opaque.driver: Required value',
      'spec.devices.config[1].opaque.parameters: Invalid value: "<value omitted>": must be a valid JSON object',
    ],
  )
})

test('the spec of a claim stays', () => {
  assert.deepEqual(
    verdicts(
      ResourceClaims,
      {
        metadata: { name: 'a', namespace: 'n', resourceVersion: '1', uid: 'u' },
        spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'd' } }] } },
      },
      {
        metadata: { name: 'a', namespace: 'n', resourceVersion: '1', uid: 'u' },
        spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'c' } }] } },
      },
    ),
    [
      'spec: Invalid value: {"Devices":{"Requests":[{"Name":"r","Exactly":{"DeviceClassName":"d","Selectors":null,"AllocationMode":"ExactCount","Count":1,"AdminAccess":null,"Tolerations":null,"Capacity":null},"FirstAvailable":null}],"Constraints":null,"Config":null}}: field is immutable',
    ],
  )
})

test('an allocation', () => {
  assert.deepEqual(
    verdicts(
      ResourceClaims,
      {
        metadata: { name: 'a', namespace: 'n', resourceVersion: '1', uid: 'u' },
        spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'c' } }] } },
        status: {
          allocation: { devices: { results: [{ request: 'q', driver: 'D', pool: '', device: 'x y' }] } },
          reservedFor: [
            { resource: 'pods', name: 'p', uid: 'u' },
            { resource: 'pods', name: 'q', uid: 'u' },
          ],
        },
      },
      {
        metadata: { name: 'a', namespace: 'n', resourceVersion: '1', uid: 'u' },
        spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'c' } }] } },
      },
      'status',
    ),
    [
      'status.reservedFor[1]: Duplicate value: "u"',
      'status.allocation.devices.results[0].request: Invalid value: "q": must be the name of a request in the claim or the name of a request and a subrequest separated by \'/\'',
      'status.allocation.devices.results[0].pool: Required value',
      "status.allocation.devices.results[0].device: Invalid value: \"x y\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ],
  )
})

test('reserved without an allocation', () => {
  assert.deepEqual(
    verdicts(
      ResourceClaims,
      {
        metadata: { name: 'a', namespace: 'n', resourceVersion: '1', uid: 'u' },
        spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'c' } }] } },
        status: { reservedFor: [{ resource: '', name: '', uid: '' }] },
      },
      {
        metadata: { name: 'a', namespace: 'n', resourceVersion: '1', uid: 'u' },
        spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'c' } }] } },
      },
      'status',
    ),
    [
      'status.reservedFor[0].resource: Required value',
      'status.reservedFor[0].name: Required value',
      'status.reservedFor[0].uid: Required value',
      'status.reservedFor: Forbidden: may not be specified when `allocated` is not set',
    ],
  )
})

test('a template stays', () => {
  assert.deepEqual(
    verdicts(
      ResourceClaimTemplates,
      {
        metadata: { name: 'a', namespace: 'n', resourceVersion: '1', uid: 'u' },
        spec: { metadata: {}, spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'c', count: 2 } }] } } },
      },
      {
        metadata: { name: 'a', namespace: 'n', resourceVersion: '1', uid: 'u' },
        spec: { metadata: {}, spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'c' } }] } } },
      },
    ),
    [
      'spec: Invalid value: {"Spec":{"Devices":{"Requests":[{"Name":"r","Exactly":{"DeviceClassName":"c","Selectors":null,"AllocationMode":"ExactCount","Count":2,"AdminAccess":null,"Tolerations":null,"Capacity":null},"FirstAvailable":null}],"Constraints":null,"Config":null}}}: field is immutable',
    ],
  )
})

test('a slice', () => {
  assert.deepEqual(
    verdicts(ResourceSlices, {
      metadata: { name: 'a' },
      spec: { driver: 'd.e', pool: { name: 'p', resourceSliceCount: 1, generation: 1 }, nodeName: 'n', devices: [{ name: 'x' }] },
    }),
    [],
  )
})

test('fields of a slice', () => {
  assert.deepEqual(
    verdicts(ResourceSlices, {
      metadata: { name: 'a' },
      spec: {
        driver: 'D',
        pool: { name: '', resourceSliceCount: 0, generation: -1 },
        nodeName: 'n',
        devices: [
          { name: 'A' },
          { name: 'x', attributes: { 'a/b/c': { int: 1, bool: true }, v: { version: '1' }, n: {} }, capacity: { '': { value: '1' } } },
          { name: 'x' },
        ],
        allNodes: true,
      },
    }),
    [
      'spec.pool.name: Required value',
      'spec.pool.resourceSliceCount: Invalid value: 0: must be greater than zero',
      'spec.pool.generation: Invalid value: -1: must be greater than or equal to zero',
      'spec: Invalid value: "{`nodeName`, `allNodes`}": exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required, but multiple fields are set',
      "spec.devices[0].name: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
      'spec.devices[1].attributes[a/b/c]: Invalid value: {"IntValue":1,"BoolValue":true,"StringValue":null,"VersionValue":null}: exactly one value must be specified',
      'spec.devices[1].attributes[n]: Invalid value: "": exactly one value must be specified',
      'spec.devices[1].attributes[v].version: Invalid value: "1": must be a string compatible with semver.org spec 2.0.0',
      "spec.devices[1].capacity[]: Invalid value: \"\": a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')",
      'spec.devices[2]: Duplicate value: "x"',
    ],
  )
})

test('driver, pool and node of a slice stay', () => {
  assert.deepEqual(
    verdicts(
      ResourceSlices,
      {
        metadata: { name: 'a', resourceVersion: '1', uid: 'u' },
        spec: { driver: 'f', pool: { name: 'p', resourceSliceCount: 1, generation: 1 }, nodeName: 'o', devices: [{ name: 'x' }] },
      },
      {
        metadata: { name: 'a', resourceVersion: '1', uid: 'u' },
        spec: { driver: 'd.e', pool: { name: 'p', resourceSliceCount: 1, generation: 1 }, nodeName: 'n', devices: [{ name: 'x' }] },
      },
    ),
    ['spec.driver: Invalid value: "f": field is immutable', 'spec.nodeName: Invalid value: "o": field is immutable'],
  )
})

test('a device class', () => {
  assert.deepEqual(
    verdicts(DeviceClasses, {
      metadata: { name: 'a' },
      spec: { selectors: [{ cel: { expression: "device.driver == 'a'" } }], config: [{ opaque: { driver: 'a', parameters: { x: 1 } } }] },
    }),
    [],
  )
})

test('fields of a device class', () => {
  assert.deepEqual(
    verdicts(DeviceClasses, { metadata: { name: 'a' }, spec: { selectors: [{}, { cel: { expression: 'x' } }], config: [{}] } }),
    [
      'spec.selectors[0].cel: Required value',
      "spec.selectors[1].cel.expression: Invalid value: \"x\": compilation failed: ERROR: <input>:1:1: undeclared reference to 'x' (in container '')\n | x\n | ^",
      'spec.config[0].opaque: Required value',
    ],
  )
})
