/** Rules of the volume sources that name a storage system (upstream: pkg/apis/core/validation). */
import type { Volume } from '#api/core/volume.ts'
import { type FieldError, invalid, notSupported, required } from '#api/meta/field-error.ts'
import { byteLength, checkDns1123Subdomain, inclusiveRangeMessage } from '#api/validation/names.ts'
import { checkLabelName, checkSubdomainName, invalids, requireText, sortedKeys } from './values.ts'

type Check<K extends keyof Volume> = (source: NonNullable<Volume[K]>, path: string) => FieldError[]

const diskPartition = (path: string, partition: number | undefined): FieldError[] =>
  (partition ?? 0) < 0 || (partition ?? 0) > 255 ? [invalid(`${path}.partition`, partition, inclusiveRangeMessage(1, 255))] : []

const secretName = (path: string, ref: { name?: string | undefined } | undefined): FieldError[] =>
  ref && !ref.name ? [required(`${path}.secretRef.name`)] : []

export const checkGCEDisk: Check<'gcePersistentDisk'> = (disk, path) => [
  ...requireText(`${path}.pdName`, disk.pdName),
  ...diskPartition(path, disk.partition),
]

export const checkAWSDisk: Check<'awsElasticBlockStore'> = (disk, path) => [
  ...requireText(`${path}.volumeID`, disk.volumeID),
  ...diskPartition(path, disk.partition),
]

const iqnShapes: Readonly<Record<string, RegExp>> = {
  iqn: /iqn\.\d{4}-\d{2}\.([A-Za-z0-9\-.]+)(:[^,;*&$|\s]+)$/,
  eui: /^eui.[A-Za-z0-9]{16}$/,
  naa: /^naa.[A-Za-z0-9]{32}$/,
}

export function checkInitiator(
  field: string,
  name: string,
  prefixText = 'must be valid format starting with iqn, eui, or naa',
): FieldError[] {
  const start = name.slice(0, 3)
  const shape = Object.hasOwn(iqnShapes, start) ? iqnShapes[start] : undefined
  if (!shape) return [invalid(field, name, prefixText)]
  return shape.test(name) ? [] : [invalid(field, name, 'must be valid format')]
}

export const checkISCSI: Check<'iscsi'> = (iscsi, path) => {
  const found = requireText(`${path}.targetPortal`, iscsi.targetPortal)
  found.push(...(iscsi.iqn ? checkInitiator(`${path}.iqn`, iscsi.iqn) : [required(`${path}.iqn`)]))
  const lun = iscsi.lun ?? 0
  if (lun < 0 || lun > 255) found.push(invalid(`${path}.lun`, lun, inclusiveRangeMessage(0, 255)))
  if ((iscsi.chapAuthDiscovery || iscsi.chapAuthSession) && !iscsi.secretRef) found.push(required(`${path}.secretRef`))
  if (iscsi.initiatorName !== undefined) found.push(...checkInitiator(`${path}.initiatorname`, iscsi.initiatorName))
  return found
}

export const checkGlusterfs: Check<'glusterfs'> = (source, path) => [
  ...requireText(`${path}.endpoints`, source.endpoints),
  ...requireText(`${path}.path`, source.path),
]

export const checkFlocker: Check<'flocker'> = ({ datasetName, datasetUUID }, path) => {
  const found: FieldError[] = []
  if (!datasetName && !datasetUUID) found.push(required(path, 'one of datasetName and datasetUUID is required'))
  if (datasetName && datasetUUID) {
    found.push(invalid(path, 'resource', 'datasetName and datasetUUID can not be specified simultaneously'))
  }
  if (datasetName?.includes('/')) found.push(invalid(`${path}.datasetName`, datasetName, "must not contain '/'"))
  return found
}

export const checkRBD: Check<'rbd'> = (rbd, path) => [
  ...((rbd.monitors ?? []).length === 0 ? [required(`${path}.monitors`)] : []),
  ...requireText(`${path}.image`, rbd.image),
]

export const checkCinder: Check<'cinder'> = (cinder, path) => [
  ...requireText(`${path}.volumeID`, cinder.volumeID),
  ...secretName(path, cinder.secretRef),
]

export const checkCephFS: Check<'cephfs'> = (ceph, path) => ((ceph.monitors ?? []).length === 0 ? [required(`${path}.monitors`)] : [])

/** `host:port`, with an IPv6 host in brackets. */
const hostPort = /^(\[[^\]]*\]|[^:[\]]*):[^:]*$/
const registryMessage = 'must be a host:port pair or multiple pairs separated by commas'

