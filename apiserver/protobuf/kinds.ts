/** Kinds that have a protobuf form although they are no resources: metadata kinds, scales, reviews, what discovery says. */
import type { z } from 'zod'
import { selfSubjectReviewSchema } from '#api/authentication/self-subject-review.ts'
import { tokenRequestSchema } from '#api/authentication/token-request.ts'
import { tokenReviewSchema } from '#api/authentication/token-review.ts'
import {
  localSubjectAccessReviewSchema,
  selfSubjectAccessReviewSchema,
  selfSubjectRulesReviewSchema,
  subjectAccessReviewSchema,
} from '#api/authorization/access-review.ts'
import { scaleSchema } from '#api/autoscaling/scale.ts'
import { bindingSchema } from '#api/core/binding.ts'
import { apiGroupDiscoveryListSchema, apiGroupListSchema, apiGroupSchema, apiVersionsSchema } from '#api/meta/discovery-kinds.ts'
import { deleteOptionsSchema } from '#api/meta/options.ts'
import { apiResourceListSchema, partialObjectMetadataSchema, statusSchema } from '#api/meta/wire-kinds.ts'
import { evictionSchema } from '#api/policy/eviction.ts'
import { kindOf } from '#api/scheme.ts'
import { structuralOf } from '#api/tree.ts'
import { encodeObject } from './encode-object.ts'
import { protobufType } from './envelope.ts'

/** By apiVersion and kind. */
export const wireKinds: Readonly<Record<string, z.ZodType>> = {
  'v1/Status': statusSchema,
  'v1/DeleteOptions': deleteOptionsSchema,
  'v1/APIVersions': apiVersionsSchema,
  'v1/APIGroup': apiGroupSchema,
  'v1/APIGroupList': apiGroupListSchema,
  'v1/APIResourceList': apiResourceListSchema,
  'apidiscovery.k8s.io/v2/APIGroupDiscoveryList': apiGroupDiscoveryListSchema,
  'meta.k8s.io/v1/PartialObjectMetadata': partialObjectMetadataSchema,
  'v1/Binding': bindingSchema,
  'autoscaling/v1/Scale': scaleSchema,
  'policy/v1/Eviction': evictionSchema,
  'authentication.k8s.io/v1/SelfSubjectReview': selfSubjectReviewSchema,
  'authentication.k8s.io/v1/TokenRequest': tokenRequestSchema,
  'authentication.k8s.io/v1/TokenReview': tokenReviewSchema,
  'authorization.k8s.io/v1/LocalSubjectAccessReview': localSubjectAccessReviewSchema,
  'authorization.k8s.io/v1/SelfSubjectAccessReview': selfSubjectAccessReviewSchema,
  'authorization.k8s.io/v1/SelfSubjectRulesReview': selfSubjectRulesReviewSchema,
  'authorization.k8s.io/v1/SubjectAccessReview': subjectAccessReviewSchema,
}

/** An object with kind and apiVersion as a protobuf answer; undefined where its kind has no such form. */
export function protobufOf(object: unknown, schema?: z.ZodType): { bytes: Buffer; contentType: string } | undefined {
  const given = object as { apiVersion?: unknown; kind?: unknown }
  const apiVersion = String(given.apiVersion ?? '')
  const kind = String(given.kind ?? '')
  const key = `${apiVersion || 'v1'}/${kind}`
  const known = schema ?? (Object.hasOwn(wireKinds, key) ? wireKinds[key] : kindOf(apiVersion, kind)?.schema)
  // Custom resources have no field numbers.
  if (known === undefined || structuralOf(known)) return undefined
  return { bytes: encodeObject(object as Record<string, unknown>, known, { apiVersion, kind }), contentType: protobufType }
}
