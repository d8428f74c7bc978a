/** Rights of pods and containers. */
import type { z } from 'zod'
import { bool, int64, list, message, object, string } from '#api/fields.ts'

export const capabilitiesSchema = message('io.k8s.api.core.v1.Capabilities', 'Linux capabilities given to or taken from a container.', {
  add: list(1, 'string', 'Capabilities to add.', { listType: 'atomic', goType: 'v1.Capability' }),
  drop: list(2, 'string', 'Capabilities to remove.', { listType: 'atomic', goType: 'v1.Capability' }),
})
export type Capabilities = z.output<typeof capabilitiesSchema>

export const seLinuxOptionsSchema = message('io.k8s.api.core.v1.SELinuxOptions', 'An SELinux label.', {
  user: string(1, 'User part.'),
  role: string(2, 'Role part.'),
  type: string(3, 'Type part.'),
  level: string(4, 'Level part.'),
})
export type SELinuxOptions = z.output<typeof seLinuxOptionsSchema>

export const windowsSecurityContextOptionsSchema = message('io.k8s.api.core.v1.WindowsSecurityContextOptions', 'Rights on Windows.', {
  gmsaCredentialSpecName: string(1, 'Name of the GMSA credential spec.', { pointer: true }),
  gmsaCredentialSpec: string(2, 'The GMSA credential spec itself.', { pointer: true }),
  runAsUserName: string(3, 'User that runs the program.', { pointer: true }),
  hostProcess: bool(4, 'Runs as a process of the host.', { pointer: true }),
})
export type WindowsSecurityContextOptions = z.output<typeof windowsSecurityContextOptionsSchema>

export const seccompProfileSchema = message('io.k8s.api.core.v1.SeccompProfile', 'A filter of system calls.', {
  type: string(1, 'Where the profile comes from.', {
    json: 'always',
    enum: ['Localhost', 'RuntimeDefault', 'Unconfined'],
    goType: 'v1.SeccompProfileType',
  }),
  localhostProfile: string(2, 'File on the node, for type Localhost.', { pointer: true }),
})
export type SeccompProfile = z.output<typeof seccompProfileSchema>

export const appArmorProfileSchema = message('io.k8s.api.core.v1.AppArmorProfile', 'An AppArmor profile for containers.', {
  type: string(1, 'Where the profile comes from.', {
    json: 'always',
    enum: ['Localhost', 'RuntimeDefault', 'Unconfined'],
    goType: 'v1.AppArmorProfileType',
  }),
  localhostProfile: string(2, 'Name of a profile loaded on the node, for type Localhost.', { pointer: true }),
})
export type AppArmorProfile = z.output<typeof appArmorProfileSchema>

export const securityContextSchema = message('io.k8s.api.core.v1.SecurityContext', 'Rights of a container; go before those of the pod.', {
  capabilities: object(1, capabilitiesSchema, 'Linux capabilities.', { pointer: true }),
  privileged: bool(2, 'Gives the container all rights on the node.', { pointer: true }),
  seLinuxOptions: object(3, seLinuxOptionsSchema, 'SELinux label.', { pointer: true }),
  windowsOptions: object(10, windowsSecurityContextOptionsSchema, 'Settings for Windows.', { pointer: true }),
  runAsUser: int64(4, 'User id.', { pointer: true }),
  runAsGroup: int64(8, 'Group id.', { pointer: true }),
  runAsNonRoot: bool(5, 'Refuses to run as root.', { pointer: true }),
  readOnlyRootFilesystem: bool(6, 'The container cannot write its own files.', { pointer: true }),
  allowPrivilegeEscalation: bool(7, 'Whether a process may gain rights over its parent.', { pointer: true }),
  procMount: string(9, 'How /proc is masked.', { pointer: true, enum: ['Default', 'Unmasked'], goType: 'v1.ProcMountType' }),
  seccompProfile: object(11, seccompProfileSchema, 'Filter of system calls.', { pointer: true }),
  appArmorProfile: object(12, appArmorProfileSchema, 'AppArmor profile.', { pointer: true }),
})
export type SecurityContext = z.output<typeof securityContextSchema>

export const sysctlSchema = message('io.k8s.api.core.v1.Sysctl', 'A kernel parameter.', {
  name: string(1, 'Its name.', { json: 'always' }),
  value: string(2, 'Its value.', { json: 'always' }),
})
export type Sysctl = z.output<typeof sysctlSchema>

export const podSecurityContextSchema = message('io.k8s.api.core.v1.PodSecurityContext', "Rights of a pod's containers.", {
  seLinuxOptions: object(1, seLinuxOptionsSchema, 'SELinux label.', { pointer: true }),
  windowsOptions: object(8, windowsSecurityContextOptionsSchema, 'Settings for Windows.', { pointer: true }),
  runAsUser: int64(2, 'User id.', { pointer: true }),
  runAsGroup: int64(6, 'Group id.', { pointer: true }),
  runAsNonRoot: bool(3, 'Refuses to run as root.', { pointer: true }),
  supplementalGroups: list(4, 'int64', 'Further group ids.', { listType: 'atomic' }),
  supplementalGroupsPolicy: string(12, 'Whether groups of the image count too.', {
    pointer: true,
    enum: ['Merge', 'Strict'],
    goType: 'v1.SupplementalGroupsPolicy',
  }),
  fsGroup: int64(5, 'Group that owns the volumes.', { pointer: true }),
  sysctls: list(7, sysctlSchema, "Kernel parameters of the pod's namespaces.", { listType: 'atomic' }),
  fsGroupChangePolicy: string(9, 'When owners of files are changed.', {
    pointer: true,
    enum: ['Always', 'OnRootMismatch'],
    goType: 'v1.PodFSGroupChangePolicy',
  }),
  seccompProfile: object(10, seccompProfileSchema, 'Filter of system calls.', { pointer: true }),
  appArmorProfile: object(11, appArmorProfileSchema, 'AppArmor profile.', { pointer: true }),
  seLinuxChangePolicy: string(13, 'How SELinux labels reach the volumes.', { pointer: true, goType: 'v1.PodSELinuxChangePolicy' }),
})
export type PodSecurityContext = z.output<typeof podSecurityContextSchema>
