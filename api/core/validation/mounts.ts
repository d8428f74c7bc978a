/** Rules of volume mounts and block devices of a container. */
import type { Container, VolumeDevice, VolumeMount } from '#api/core/container.ts'
import type { Volume } from '#api/core/volume.ts'
import { type FieldError, forbidden, invalid, notFound, notSupported, required } from '#api/meta/field-error.ts'
import { checkDescendingPath, requireText } from './values.ts'

const propagations = ['Bidirectional', 'HostToContainer', 'None']
const recursiveModes = ['Disabled', 'Enabled', 'IfPossible']

/** As upstream compares them: of several with one name the last counts. */
function pathsByName<K extends string>(items: readonly ({ name: string } & Record<K, string>)[] | undefined, path: K): Map<string, string> {
  return new Map((items ?? []).map((item) => [item.name, item[path]]))
}

type MountHolder = Pick<Container, 'volumeMounts' | 'volumeDevices' | 'securityContext'>

function validatePropagation(propagation: string, container: MountHolder, path: string): FieldError[] {
  const found = propagations.includes(propagation) ? [] : [notSupported(path, propagation, propagations)]
  if (propagation === 'Bidirectional' && container.securityContext?.privileged !== true) {
    found.push(forbidden(path, 'Bidirectional mount propagation is available only to privileged containers'))
  }
  return found
}

function validateRecursive(mount: VolumeMount, path: string): FieldError[] {
  const mode = mount.recursiveReadOnly
  if (mode === undefined || mode === 'Disabled') return []
  if (!recursiveModes.includes(mode)) return [notSupported(path, mode, recursiveModes)]
  const found: FieldError[] = []
  if (!mount.readOnly) found.push(forbidden(path, 'may only be specified when readOnly is true'))
  if (mount.mountPropagation !== undefined && mount.mountPropagation !== 'None') {
    found.push(forbidden(path, 'may only be specified when mountPropagation is None or not specified'))
  }
  return found
}

/** Some of these upstream reports at the list and not at its element; so do we. */
function validatePaths(mount: VolumeMount, list: string, at: string): FieldError[] {
  const found: FieldError[] = []
  if (mount.subPath) found.push(...checkDescendingPath(`${list}.subPath`, mount.subPath))
  if (mount.subPathExpr) {
    if (mount.subPath) found.push(invalid(`${at}.subPathExpr`, mount.subPathExpr, 'subPathExpr and subPath are mutually exclusive'))
    found.push(...checkDescendingPath(`${list}.subPathExpr`, mount.subPathExpr))
  }
  return found
}

export function validateMounts(container: MountHolder, path: string, volumes: ReadonlyMap<string, Volume>): FieldError[] {
  const found: FieldError[] = []
  const devices = pathsByName(container.volumeDevices, 'devicePath')
  const taken = new Set<string>()
  for (const [i, mount] of (container.volumeMounts ?? []).entries()) {
    const at = `${path}[${i}]`
    const { name = '', mountPath = '' } = mount
    found.push(...requireText(`${at}.name`, name))
    if (!volumes.has(name)) found.push(notFound(`${at}.name`, name))
    found.push(...requireText(`${at}.mountPath`, mountPath))
    if (taken.has(mountPath)) found.push(invalid(`${at}.mountPath`, mountPath, 'must be unique'))
    taken.add(mountPath)
    if (devices.has(name)) found.push(invalid(`${at}.name`, name, 'must not already exist in volumeDevices'))
    if ([...devices.values()].includes(mountPath)) {
      found.push(invalid(`${at}.mountPath`, mountPath, 'must not already exist as a path in volumeDevices'))
    }
    found.push(...validatePaths(mount, path, at))
    if (mount.mountPropagation !== undefined) {
      found.push(...validatePropagation(mount.mountPropagation, container, `${path}.mountPropagation`))
    }
    found.push(...validateRecursive(mount, `${path}.recursiveReadOnly`))
  }
  return found
}

function validateDeviceVolume(name: string, field: string, volumes: ReadonlyMap<string, Volume>): FieldError[] {
  const volume = volumes.get(name)
  if (!volume) return [notFound(field, name)]
  if (volume.persistentVolumeClaim || volume.ephemeral) return []
  return [invalid(field, name, 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode')]
}

interface DevicesSeen {
  names: Set<string>
  paths: Set<string>
}

function validateDevice(device: VolumeDevice, at: string, seen: DevicesSeen, volumes: ReadonlyMap<string, Volume>): FieldError[] {
  const { name = '', devicePath = '' } = device
  const found = name === '' ? [required(`${at}.name`)] : []
  if (seen.names.has(name)) found.push(invalid(`${at}.name`, name, 'must be unique'))
  found.push(...validateDeviceVolume(name, `${at}.name`, volumes))
  const field = `${at}.devicePath`
  found.push(...requireText(field, devicePath))
  if (seen.paths.has(devicePath)) found.push(invalid(field, devicePath, 'must be unique'))
  if (devicePath.split('/').includes('..')) found.push(invalid(field, devicePath, "can not contain backsteps ('..')"))
  else seen.paths.add(devicePath)
  return found
}

export function validateDevices(container: MountHolder, path: string, volumes: ReadonlyMap<string, Volume>): FieldError[] {
  const found: FieldError[] = []
  const mounts = pathsByName(container.volumeMounts, 'mountPath')
  const seen: DevicesSeen = { names: new Set(), paths: new Set() }
  for (const [i, device] of (container.volumeDevices ?? []).entries()) {
    const at = `${path}[${i}]`
    const { name = '', devicePath = '' } = device
    found.push(...validateDevice(device, at, seen, volumes))
    if (mounts.has(name)) found.push(invalid(`${at}.name`, name, 'must not already exist in volumeMounts'))
    if ([...mounts.values()].includes(devicePath)) {
      found.push(invalid(`${at}.devicePath`, devicePath, 'must not already exist as a path in volumeMounts'))
    }
    if (name !== '') seen.names.add(name)
  }
  return found
}
