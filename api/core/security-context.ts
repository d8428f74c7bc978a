/** DESCRIBE file api/core/security-context.ts */
import type { z } from 'zod'
import { bool, int64, list, message, object, string } from '#api/fields.ts'

export const capabilitiesSchema = message('io.k8s.api.core.v1.Capabilities', 'DESCRIBE Capabilities', {
  add: list(1, 'string', 'DESCRIBE Capabilities.add', { listType: 'atomic' }),
  drop: list(2, 'string', 'DESCRIBE Capabilities.drop', { listType: 'atomic' }),
})
export type Capabilities = z.output<typeof capabilitiesSchema>

export const seLinuxOptionsSchema = message('io.k8s.api.core.v1.SELinuxOptions', 'DESCRIBE SELinuxOptions', {
  user: string(1, 'DESCRIBE SELinuxOptions.user'),
  role: string(2, 'DESCRIBE SELinuxOptions.role'),
  type: string(3, 'DESCRIBE SELinuxOptions.type'),
  level: string(4, 'DESCRIBE SELinuxOptions.level'),
})
export type SELinuxOptions = z.output<typeof seLinuxOptionsSchema>

export const windowsSecurityContextOptionsSchema = message(
  'io.k8s.api.core.v1.WindowsSecurityContextOptions',
  'DESCRIBE WindowsSecurityContextOptions',
  {
    gmsaCredentialSpecName: string(1, 'DESCRIBE WindowsSecurityContextOptions.gmsaCredentialSpecName', { pointer: true }),
    gmsaCredentialSpec: string(2, 'DESCRIBE WindowsSecurityContextOptions.gmsaCredentialSpec', { pointer: true }),
    runAsUserName: string(3, 'DESCRIBE WindowsSecurityContextOptions.runAsUserName', { pointer: true }),
    hostProcess: bool(4, 'DESCRIBE WindowsSecurityContextOptions.hostProcess', { pointer: true }),
  },
)
export type WindowsSecurityContextOptions = z.output<typeof windowsSecurityContextOptionsSchema>

export const seccompProfileSchema = message('io.k8s.api.core.v1.SeccompProfile', 'DESCRIBE SeccompProfile', {
  type: string(1, 'DESCRIBE SeccompProfile.type', { json: 'always', enum: ['Localhost', 'RuntimeDefault', 'Unconfined'] }),
  localhostProfile: string(2, 'DESCRIBE SeccompProfile.localhostProfile', { pointer: true }),
})
export type SeccompProfile = z.output<typeof seccompProfileSchema>

export const appArmorProfileSchema = message('io.k8s.api.core.v1.AppArmorProfile', 'DESCRIBE AppArmorProfile', {
  type: string(1, 'DESCRIBE AppArmorProfile.type', { json: 'always', enum: ['Localhost', 'RuntimeDefault', 'Unconfined'] }),
  localhostProfile: string(2, 'DESCRIBE AppArmorProfile.localhostProfile', { pointer: true }),
})
export type AppArmorProfile = z.output<typeof appArmorProfileSchema>

export const securityContextSchema = message('io.k8s.api.core.v1.SecurityContext', 'DESCRIBE SecurityContext', {
  capabilities: object(1, capabilitiesSchema, 'DESCRIBE SecurityContext.capabilities', { pointer: true }),
  privileged: bool(2, 'DESCRIBE SecurityContext.privileged', { pointer: true }),
  seLinuxOptions: object(3, seLinuxOptionsSchema, 'DESCRIBE SecurityContext.seLinuxOptions', { pointer: true }),
  windowsOptions: object(10, windowsSecurityContextOptionsSchema, 'DESCRIBE SecurityContext.windowsOptions', { pointer: true }),
  runAsUser: int64(4, 'DESCRIBE SecurityContext.runAsUser', { pointer: true }),
  runAsGroup: int64(8, 'DESCRIBE SecurityContext.runAsGroup', { pointer: true }),
  runAsNonRoot: bool(5, 'DESCRIBE SecurityContext.runAsNonRoot', { pointer: true }),
  readOnlyRootFilesystem: bool(6, 'DESCRIBE SecurityContext.readOnlyRootFilesystem', { pointer: true }),
  allowPrivilegeEscalation: bool(7, 'DESCRIBE SecurityContext.allowPrivilegeEscalation', { pointer: true }),
  procMount: string(9, 'DESCRIBE SecurityContext.procMount', { pointer: true, enum: ['Default', 'Unmasked'] }),
  seccompProfile: object(11, seccompProfileSchema, 'DESCRIBE SecurityContext.seccompProfile', { pointer: true }),
  appArmorProfile: object(12, appArmorProfileSchema, 'DESCRIBE SecurityContext.appArmorProfile', { pointer: true }),
})
export type SecurityContext = z.output<typeof securityContextSchema>

export const sysctlSchema = message('io.k8s.api.core.v1.Sysctl', 'DESCRIBE Sysctl', {
  name: string(1, 'DESCRIBE Sysctl.name', { json: 'always' }),
  value: string(2, 'DESCRIBE Sysctl.value', { json: 'always' }),
})
export type Sysctl = z.output<typeof sysctlSchema>

export const podSecurityContextSchema = message('io.k8s.api.core.v1.PodSecurityContext', 'DESCRIBE PodSecurityContext', {
  seLinuxOptions: object(1, seLinuxOptionsSchema, 'DESCRIBE PodSecurityContext.seLinuxOptions', { pointer: true }),
  windowsOptions: object(8, windowsSecurityContextOptionsSchema, 'DESCRIBE PodSecurityContext.windowsOptions', { pointer: true }),
  runAsUser: int64(2, 'DESCRIBE PodSecurityContext.runAsUser', { pointer: true }),
  runAsGroup: int64(6, 'DESCRIBE PodSecurityContext.runAsGroup', { pointer: true }),
  runAsNonRoot: bool(3, 'DESCRIBE PodSecurityContext.runAsNonRoot', { pointer: true }),
  supplementalGroups: list(4, 'int64', 'DESCRIBE PodSecurityContext.supplementalGroups', { listType: 'atomic' }),
  supplementalGroupsPolicy: string(12, 'DESCRIBE PodSecurityContext.supplementalGroupsPolicy', {
    pointer: true,
    enum: ['Merge', 'Strict'],
  }),
  fsGroup: int64(5, 'DESCRIBE PodSecurityContext.fsGroup', { pointer: true }),
  sysctls: list(7, sysctlSchema, 'DESCRIBE PodSecurityContext.sysctls', { listType: 'atomic' }),
  fsGroupChangePolicy: string(9, 'DESCRIBE PodSecurityContext.fsGroupChangePolicy', { pointer: true, enum: ['Always', 'OnRootMismatch'] }),
  seccompProfile: object(10, seccompProfileSchema, 'DESCRIBE PodSecurityContext.seccompProfile', { pointer: true }),
  appArmorProfile: object(11, appArmorProfileSchema, 'DESCRIBE PodSecurityContext.appArmorProfile', { pointer: true }),
  seLinuxChangePolicy: string(13, 'DESCRIBE PodSecurityContext.seLinuxChangePolicy', { pointer: true }),
})
export type PodSecurityContext = z.output<typeof podSecurityContextSchema>
