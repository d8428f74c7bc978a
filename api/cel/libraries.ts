/** The functions of Kubernetes 1.35's base environment, in the order in which upstream adds them (apiserver, pkg/cel/environment/base.go). */
import type { CelFunction } from './functions.ts'
import { authorizerLibrary, authorizerSelectorsLibrary } from './library-authorizer.ts'
import { formatsLibrary } from './library-formats.ts'
import { comprehensionLibrary, kubernetesListsLibrary, listsLibrary, setsLibrary } from './library-lists.ts'
import { cidrLibrary, ipLibrary } from './library-network.ts'
import { quantityLibrary } from './library-quantity.ts'
import { semverLibrary } from './library-semver.ts'
import { regexLibrary, stringsLibrary } from './library-strings.ts'
import { urlsLibrary } from './library-urls.ts'
import { optionalLibrary, standardLibrary } from './standard.ts'

export const kubernetesLibraries: readonly (readonly CelFunction[])[] = [
  standardLibrary,
  urlsLibrary,
  regexLibrary,
  kubernetesListsLibrary,
  authorizerLibrary,
  optionalLibrary,
  quantityLibrary,
  stringsLibrary,
  setsLibrary,
  ipLibrary,
  cidrLibrary,
  formatsLibrary,
  authorizerSelectorsLibrary,
  comprehensionLibrary,
  semverLibrary,
  listsLibrary,
]
