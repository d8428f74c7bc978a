import assert from 'node:assert/strict'
import { test } from 'node:test'
import { verdicts } from '#api/testing/kind-verdict.ts'
import { RuntimeClasses } from './runtime-class.ts'

test('a class', () => {
  assert.deepEqual(
    verdicts(RuntimeClasses, {
      metadata: { name: 'a' },
      handler: 'runc',
      overhead: { podFixed: { cpu: '1' } },
      scheduling: { nodeSelector: { a: 'b' } },
    }),
    [],
  )
})

test('fields of a class', () => {
  assert.deepEqual(
    verdicts(RuntimeClasses, {
      metadata: { name: 'a' },
      handler: 'A',
      overhead: { podFixed: { cpu: '-1', 'a b': '1' } },
      scheduling: {
        nodeSelector: { 'a b': 'c' },
        tolerations: [
          { operator: 'Equal' },
          { key: 'a', effect: 'Now' },
          { key: 'b', tolerationSeconds: 1, effect: 'NoSchedule' },
          { key: 'b' },
          { key: 'b' },
        ],
      },
    }),
    [
      "handler: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
      "overhead.limits[a b]: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
      'overhead.limits[a b]: Invalid value: "a b": must be a standard resource for containers',
      'overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0',
      "scheduling.nodeSelector: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
      'scheduling.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"',
      'scheduling.tolerations[1].effect: Unsupported value: "Now": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
      'scheduling.tolerations[2].effect: Invalid value: "NoSchedule": effect must be \'NoExecute\' when `tolerationSeconds` is set',
      'scheduling.tolerations[4]: Duplicate value: {"Key":"b","Operator":"","Value":"","Effect":"","TolerationSeconds":null}',
    ],
  )
})

test('the handler stays', () => {
  assert.deepEqual(
    verdicts(
      RuntimeClasses,
      { metadata: { name: 'a', resourceVersion: '1', uid: 'u' }, handler: 'b' },
      { metadata: { name: 'a', resourceVersion: '1', uid: 'u' }, handler: 'a' },
    ),
    ['handler: Invalid value: "b": field is immutable'],
  )
})
