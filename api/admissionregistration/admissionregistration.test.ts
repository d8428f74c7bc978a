import assert from 'node:assert/strict'
import { test } from 'node:test'
import { verdicts } from '#api/testing/kind-verdict.ts'
import { ValidatingAdmissionPolicies } from './validating-admission-policy.ts'
import { ValidatingAdmissionPolicyBindings } from './validating-admission-policy-binding.ts'
import { MutatingWebhookConfigurations, ValidatingWebhookConfigurations } from './webhook-configuration.ts'

test('a webhook', () => {
  assert.deepEqual(
    verdicts(ValidatingWebhookConfigurations, {
      metadata: { name: 'a' },
      webhooks: [
        {
          name: 'a.b.c',
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
          clientConfig: { url: 'https://a.b/c' },
          rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
        },
      ],
    }),
    [],
  )
})

test('fields of a webhook', () => {
  assert.deepEqual(
    verdicts(MutatingWebhookConfigurations, {
      metadata: { name: 'a' },
      webhooks: [
        {
          name: 'a',
          sideEffects: 'Some',
          admissionReviewVersions: ['v3'],
          clientConfig: { url: 'https://a.b/c' },
          rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
          failurePolicy: 'Skip',
          matchPolicy: 'About',
          reinvocationPolicy: 'Twice',
          timeoutSeconds: 31,
        },
        {
          name: 'a.b.c',
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
          clientConfig: {},
          rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
        },
        {
          name: 'a.b.c',
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
          clientConfig: { url: 'http://a.b/c?d' },
          rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
        },
        {
          name: 'a.b.c',
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
          clientConfig: { service: { name: '', namespace: '', port: 0, path: 'x' } },
          rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
        },
      ],
    }),
    [
      'webhooks[0].name: Invalid value: "a": should be a domain with at least three segments separated by dots',
      'webhooks[0].failurePolicy: Unsupported value: "Skip": supported values: "Fail", "Ignore"',
      'webhooks[0].matchPolicy: Unsupported value: "About": supported values: "Equivalent", "Exact"',
      'webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"',
      'webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds',
      'webhooks[0].reinvocationPolicy: Unsupported value: "Twice": supported values: "IfNeeded", "Never"',
      'webhooks[0].admissionReviewVersions: Invalid value: ["v3"]: must include at least one of v1, v1beta1',
      'webhooks[1].clientConfig: Required value: exactly one of url or service is required',
      'webhooks[2].clientConfig.url: Invalid value: "http": \'https\' is the only allowed URL scheme; desired format: https://host[/path]',
      'webhooks[2].clientConfig.url: Invalid value: "d": query parameters are not permitted in the URL',
      'webhooks[2].name: Duplicate value: "a.b.c"',
      'webhooks[3].clientConfig.service.name: Required value',
      'webhooks[3].clientConfig.service.namespace: Required value',
      'webhooks[3].clientConfig.service.port: Invalid value: 0: port is not valid: must be between 1 and 65535, inclusive',
      'webhooks[3].clientConfig.service.path: Invalid value: "x": must start with a \'/\'',
      'webhooks[3].clientConfig.service.path: Invalid value: "x": segment[0] may not be empty',
      'webhooks[3].name: Duplicate value: "a.b.c"',
    ],
  )
})

test('rules of a webhook', () => {
  assert.deepEqual(
    verdicts(ValidatingWebhookConfigurations, {
      metadata: { name: 'a' },
      webhooks: [
        {
          name: 'a.b.c',
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
          clientConfig: { url: 'https://a.b/c' },
          rules: [
            { operations: [], apiGroups: [], apiVersions: [], resources: [] },
            {
              operations: ['*', 'CREATE'],
              apiGroups: ['*', 'a'],
              apiVersions: ['*', 'v1'],
              resources: ['*', 'pods', 'a/b/c'],
              scope: 'All',
            },
          ],
        },
      ],
    }),
    [
      'webhooks[0].rules[0].operations: Required value',
      'webhooks[0].rules[0].apiGroups: Required value',
      'webhooks[0].rules[0].apiVersions: Required value',
      'webhooks[0].rules[0].resources: Required value',
      'webhooks[0].rules[1].operations: Invalid value: ["*","CREATE"]: if \'*\' is present, must not specify other operations',
      'webhooks[0].rules[1].apiGroups: Invalid value: ["*","a"]: if \'*\' is present, must not specify other API groups',
      'webhooks[0].rules[1].apiVersions: Invalid value: ["*","v1"]: if \'*\' is present, must not specify other API versions',
      'webhooks[0].rules[1].resources: Invalid value: ["*","pods","a/b/c"]: if \'*\' is present, must not specify other resources without subresources',
      'webhooks[0].rules[1].scope: Unsupported value: "All": supported values: "*", "Cluster", "Namespaced"',
    ],
  )
})

