import assert from 'node:assert/strict'
import { test } from 'node:test'
import { verdicts } from '#api/testing/kind-verdict.ts'
import { FlowSchemas } from './flow-schema.ts'
import { PriorityLevelConfigurations } from './priority-level-configuration.ts'

test('a flow schema', () => {
  assert.deepEqual(
    verdicts(FlowSchemas, {
      metadata: { name: 'a' },
      spec: {
        priorityLevelConfiguration: { name: 'l' },
        matchingPrecedence: 5,
        rules: [
          { subjects: [{ kind: 'Group', group: { name: 'g' } }], nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz'] }] },
        ],
      },
    }),
    [],
  )
})

test('fields of a flow schema', () => {
  assert.deepEqual(
    verdicts(FlowSchemas, {
      metadata: { name: 'a' },
      spec: {
        priorityLevelConfiguration: { name: '' },
        matchingPrecedence: 10001,
        distinguisherMethod: { type: 'ByTime' },
        rules: [
          { subjects: [] },
          {
            subjects: [
              { kind: 'User', group: { name: 'g' } },
              { kind: 'Robot' },
              { kind: 'ServiceAccount', serviceAccount: { name: '', namespace: '' } },
            ],
            resourceRules: [{ verbs: ['*', 'get'], apiGroups: [], resources: [] }],
            nonResourceRules: [{ verbs: ['look'], nonResourceURLs: ['x', '/a*b', '/a/*'] }],
          },
        ],
      },
    }),
    [
      'spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000',
      'spec.distinguisherMethod.type: Unsupported value: {"Type":"ByTime"}: supported values: "ByNamespace", "ByUser"',
      'spec.priorityLevelConfiguration.name: Required value: must reference a priority level',
      'spec.rules[0].subjects: Required value: subjects must contain at least one value',
      'spec.rules[0]: Required value: at least one of resourceRules and nonResourceRules has to be non-empty',
      "spec.rules[1].subjects[0].user: Required value: user is required when subject kind is 'User'",
      "spec.rules[1].subjects[0].group: Forbidden: group is forbidden when subject kind is not 'Group'",
      'spec.rules[1].subjects[1].kind: Unsupported value: "Robot": supported values: "Group", "ServiceAccount", "User"',
      'spec.rules[1].subjects[2].serviceAccount.name: Required value',
      'spec.rules[1].subjects[2].serviceAccount.namespace: Required value: must specify namespace for service account',
      'spec.rules[1].resourceRules[0].verbs: Invalid value: ["*","get"]: if \'*\' is present, must not specify other verbs',
      'spec.rules[1].resourceRules[0].apiGroups: Required value: resource rules must supply at least one api group',
      'spec.rules[1].resourceRules[0].resources: Required value: resource rules must supply at least one resource',
      'spec.rules[1].resourceRules[0].namespaces: Required value: resource rules that are not cluster scoped must supply at least one namespace',
      'spec.rules[1].nonResourceRules[0].verbs: Unsupported value: ["look"]: supported values: "create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"',
      'spec.rules[1].nonResourceRules[0].nonResourceURLs[0]: Invalid value: "x": must start with slash',
      'spec.rules[1].nonResourceRules[0].nonResourceURLs[1]: Invalid value: "/a*b": wildcard can only do suffix matching',
    ],
  )
})

test('the catch-all flow schema', () => {
  assert.deepEqual(
    verdicts(FlowSchemas, { metadata: { name: 'catch-all' }, spec: { priorityLevelConfiguration: { name: 'l' }, matchingPrecedence: 5 } }),
    [
      'spec: Invalid value: {"PriorityLevelConfiguration":{"Name":"l"},"MatchingPrecedence":5,"DistinguisherMethod":null,"Rules":null}: spec of \'catch-all\' must equal the fixed value',
    ],
  )
})

test('a priority level', () => {
  assert.deepEqual(
    verdicts(PriorityLevelConfigurations, {
      metadata: { name: 'a' },
      spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } },
    }),
    [],
  )
})

test('fields of a priority level', () => {
  assert.deepEqual(
    verdicts(PriorityLevelConfigurations, {
      metadata: { name: 'a' },
      spec: {
        type: 'Limited',
        limited: {
          nominalConcurrencyShares: -1,
          lendablePercent: 101,
          borrowingLimitPercent: -1,
          limitResponse: { type: 'Queue', queuing: { queues: 3, handSize: 7, queueLengthLimit: -1 } },
        },
      },
    }),
    [
      'spec.limited.nominalConcurrencyShares: Invalid value: -1: must be a non-negative integer',
      'spec.limited.limitResponse.queuing.queueLengthLimit: Invalid value: -1: must be positive',
      'spec.limited.limitResponse.queuing.handSize: Invalid value: 7: should not be greater than queues (3)',
      'spec.limited.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive',
      'spec.limited.borrowingLimitPercent: Invalid value: -1: if specified, must be a non-negative integer',
    ],
  )
})

test('parts that belong to another type', () => {
  assert.deepEqual(
    verdicts(PriorityLevelConfigurations, {
      metadata: { name: 'a' },
      spec: { type: 'Exempt', limited: { limitResponse: { type: 'Reject', queuing: {} } } },
    }),
    [
      "spec.type: Invalid value: \"Exempt\": must be 'Exempt' if and only if `name` is 'exempt'",
      'spec.limited: Forbidden: must be nil if the type is not Limited',
    ],
  )
})

test('the exempt level', () => {
  assert.deepEqual(
    verdicts(PriorityLevelConfigurations, {
      metadata: { name: 'exempt' },
      spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } },
    }),
    [
      "spec.type: Invalid value: \"Limited\": must be 'Exempt' if and only if `name` is 'exempt'",
      'spec: Invalid value: {"Type":"Limited","Limited":{"NominalConcurrencyShares":30,"LimitResponse":{"Type":"Reject","Queuing":null},"LendablePercent":0,"BorrowingLimitPercent":null},"Exempt":null}: spec of \'exempt\' except the \'spec.exempt\' field must equal the fixed value',
    ],
  )
})
