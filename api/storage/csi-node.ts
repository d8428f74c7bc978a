/** The CSI drivers of nodes. */
import type { z } from 'zod'
import { int32, kind, list, message, object, string } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { csiNodeColumns } from './columns.ts'
import { validateCSINode } from './validation/csi.ts'

export const volumeNodeResourcesSchema = message('io.k8s.api.storage.v1.VolumeNodeResources', 'Volumes that a node can take.', {
  count: int32(1, 'How many; not limited where absent.', { pointer: true }),
})
export type VolumeNodeResources = z.output<typeof volumeNodeResourcesSchema>

export const csiNodeDriverSchema = message('io.k8s.api.storage.v1.CSINodeDriver', 'A CSI driver on a node.', {
  name: string(1, 'Name of the driver.', { json: 'always' }),
  nodeID: string(2, 'Name of the node in the words of the driver.', { json: 'always' }),
  topologyKeys: list(3, 'string', 'Labels of the node that tell where its volumes can be.', {
    json: 'always',
    required: false,
    listType: 'atomic',
  }),
  allocatable: object(4, volumeNodeResourcesSchema, 'Volumes that the node can take.', { pointer: true }),
})
export type CSINodeDriver = z.output<typeof csiNodeDriverSchema>

export const csiNodeSpecSchema = message('io.k8s.api.storage.v1.CSINodeSpec', 'The CSI drivers of a node.', {
  drivers: list(1, csiNodeDriverSchema, 'The drivers.', {
    json: 'always',
    listType: 'map',
    listKeys: ['name'],
    patchStrategy: 'merge',
    patchMergeKey: 'name',
  }),
})
export type CSINodeSpec = z.output<typeof csiNodeSpecSchema>

export const csiNodeSchema = kind('io.k8s.api.storage.v1.CSINode', 'The CSI drivers of a node; has the name of the node.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  spec: object(2, csiNodeSpecSchema, 'The wanted state.', { json: 'always' }),
})
export type CSINode = z.output<typeof csiNodeSchema>

export const CSINodes: Resource<CSINode> = {
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSINode',
  plural: 'csinodes',
  singular: 'csinode',
  scope: 'Cluster',
  returnsDeleted: true,
  schema: csiNodeSchema,
  metadataOnUpdate: 'left to the rules of the kind',
  columns: csiNodeColumns,
  generation: false,
  unconditionalUpdate: false,
  validate: validateCSINode,
}