test('conditions of a webhook', () => {
  assert.deepEqual(
    verdicts(ValidatingWebhookConfigurations, {
      metadata: { name: 'a' },
      webhooks: [
        {
          name: 'a.b.c',
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
          clientConfig: { url: 'https://a.b/c' },
          rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
          matchConditions: [
            { name: 'a b', expression: 'request.name ==' },
            { name: 'x', expression: '1' },
            { name: 'x', expression: '' },
          ],
        },
      ],
    }),
    [
      "webhooks[0].matchConditions[0].expression: Invalid value: \"request.name ==\": compilation failed: ERROR: <input>:1:16: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | request.name ==\n | ...............^",
      "webhooks[0].matchConditions[0].name: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
      'webhooks[0].matchConditions[1].expression: Invalid value: "1": must evaluate to bool but got int',
      'webhooks[0].matchConditions[2].expression: Required value',
      'webhooks[0].matchConditions[2].name: Duplicate value: "x"',
    ],
  )
})

test('a policy', () => {
  assert.deepEqual(
    verdicts(ValidatingAdmissionPolicies, {
      metadata: { name: 'a' },
      spec: {
        validations: [{ expression: 'true' }],
        matchConstraints: { resourceRules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }] },
      },
    }),
    [],
  )
})

test('an empty policy', () => {
  assert.deepEqual(
    verdicts(ValidatingAdmissionPolicies, {
      metadata: { name: 'a' },
      spec: { validations: [], matchConstraints: {}, failurePolicy: 'Skip' },
    }),
    [
      'spec.failurePolicy: Unsupported value: "Skip": supported values: "Fail", "Ignore"',
      'spec.matchConstraints.resourceRules: Required value',
      'spec.validations: Required value: validations or auditAnnotations must contain at least one item',
      'spec.auditAnnotations: Required value: validations or auditAnnotations must contain at least one item',
    ],
  )
})

test('expressions of a policy', () => {
  assert.deepEqual(
    verdicts(ValidatingAdmissionPolicies, {
      metadata: { name: 'a' },
      spec: {
        validations: [
          { expression: 'variables.x' },
          { expression: 'variables.y == 1', reason: 'Other' },
          { expression: 'object.', message: 'a\nb' },
          { expression: 'true', messageExpression: '1' },
        ],
        matchConstraints: { resourceRules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }] },
        paramKind: { apiVersion: 'v1', kind: '' },
        variables: [
          { name: 'x', expression: '1' },
          { name: '1', expression: 'true' },
        ],
        auditAnnotations: [{ key: 'a b', valueExpression: '1' }],
      },
    }),
    [
      'spec.paramKind.kind: Required value',
      'spec.variables[1].name: Invalid value: "1": must be a valid CEL identifier',
      'spec.validations[0].expression: Invalid value: "variables.x": must evaluate to bool but got int',
      'spec.validations[1].expression: Invalid value: "variables.y == 1": compilation failed: ERROR: <input>:1:10: undefined field \'y\'\n | variables.y == 1\n | .........^',
      'spec.validations[1].reason: Unsupported value: "Other": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge"',
      'spec.validations[2].expression: Invalid value: "object.": compilation failed: ERROR: <input>:1:8: Syntax error: no viable alternative at input \'.\'\n | object.\n | .......^',
      'spec.validations[2].message: Invalid value: "a\\nb": must not contain line breaks',
      'spec.validations[3].messageExpression: Invalid value: "1": must evaluate to string but got int',
      "spec.auditAnnotations[0].key: Invalid value: \"a/a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
      'spec.auditAnnotations[0].valueExpression: Invalid value: "1": must evaluate to one of [string null_type] but got int',
    ],
  )
})

test('a binding', () => {
  assert.deepEqual(
    verdicts(ValidatingAdmissionPolicyBindings, { metadata: { name: 'a' }, spec: { policyName: 'p', validationActions: ['Deny'] } }),
    [],
  )
})

test('fields of a binding', () => {
  assert.deepEqual(
    verdicts(ValidatingAdmissionPolicyBindings, {
      metadata: { name: 'a' },
      spec: { policyName: '', validationActions: ['Deny', 'Warn', 'Deny', 'Stop'], paramRef: { name: 'a', selector: {} } },
    }),
    [
      'spec.policyName: Required value',
      'spec.paramRef.name: Forbidden: name and selector are mutually exclusive',
      'spec.paramRef.selector: Forbidden: name and selector are mutually exclusive',
      'spec.paramRef.parameterNotFoundAction: Required value',
      'spec.validationActions[2]: Duplicate value: "Deny"',
      'spec.validationActions[3]: Unsupported value: "Stop": supported values: "Audit", "Deny", "Warn"',
      'spec.validationActions: Invalid value: ["Deny","Warn","Deny","Stop"]: must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
    ],
  )
})
