import assert from 'node:assert/strict'
import { test } from 'node:test'
import { verdicts } from '#api/testing/kind-verdict.ts'
import { Ingresses } from './ingress.ts'
import { IngressClasses } from './ingress-class.ts'
import { IPAddresses } from './ip-address.ts'
import { NetworkPolicies } from './network-policy.ts'
import { ServiceCIDRs } from './service-cidr.ts'

test('a network policy for all pods', () => {
  assert.deepEqual(verdicts(NetworkPolicies, { metadata: { name: 'a', namespace: 'n' }, spec: { podSelector: {} } }), [])
})

test('ports and peers of a network policy', () => {
  assert.deepEqual(
    verdicts(NetworkPolicies, {
      metadata: { name: 'a', namespace: 'n' },
      spec: {
        podSelector: { matchLabels: { 'a b': 'c' } },
        policyTypes: ['Ingres'],
        ingress: [
          {
            ports: [{ port: 0 }, { port: 80, endPort: 70 }, { endPort: 5 }, { port: 'http', endPort: 5 }, { protocol: 'ICMP' }],
            from: [
              {},
              { ipBlock: { cidr: '10.0.0.0/8', except: ['11.0.0.0/8'] } },
              { ipBlock: { cidr: '10.0.0.0' } },
              { ipBlock: { cidr: '10.0.0.0/8' }, podSelector: {} },
            ],
          },
        ],
      },
    }),
    [
      "spec.podSelector.matchLabels: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
      'spec.ingress[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
      'spec.ingress[0].ports[1].endPort: Invalid value: 80: must be greater than or equal to `port`',
      'spec.ingress[0].ports[2].endPort: Invalid value: 5: may not be specified when `port` is not specified',
      'spec.ingress[0].ports[3].endPort: Invalid value: 5: may not be specified when `port` is non-numeric',
      'spec.ingress[0].ports[4].protocol: Unsupported value: "ICMP": supported values: "TCP", "UDP", "SCTP"',
      'spec.ingress[0].from[0]: Required value: must specify a peer',
      'spec.ingress[0].from[1].ipBlock.except[0]: Invalid value: "11.0.0.0/8": must be a strict subset of `cidr`',
      'spec.ingress[0].from[2].ipBlock.cidr: Invalid value: "10.0.0.0": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
      'spec.ingress[0].from[3]: Forbidden: may not specify both ipBlock and another peer',
      'spec.policyTypes[0]: Unsupported value: "Ingres": supported values: "Ingress", "Egress"',
    ],
  )
})

test('an ingress with a rule', () => {
  assert.deepEqual(
    verdicts(Ingresses, {
      metadata: { name: 'a', namespace: 'n' },
      spec: {
        rules: [
          { host: 'a.b', http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 's', port: { number: 80 } } } }] } },
        ],
      },
    }),
    [],
  )
})

test('an ingress without anything', () => {
  assert.deepEqual(verdicts(Ingresses, { metadata: { name: 'a', namespace: 'n' }, spec: {} }), [
    'spec: Invalid value: null: either `defaultBackend` or `rules` must be specified',
  ])
})

