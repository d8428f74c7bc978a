/** Paths of subresources that are not written as a whole object, and of kinds that are only ever posted. */
import { selfSubjectReviewSchema } from './authentication/self-subject-review.ts'
import { tokenRequestSchema } from './authentication/token-request.ts'
import { tokenReviewSchema } from './authentication/token-review.ts'
import {
  localSubjectAccessReviewSchema,
  selfSubjectAccessReviewSchema,
  selfSubjectRulesReviewSchema,
  subjectAccessReviewSchema,
} from './authorization/access-review.ts'
import { bindingSchema } from './core/binding.ts'
import { article, bodyTypes, type Context, capitalised, gvkOf, operation, pathParameters, sortedParameters } from './openapi-operation.ts'
import { parameter, writeParameters } from './openapi-parameters.ts'
import type { Gvk, Schema } from './openapi-schemas.ts'
import { evictionSchema } from './policy/eviction.ts'
import { treeOf } from './tree.ts'

type Paths = Record<string, Schema>

/** Subresources that take one POST of a kind of their own. */
const posted = [
  { plural: 'pods', name: 'binding', schema: bindingSchema, gvk: { group: '', version: 'v1', kind: 'Binding' } },
  { plural: 'pods', name: 'eviction', schema: evictionSchema, gvk: { group: 'policy', version: 'v1', kind: 'Eviction' } },
  {
    plural: 'serviceaccounts',
    name: 'token',
    schema: tokenRequestSchema,
    gvk: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' },
  },
] as const

/** Kinds without objects: questions, and the binding by its own path. */
const questions = [
  { group: '', kind: 'Binding', plural: 'bindings', schema: bindingSchema, namespaced: true },
  { group: 'authentication.k8s.io', kind: 'SelfSubjectReview', plural: 'selfsubjectreviews', schema: selfSubjectReviewSchema },
  { group: 'authentication.k8s.io', kind: 'TokenReview', plural: 'tokenreviews', schema: tokenReviewSchema },
  {
    group: 'authorization.k8s.io',
    kind: 'LocalSubjectAccessReview',
    plural: 'localsubjectaccessreviews',
    schema: localSubjectAccessReviewSchema,
    namespaced: true,
  },
  {
    group: 'authorization.k8s.io',
    kind: 'SelfSubjectAccessReview',
    plural: 'selfsubjectaccessreviews',
    schema: selfSubjectAccessReviewSchema,
  },
  {
    group: 'authorization.k8s.io',
    kind: 'SelfSubjectRulesReview',
    plural: 'selfsubjectrulesreviews',
    schema: selfSubjectRulesReviewSchema,
  },
  { group: 'authorization.k8s.io', kind: 'SubjectAccessReview', plural: 'subjectaccessreviews', schema: subjectAccessReviewSchema },
] as const

/** Group versions that have no resources but questions. */
export const questionGroups: readonly { group: string; version: string }[] = [
  { group: 'authentication.k8s.io', version: 'v1' },
  { group: 'authorization.k8s.io', version: 'v1' },
]

/** Definitions of the kinds in this file. */
export const postedKinds: readonly { schema: (typeof posted)[number]['schema'] | (typeof questions)[number]['schema']; gvk: Gvk }[] = [
  ...posted,
  ...questions.map(({ group, kind, schema }) => ({ schema, gvk: { group, version: 'v1', kind } })),
].filter(({ gvk }, i, all) => all.findIndex((other) => other.gvk.group === gvk.group && other.gvk.kind === gvk.kind) === i)

const streamMethods = ['get', 'post'] as const
const proxyMethods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'] as const

interface Connected {
  plural: string
  name: string
  kind: string
  methods: readonly string[]
  parameters: readonly string[]
}

/** Subresources that become a stream or are passed on, with their query parameters. */
const connected: readonly Connected[] = [
  {
    plural: 'pods',
    name: 'attach',
    kind: 'PodAttachOptions',
    methods: streamMethods,
    parameters: ['container', 'stderr', 'stdin', 'stdout', 'tty'],
  },
  {
    plural: 'pods',
    name: 'exec',
    kind: 'PodExecOptions',
    methods: streamMethods,
    parameters: ['command', 'container', 'stderr', 'stdin', 'stdout', 'tty'],
  },
  { plural: 'pods', name: 'portforward', kind: 'PodPortForwardOptions', methods: streamMethods, parameters: ['ports'] },
  { plural: 'pods', name: 'proxy', kind: 'PodProxyOptions', methods: proxyMethods, parameters: ['path'] },
  { plural: 'services', name: 'proxy', kind: 'ServiceProxyOptions', methods: proxyMethods, parameters: ['path'] },
  { plural: 'nodes', name: 'proxy', kind: 'NodeProxyOptions', methods: proxyMethods, parameters: ['path'] },
]

