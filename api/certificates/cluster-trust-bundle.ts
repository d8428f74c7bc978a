/** Certificates of authorities that everybody in the cluster can read (v1beta1, behind the feature gate ClusterTrustBundle). */
import type { z } from 'zod'
import { kind, message, object, string } from '#api/fields.ts'
import { column, nameColumn } from '#api/meta/age.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { validateClusterTrustBundle } from './validation/cluster-trust-bundle.ts'

const clusterTrustBundleSpecSchema = message('io.k8s.api.certificates.v1beta1.ClusterTrustBundleSpec', 'The certificates.', {
  signerName: string(1, 'Signer whose authorities they are; the name of the bundle then starts with it. Cannot change.'),
  trustBundle: string(2, 'Certificates of authorities in PEM, at most 1 MiB.', { json: 'always' }),
})

const clusterTrustBundleSchema = kind(
  'io.k8s.api.certificates.v1beta1.ClusterTrustBundle',
  'Certificates of authorities, for everybody in the cluster.',
  {
    metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
    spec: object(2, clusterTrustBundleSpecSchema, 'The certificates.', { json: 'always' }),
  },
)
export type ClusterTrustBundle = z.output<typeof clusterTrustBundleSchema>

export const clusterTrustBundles = (): Resource<ClusterTrustBundle> => ({
  group: 'certificates.k8s.io',
  version: 'v1beta1',
  kind: 'ClusterTrustBundle',
  plural: 'clustertrustbundles',
  singular: 'clustertrustbundle',
  scope: 'Cluster',
  schema: clusterTrustBundleSchema,
  columns: [nameColumn, column('SignerName', 'Signer whose authorities they are.', ({ spec }) => spec.signerName || '<none>')],
  selectableFields: { 'spec.signerName': ({ spec }) => spec.signerName ?? '' },
  generation: false,
  unconditionalUpdate: false,
  validateName: () => [],
  validate: validateClusterTrustBundle,
})