export const checkQuobyte: Check<'quobyte'> = (quobyte, path) => {
  const found: FieldError[] = []
  const registry = `${path}.registry`
  if (!quobyte.registry) found.push(required(registry, registryMessage))
  else if (byteLength(quobyte.tenant ?? '') >= 65) {
    found.push(required(`${path}.tenant`, 'must be a UUID and may not exceed a length of 64 characters'))
  } else {
    for (const pair of quobyte.registry.split(',')) {
      if (!hostPort.test(pair)) found.push(invalid(registry, quobyte.registry, registryMessage))
    }
  }
  return [...found, ...requireText(`${path}.volume`, quobyte.volume)]
}

export const checkFC: Check<'fc'> = (fc, path) => {
  const found: FieldError[] = []
  const names = (fc.targetWWNs ?? []).length
  const ids = (fc.wwids ?? []).length
  if (names < 1 && ids < 1) {
    found.push(required(`${path}.targetWWNs`, 'must specify either targetWWNs or wwids, but not both'))
  }
  if (names !== 0 && ids !== 0)
    found.push(invalid(`${path}.targetWWNs`, fc.targetWWNs, 'targetWWNs and wwids can not be specified simultaneously'))
  if (names === 0) return found
  if (fc.lun === undefined) found.push(required(`${path}.lun`, 'lun is required if targetWWNs is specified'))
  else if (fc.lun < 0 || fc.lun > 255) found.push(invalid(`${path}.lun`, fc.lun, inclusiveRangeMessage(0, 255)))
  return found
}

export const checkFlex: Check<'flexVolume'> = (flex, path) => {
  const found = requireText(`${path}.driver`, flex.driver)
  for (const key of sortedKeys(flex.options)) {
    const namespace = `.${(key.includes('/') ? key.slice(0, key.indexOf('/')) : key).toLowerCase()}`
    if (namespace.endsWith('.kubernetes.io') || namespace.endsWith('.k8s.io')) {
      found.push(invalid(`${path}.options[${key}]`, key, 'kubernetes.io and k8s.io namespaces are reserved'))
    }
  }
  return found
}

export const checkAzureFile: Check<'azureFile'> = (file, path) => [
  ...requireText(`${path}.secretName`, file.secretName),
  ...requireText(`${path}.shareName`, file.shareName),
]

const managedUri = '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}'
const blobUri = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd'

export const checkAzureDisk: Check<'azureDisk'> = (disk, path) => {
  const found = [...requireText(`${path}.diskName`, disk.diskName), ...requireText(`${path}.diskURI`, disk.diskURI)]
  const caching = ['None', 'ReadOnly', 'ReadWrite']
  const kinds = ['Dedicated', 'Managed', 'Shared']
  const uri = disk.diskURI ?? ''
  if (disk.cachingMode !== undefined && !caching.includes(disk.cachingMode)) {
    found.push(notSupported(`${path}.cachingMode`, disk.cachingMode, caching))
  }
  if (disk.kind === undefined) return found
  if (!kinds.includes(disk.kind)) found.push(notSupported(`${path}.kind`, disk.kind, kinds))
  if (disk.kind === 'Managed' && !uri.startsWith('/subscriptions/')) found.push(notSupported(`${path}.diskURI`, uri, [managedUri]))
  if (disk.kind !== 'Managed' && !uri.startsWith('https://')) found.push(notSupported(`${path}.diskURI`, uri, [blobUri]))
  return found
}

export const checkScaleIO: Check<'scaleIO'> = (source, path) => [
  ...requireText(`${path}.gateway`, source.gateway),
  ...requireText(`${path}.system`, source.system),
  ...requireText(`${path}.volumeName`, source.volumeName),
]

export const checkStorageOS: Check<'storageos'> = (source, path) => [
  ...(source.volumeName ? checkLabelName(`${path}.volumeName`, source.volumeName) : [required(`${path}.volumeName`)]),
  ...(source.volumeNamespace ? checkLabelName(`${path}.volumeNamespace`, source.volumeNamespace) : []),
  ...secretName(path, source.secretRef),
]

export function checkDriverName(field: string, driver: string): FieldError[] {
  if (driver === '') return [required(field)]
  const found: FieldError[] = []
  if (byteLength(driver) > 63) {
    found.push({ reason: 'FieldValueTooLong', field, message: 'Too long: may not be more than 63 bytes' })
  }
  return [...found, ...invalids(field, driver, checkDns1123Subdomain(driver.toLowerCase()))]
}

export const checkCSI: Check<'csi'> = (csi, path) => {
  const found = checkDriverName(`${path}.driver`, csi.driver ?? '')
  const secret = csi.nodePublishSecretRef
  if (!secret) return found
  if (!secret.name) return [...found, required(`${path}.nodePublishSecretRef.name`)]
  return [...found, ...checkSubdomainName(`${path}.name`, secret.name)]
}