const logParameters = [
  'container',
  'follow',
  'insecureSkipTLSVerifyBackend',
  'limitBytes',
  'pretty',
  'previous',
  'sinceSeconds',
  'stream',
  'tailLines',
  'timestamps',
]

/** `base` is the path of an object, `item` its schema. */
export function specialPaths(context: Context, base: string, item: Schema): Paths {
  const { resource } = context
  const paths: Paths = {}
  if (resource.group !== '') return paths
  const place = pathParameters(resource, true).slice(0, -1)
  for (const sub of posted) if (sub.plural === resource.plural) paths[`${base}/${sub.name}`] = postedPath(context, sub)
  for (const sub of connected) {
    if (sub.plural !== resource.plural) continue
    const query = sub.parameters.map((name) => parameter(name))
    paths[`${base}/${sub.name}`] = { ...connect(context, sub, ''), parameters: sortedParameters([...place, ...query]) }
    if (sub.name !== 'proxy') continue
    const parameters = sortedParameters([...place, parameter('path', true), ...query])
    paths[`${base}/proxy/{path}`] = { ...connect(context, sub, 'WithPath'), parameters }
  }
  if (resource.plural === 'pods') paths[`${base}/log`] = logPath(context, place)
  if (resource.plural === 'namespaces') paths[`${base}/finalize`] = finalizePath(context, item)
  return paths
}

function postedPath(context: Context, { name, schema, gvk }: (typeof posted)[number]): Schema {
  const { resource, owner, definitions } = context
  const item = definitions.ref(treeOf(schema))
  const post = operation(context, {
    id: `create${owner}Namespaced${resource.kind}${capitalised(name)}`,
    action: 'post',
    description: `create ${name} of ${article(resource.kind)} ${resource.kind}`,
    gvk,
    answer: item,
    codes: [200, 201, 202],
    body: { schema: item, required: true },
  })
  return { post, parameters: [...writeParameters, ...pathParameters(resource, true)] }
}

function connect(context: Context, { name, kind, methods }: Connected, suffix: string): Schema {
  const { resource, owner } = context
  const scope = resource.scope === 'Namespaced' ? 'Namespaced' : ''
  return Object.fromEntries(
    methods.map((method) => [
      method,
      operation(context, {
        id: `connect${owner}${capitalised(method)}${scope}${resource.kind}${capitalised(name)}${suffix}`,
        action: 'connect',
        description: `connect ${method.toUpperCase()} requests to ${name} of ${resource.kind}`,
        gvk: { group: '', version: 'v1', kind },
        answer: { type: 'string' },
        codes: [200],
        types: ['*/*'],
      }),
    ]),
  )
}

function logPath(context: Context, place: Schema[]): Schema {
  const get = operation(context, {
    id: `read${context.owner}NamespacedPodLog`,
    action: 'get',
    description: 'read log of the specified Pod',
    gvk: gvkOf(context.resource),
    answer: { type: 'string' },
    codes: [200],
    types: ['text/plain', ...bodyTypes],
  })
  return { get, parameters: sortedParameters([...place, ...logParameters.map((name) => parameter(name))]) }
}

function finalizePath(context: Context, item: Schema): Schema {
  const { resource, owner } = context
  const put = operation(context, {
    id: `replace${owner}${resource.kind}Finalize`,
    action: 'put',
    description: `replace finalize of the specified ${resource.kind}`,
    gvk: gvkOf(resource),
    answer: item,
    codes: [200, 201],
    body: { schema: item, required: true },
  })
  return { put, parameters: [...writeParameters, ...pathParameters(resource, true)] }
}

/** The paths of the kinds of a group version that are only ever posted. */
export function postedPaths(
  context: Omit<Context, 'resource'>,
  { group, version, root }: { group: string; version: string; root: string },
): Paths {
  const paths: Paths = {}
  for (const question of questions) {
    if (question.group !== group || version !== 'v1') continue
    const namespaced = 'namespaced' in question
    const item = context.definitions.ref(treeOf(question.schema))
    const post = operation(context, {
      id: `create${context.owner}${namespaced ? 'Namespaced' : ''}${question.kind}`,
      action: 'post',
      description: `create ${article(question.kind)} ${question.kind}`,
      gvk: { group, version, kind: question.kind },
      answer: item,
      codes: [200, 201, 202],
      body: { schema: item, required: true },
    })
    const path = `${root}/${namespaced ? 'namespaces/{namespace}/' : ''}${question.plural}`
    paths[path] = { post, parameters: [...writeParameters, ...pathParameters({ scope: namespaced ? 'Namespaced' : 'Cluster' }, false)] }
  }
  return paths
}
