/** OpenAPI documents of what is no resource: the lists of versions and groups, the server's version, the issuer of its tokens. */
import { message, string } from './fields.ts'
import { apiGroupListSchema, apiGroupSchema, apiVersionsSchema } from './meta/discovery-kinds.ts'
import { bodyTypes, capitalised, consumesOf, groupWord, responses } from './openapi-operation.ts'
import type { Definitions, Schema } from './openapi-schemas.ts'
import { treeOf } from './tree.ts'

const always = { json: 'always' } as const

const versionInfoSchema = message('io.k8s.apimachinery.pkg.version.Info', 'What this server is.', {
  major: string(1, 'Major version.', always),
  minor: string(2, 'Minor version.', always),
  emulationMajor: string(3, 'Major version that is emulated.'),
  emulationMinor: string(4, 'Minor version that is emulated.'),
  minCompatibilityMajor: string(5, 'Major version of the oldest that it goes with.'),
  minCompatibilityMinor: string(6, 'Minor version of the oldest that it goes with.'),
  gitVersion: string(7, 'The whole version.', always),
  gitCommit: string(8, 'Commit that it was made of.', always),
  gitTreeState: string(9, 'Whether there were changes beside the commit.', always),
  buildDate: string(10, 'When it was built.', always),
  goVersion: string(11, 'Version of the language.', always),
  compiler: string(12, 'What compiled it.', always),
  platform: string(13, 'Operating system and processor.', always),
})

interface Page {
  tag: string
  id: string
  description: string
  types: readonly string[]
  consumes?: readonly string[]
  answer(definitions: Definitions): Schema
}

const text = (): Schema => ({ type: 'string' })

/** By name in the index of version 3; the path is the name between slashes. */
const pages: Readonly<Record<string, Page>> = {
  '.well-known/openid-configuration': {
    tag: 'WellKnown',
    id: 'getServiceAccountIssuerOpenIDConfiguration',
    description: 'get where the issuer of service account tokens is described',
    types: ['application/json'],
    answer: text,
  },
  api: {
    tag: 'core',
    id: 'getCoreAPIVersions',
    description: 'get available API versions',
    types: bodyTypes,
    consumes: bodyTypes,
    answer: (definitions) => definitions.ref(treeOf(apiVersionsSchema)),
  },
  apis: {
    tag: 'apis',
    id: 'getAPIVersions',
    description: 'get available API versions',
    types: bodyTypes,
    consumes: bodyTypes,
    answer: (definitions) => definitions.ref(treeOf(apiGroupListSchema)),
  },
  'openid/v1/jwks': {
    tag: 'openid',
    id: 'getServiceAccountIssuerOpenIDKeyset',
    description: 'get the public keys of service account tokens',
    types: ['application/jwk-set+json'],
    answer: text,
  },
  version: {
    tag: 'version',
    id: 'getCodeVersion',
    description: 'get the version information for this server',
    types: ['application/json'],
    consumes: ['application/json'],
    answer: (definitions) => definitions.ref(treeOf(versionInfoSchema)),
  },
}

const groupPage = (group: string): Page => ({
  tag: groupWord(group),
  id: `get${capitalised(groupWord(group))}APIGroup`,
  description: 'get information of a group',
  types: bodyTypes,
  consumes: bodyTypes,
  answer: (definitions) => definitions.ref(treeOf(apiGroupSchema)),
})

/** Names of the root documents, without those of groups. */
export const rootNames: readonly string[] = Object.keys(pages)

/** The paths of a root document (`api`, `version`, `apis/apps`); undefined where there is none. */
export function rootPaths(name: string, groups: readonly string[], definitions: Definitions): Record<string, Schema> | undefined {
  const group = name.startsWith('apis/') ? name.slice('apis/'.length) : undefined
  const page =
    group !== undefined ? (groups.includes(group) ? groupPage(group) : undefined) : Object.hasOwn(pages, name) ? pages[name] : undefined
  if (page === undefined) return undefined
  const get = {
    tags: [page.tag],
    description: page.description,
    operationId: page.id,
    responses: responses(page.answer(definitions), [200], page.types),
  }
  consumesOf.set(get, page.consumes ?? [])
  return { [`/${name}/`]: { get } }
}
