/** DESCRIBE file api/storage/csi-node.ts */
import type { z } from 'zod'
import { int32, kind, list, message, object, string } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'

export const volumeNodeResourcesSchema = message('io.k8s.api.storage.v1.VolumeNodeResources', 'DESCRIBE VolumeNodeResources', {
  count: int32(1, 'DESCRIBE VolumeNodeResources.count', { pointer: true }),
})
export type VolumeNodeResources = z.output<typeof volumeNodeResourcesSchema>

export const csiNodeDriverSchema = message('io.k8s.api.storage.v1.CSINodeDriver', 'DESCRIBE CSINodeDriver', {
  name: string(1, 'DESCRIBE CSINodeDriver.name', { json: 'always' }),
  nodeID: string(2, 'DESCRIBE CSINodeDriver.nodeID', { json: 'always' }),
  topologyKeys: list(3, 'string', 'DESCRIBE CSINodeDriver.topologyKeys', { json: 'always', required: false, listType: 'atomic' }),
  allocatable: object(4, volumeNodeResourcesSchema, 'DESCRIBE CSINodeDriver.allocatable', { pointer: true }),
})
export type CSINodeDriver = z.output<typeof csiNodeDriverSchema>

export const csiNodeSpecSchema = message('io.k8s.api.storage.v1.CSINodeSpec', 'DESCRIBE CSINodeSpec', {
  drivers: list(1, csiNodeDriverSchema, 'DESCRIBE CSINodeSpec.drivers', {
    json: 'always',
    listType: 'map',
    listKeys: ['name'],
    patchStrategy: 'merge',
    patchMergeKey: 'name',
  }),
})
export type CSINodeSpec = z.output<typeof csiNodeSpecSchema>

export const csiNodeSchema = kind('io.k8s.api.storage.v1.CSINode', 'DESCRIBE CSINode', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE CSINode.metadata', { json: 'always', required: false }),
  spec: object(2, csiNodeSpecSchema, 'DESCRIBE CSINode.spec', { json: 'always' }),
})
export type CSINode = z.output<typeof csiNodeSchema>