test('hosts and paths of an ingress', () => {
  assert.deepEqual(
    verdicts(Ingresses, {
      metadata: { name: 'a', namespace: 'n' },
      spec: {
        tls: [{ hosts: ['a_b'], secretName: 'X' }],
        rules: [
          { host: '1.2.3.4', http: { paths: [] } },
          {
            host: '*.A',
            http: {
              paths: [
                { path: 'x', pathType: 'Prefix', backend: { service: { name: 's', port: { number: 80 } } } },
                { path: '/a//b', pathType: 'Prefix', backend: { service: { name: 's', port: { number: 80 } } } },
                { path: '/a/../b', pathType: 'Prefix', backend: { service: { name: 's', port: { number: 80 } } } },
                { path: '/', pathType: 'Regex', backend: { service: { name: 's', port: { number: 80 } } } },
              ],
            },
          },
        ],
      },
    }),
    [
      'spec.rules[0].host: Invalid value: "1.2.3.4": must be a DNS name, not an IP address',
      'spec.rules[0].http.paths: Required value',
      "spec.rules[1].host: Invalid value: \"*.A\": a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      'spec.rules[1].http.paths[0].path: Invalid value: "x": must be an absolute path',
      'spec.rules[1].http.paths[1].path: Invalid value: "/a//b": must not contain \'//\'',
      'spec.rules[1].http.paths[2].path: Invalid value: "/a/../b": must not contain \'/../\'',
      'spec.rules[1].http.paths[3].pathType: Unsupported value: "Regex": supported values: "Exact", "ImplementationSpecific", "Prefix"',
      "spec.tls[0].hosts[0]: Invalid value: \"a_b\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      "spec.tls[0].secretName: Invalid value: \"X\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
  )
})

test('backends of an ingress', () => {
  assert.deepEqual(
    verdicts(Ingresses, {
      metadata: { name: 'a', namespace: 'n' },
      spec: {
        defaultBackend: {},
        rules: [
          {
            http: {
              paths: [
                { path: '/', pathType: 'Prefix', backend: { service: { name: '', port: {} } } },
                { path: '/', pathType: 'Prefix', backend: { service: { name: 's', port: { name: 'a', number: 1 } } } },
                {
                  path: '/',
                  pathType: 'Prefix',
                  backend: { service: { name: 's', port: { number: 0 } }, resource: { kind: 'K', name: 'n' } },
                },
                { path: '/', pathType: 'Prefix', backend: { resource: { apiGroup: 'a.b', kind: '', name: '' } } },
              ],
            },
          },
        ],
      },
    }),
    [
      'spec.defaultBackend: Invalid value: "": resource or service backend is required',
      'spec.rules[0].http.paths[0].backend.service.name: Required value',
      'spec.rules[0].http.paths[0].backend: Required value: port name or number is required',
      'spec.rules[0].http.paths[1].backend: Invalid value: "": cannot set both port name & port number',
      'spec.rules[0].http.paths[2].backend: Invalid value: "": cannot set both resource and service backends',
      'spec.rules[0].http.paths[3].backend.resource.kind: Required value',
      'spec.rules[0].http.paths[3].backend.resource.name: Required value',
    ],
  )
})

test('a class by annotation and by field', () => {
  assert.deepEqual(
    verdicts(Ingresses, {
      metadata: { name: 'a', namespace: 'n', annotations: { 'kubernetes.io/ingress.class': 'y' } },
      spec: { ingressClassName: 'x', defaultBackend: { service: { name: 's', port: { number: 80 } } } },
    }),
    ['annotations.kubernetes.io/ingress.class: Invalid value: "y": must match `ingressClassName` when both are specified'],
  )
})

test('addresses in the status of an ingress', () => {
  assert.deepEqual(
    verdicts(
      Ingresses,
      {
        metadata: { name: 'a', namespace: 'n', resourceVersion: '1', uid: 'u' },
        spec: { defaultBackend: { service: { name: 's', port: { number: 80 } } } },
        status: { loadBalancer: { ingress: [{ ip: '1.2.3' }, { hostname: '1.2.3.4' }, { hostname: 'A' }] } },
      },
      {
        metadata: { name: 'a', namespace: 'n', resourceVersion: '1', uid: 'u' },
        spec: { defaultBackend: { service: { name: 's', port: { number: 80 } } } },
        status: {},
      },
      'status',
    ),
    [
      'status.loadBalancer.ingress[0].ip: Invalid value: "1.2.3": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      'status.loadBalancer.ingress[1].hostname: Invalid value: "1.2.3.4": must be a DNS name, not an IP address',
      "status.loadBalancer.ingress[2].hostname: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
  )
})

test('an ingress class', () => {
  assert.deepEqual(
    verdicts(IngressClasses, { metadata: { name: 'a' }, spec: { controller: 'a.b/c', parameters: { kind: 'K', name: 'n' } } }),
    [],
  )
})

test('controller and parameters of an ingress class', () => {
  assert.deepEqual(
    verdicts(IngressClasses, {
      metadata: { name: 'a' },
      spec: { controller: 'c', parameters: { apiGroup: 'A', kind: '', name: '', scope: 'Namespace' } },
    }),
    [
      'spec.controller: Invalid value: "c": must be a domain-prefixed path (such as "acme.io/foo")',
      "spec.parameters.apiGroup: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      'spec.parameters.kind: Required value',
      'spec.parameters.name: Required value',
      "spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'",
    ],
  )
})

test('the controller of a class stays', () => {
  assert.deepEqual(
    verdicts(
      IngressClasses,
      { metadata: { name: 'a', resourceVersion: '1', uid: 'u' }, spec: { controller: 'a.b/d' } },
      { metadata: { name: 'a', resourceVersion: '1', uid: 'u' }, spec: { controller: 'a.b/c' } },
    ),
    ['spec.controller: Invalid value: "a.b/d": field is immutable'],
  )
})

test('an address without an owner', () => {
  assert.deepEqual(verdicts(IPAddresses, { metadata: { name: '10.0.0.1' }, spec: {} }), ['spec.parentRef: Required value'])
})

test('an address with an incomplete owner', () => {
  assert.deepEqual(
    verdicts(IPAddresses, { metadata: { name: '10.0.0.1' }, spec: { parentRef: { group: 'A', resource: '', name: '', namespace: 'B' } } }),
    [
      "spec.parentRef.group: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      'spec.parentRef.resource: Required value',
      'spec.parentRef.name: Required value',
    ],
  )
})

test('ranges of services', () => {
  assert.deepEqual(verdicts(ServiceCIDRs, { metadata: { name: 'a' }, spec: { cidrs: ['10.0.0.0/16', 'fd00::/108'] } }), [])
})

test('ranges that cannot be', () => {
  assert.deepEqual(verdicts(ServiceCIDRs, { metadata: { name: 'a' }, spec: { cidrs: ['10.0.0.1/16', '10.0.0.0/16'] } }), [
    'spec.cidrs[0]: Invalid value: "10.0.0.1/16": must not have bits set beyond the prefix length',
    'spec.cidrs: Invalid value: ["10.0.0.1/16","10.0.0.0/16"]: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
  ])
})

test('more than two ranges', () => {
  assert.deepEqual(verdicts(ServiceCIDRs, { metadata: { name: 'a' }, spec: { cidrs: ['10.0.0.0/16', 'fd00::/108', '1.0.0.0/8'] } }), [
    'spec.cidrs: Invalid value: {"CIDRs":["10.0.0.0/16","fd00::/108","1.0.0.0/8"]}: may only hold up to 2 values',
  ])
})

test('ranges stay', () => {
  assert.deepEqual(
    verdicts(
      ServiceCIDRs,
      { metadata: { name: 'a', resourceVersion: '1', uid: 'u' }, spec: { cidrs: ['10.1.0.0/16'] } },
      { metadata: { name: 'a', resourceVersion: '1', uid: 'u' }, spec: { cidrs: ['10.0.0.0/16'] } },
    ),
    ['spec.cidrs[0]: Invalid value: "10.1.0.0/16": field is immutable'],
  )
})
