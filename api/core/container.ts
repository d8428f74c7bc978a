/** DESCRIBE file api/core/container.ts */
import type { z } from 'zod'
import { bool, inline, int32, list, message, object, string } from '#api/fields.ts'
import { envFromSourceSchema, envVarSchema } from './env.ts'
import { lifecycleSchema, probeSchema } from './probe.ts'
import { containerResizePolicySchema, resourceRequirementsSchema } from './resources.ts'
import { securityContextSchema } from './security-context.ts'

export const containerPortSchema = message('io.k8s.api.core.v1.ContainerPort', 'DESCRIBE ContainerPort', {
  name: string(1, 'DESCRIBE ContainerPort.name'),
  hostPort: int32(2, 'DESCRIBE ContainerPort.hostPort'),
  containerPort: int32(3, 'DESCRIBE ContainerPort.containerPort', { json: 'always' }),
  protocol: string(4, 'DESCRIBE ContainerPort.protocol', { default: 'TCP', enum: ['SCTP', 'TCP', 'UDP'] }),
  hostIP: string(5, 'DESCRIBE ContainerPort.hostIP'),
})
export type ContainerPort = z.output<typeof containerPortSchema>

export const containerRestartRuleOnExitCodesSchema = message(
  'io.k8s.api.core.v1.ContainerRestartRuleOnExitCodes',
  'DESCRIBE ContainerRestartRuleOnExitCodes',
  {
    operator: string(1, 'DESCRIBE ContainerRestartRuleOnExitCodes.operator', { required: true }),
    values: list(2, 'int32', 'DESCRIBE ContainerRestartRuleOnExitCodes.values', { listType: 'set' }),
  },
)
export type ContainerRestartRuleOnExitCodes = z.output<typeof containerRestartRuleOnExitCodesSchema>

export const containerRestartRuleSchema = message('io.k8s.api.core.v1.ContainerRestartRule', 'DESCRIBE ContainerRestartRule', {
  action: string(1, 'DESCRIBE ContainerRestartRule.action', { required: true }),
  exitCodes: object(2, containerRestartRuleOnExitCodesSchema, 'DESCRIBE ContainerRestartRule.exitCodes', { pointer: true }),
})
export type ContainerRestartRule = z.output<typeof containerRestartRuleSchema>

export const volumeMountSchema = message('io.k8s.api.core.v1.VolumeMount', 'DESCRIBE VolumeMount', {
  name: string(1, 'DESCRIBE VolumeMount.name', { json: 'always' }),
  readOnly: bool(2, 'DESCRIBE VolumeMount.readOnly'),
  recursiveReadOnly: string(7, 'DESCRIBE VolumeMount.recursiveReadOnly', { pointer: true }),
  mountPath: string(3, 'DESCRIBE VolumeMount.mountPath', { json: 'always' }),
  subPath: string(4, 'DESCRIBE VolumeMount.subPath'),
  mountPropagation: string(5, 'DESCRIBE VolumeMount.mountPropagation', {
    pointer: true,
    enum: ['Bidirectional', 'HostToContainer', 'None'],
  }),
  subPathExpr: string(6, 'DESCRIBE VolumeMount.subPathExpr'),
})
export type VolumeMount = z.output<typeof volumeMountSchema>

export const volumeDeviceSchema = message('io.k8s.api.core.v1.VolumeDevice', 'DESCRIBE VolumeDevice', {
  name: string(1, 'DESCRIBE VolumeDevice.name', { json: 'always' }),
  devicePath: string(2, 'DESCRIBE VolumeDevice.devicePath', { json: 'always' }),
})
export type VolumeDevice = z.output<typeof volumeDeviceSchema>

export const containerSchema = message('io.k8s.api.core.v1.Container', 'DESCRIBE Container', {
  name: string(1, 'DESCRIBE Container.name', { json: 'always' }),
  image: string(2, 'DESCRIBE Container.image'),
  command: list(3, 'string', 'DESCRIBE Container.command', { listType: 'atomic' }),
  args: list(4, 'string', 'DESCRIBE Container.args', { listType: 'atomic' }),
  workingDir: string(5, 'DESCRIBE Container.workingDir'),
  ports: list(6, containerPortSchema, 'DESCRIBE Container.ports', {
    listType: 'map',
    listKeys: ['containerPort', 'protocol'],
    patchStrategy: 'merge',
    patchMergeKey: 'containerPort',
  }),
  envFrom: list(19, envFromSourceSchema, 'DESCRIBE Container.envFrom', { listType: 'atomic' }),
  env: list(7, envVarSchema, 'DESCRIBE Container.env', {
    listType: 'map',
    listKeys: ['name'],
    patchStrategy: 'merge',
    patchMergeKey: 'name',
  }),
  resources: object(8, resourceRequirementsSchema, 'DESCRIBE Container.resources'),
  resizePolicy: list(23, containerResizePolicySchema, 'DESCRIBE Container.resizePolicy', { listType: 'atomic' }),
  restartPolicy: string(24, 'DESCRIBE Container.restartPolicy', { pointer: true }),
  restartPolicyRules: list(25, containerRestartRuleSchema, 'DESCRIBE Container.restartPolicyRules', { listType: 'atomic' }),
  volumeMounts: list(9, volumeMountSchema, 'DESCRIBE Container.volumeMounts', {
    listType: 'map',
    listKeys: ['mountPath'],
    patchStrategy: 'merge',
    patchMergeKey: 'mountPath',
  }),
  volumeDevices: list(21, volumeDeviceSchema, 'DESCRIBE Container.volumeDevices', {
    listType: 'map',
    listKeys: ['devicePath'],
    patchStrategy: 'merge',
    patchMergeKey: 'devicePath',
  }),
  livenessProbe: object(10, probeSchema, 'DESCRIBE Container.livenessProbe', { pointer: true }),
  readinessProbe: object(11, probeSchema, 'DESCRIBE Container.readinessProbe', { pointer: true }),
  startupProbe: object(22, probeSchema, 'DESCRIBE Container.startupProbe', { pointer: true }),
  lifecycle: object(12, lifecycleSchema, 'DESCRIBE Container.lifecycle', { pointer: true }),
  terminationMessagePath: string(13, 'DESCRIBE Container.terminationMessagePath'),
  terminationMessagePolicy: string(20, 'DESCRIBE Container.terminationMessagePolicy', { enum: ['FallbackToLogsOnError', 'File'] }),
  imagePullPolicy: string(14, 'DESCRIBE Container.imagePullPolicy', { enum: ['Always', 'IfNotPresent', 'Never'] }),
  securityContext: object(15, securityContextSchema, 'DESCRIBE Container.securityContext', { pointer: true }),
  stdin: bool(16, 'DESCRIBE Container.stdin'),
  stdinOnce: bool(17, 'DESCRIBE Container.stdinOnce'),
  tty: bool(18, 'DESCRIBE Container.tty'),
})
export type Container = z.output<typeof containerSchema>

export const ephemeralContainerCommonSchema = message('io.k8s.api.core.v1.EphemeralContainerCommon', 'DESCRIBE EphemeralContainerCommon', {
  name: string(1, 'DESCRIBE EphemeralContainerCommon.name', { json: 'always' }),
  image: string(2, 'DESCRIBE EphemeralContainerCommon.image'),
  command: list(3, 'string', 'DESCRIBE EphemeralContainerCommon.command', { listType: 'atomic' }),
  args: list(4, 'string', 'DESCRIBE EphemeralContainerCommon.args', { listType: 'atomic' }),
  workingDir: string(5, 'DESCRIBE EphemeralContainerCommon.workingDir'),
  ports: list(6, containerPortSchema, 'DESCRIBE EphemeralContainerCommon.ports', {
    listType: 'map',
    listKeys: ['containerPort', 'protocol'],
    patchStrategy: 'merge',
    patchMergeKey: 'containerPort',
  }),
  envFrom: list(19, envFromSourceSchema, 'DESCRIBE EphemeralContainerCommon.envFrom', { listType: 'atomic' }),
  env: list(7, envVarSchema, 'DESCRIBE EphemeralContainerCommon.env', {
    listType: 'map',
    listKeys: ['name'],
    patchStrategy: 'merge',
    patchMergeKey: 'name',
  }),
  resources: object(8, resourceRequirementsSchema, 'DESCRIBE EphemeralContainerCommon.resources'),
  resizePolicy: list(23, containerResizePolicySchema, 'DESCRIBE EphemeralContainerCommon.resizePolicy', { listType: 'atomic' }),
  restartPolicy: string(24, 'DESCRIBE EphemeralContainerCommon.restartPolicy', { pointer: true }),
  restartPolicyRules: list(25, containerRestartRuleSchema, 'DESCRIBE EphemeralContainerCommon.restartPolicyRules', { listType: 'atomic' }),
  volumeMounts: list(9, volumeMountSchema, 'DESCRIBE EphemeralContainerCommon.volumeMounts', {
    listType: 'map',
    listKeys: ['mountPath'],
    patchStrategy: 'merge',
    patchMergeKey: 'mountPath',
  }),
  volumeDevices: list(21, volumeDeviceSchema, 'DESCRIBE EphemeralContainerCommon.volumeDevices', {
    listType: 'map',
    listKeys: ['devicePath'],
    patchStrategy: 'merge',
    patchMergeKey: 'devicePath',
  }),
  livenessProbe: object(10, probeSchema, 'DESCRIBE EphemeralContainerCommon.livenessProbe', { pointer: true }),
  readinessProbe: object(11, probeSchema, 'DESCRIBE EphemeralContainerCommon.readinessProbe', { pointer: true }),
  startupProbe: object(22, probeSchema, 'DESCRIBE EphemeralContainerCommon.startupProbe', { pointer: true }),
  lifecycle: object(12, lifecycleSchema, 'DESCRIBE EphemeralContainerCommon.lifecycle', { pointer: true }),
  terminationMessagePath: string(13, 'DESCRIBE EphemeralContainerCommon.terminationMessagePath'),
  terminationMessagePolicy: string(20, 'DESCRIBE EphemeralContainerCommon.terminationMessagePolicy', {
    enum: ['FallbackToLogsOnError', 'File'],
  }),
  imagePullPolicy: string(14, 'DESCRIBE EphemeralContainerCommon.imagePullPolicy', { enum: ['Always', 'IfNotPresent', 'Never'] }),
  securityContext: object(15, securityContextSchema, 'DESCRIBE EphemeralContainerCommon.securityContext', { pointer: true }),
  stdin: bool(16, 'DESCRIBE EphemeralContainerCommon.stdin'),
  stdinOnce: bool(17, 'DESCRIBE EphemeralContainerCommon.stdinOnce'),
  tty: bool(18, 'DESCRIBE EphemeralContainerCommon.tty'),
})
export type EphemeralContainerCommon = z.output<typeof ephemeralContainerCommonSchema>

export const ephemeralContainerSchema = message('io.k8s.api.core.v1.EphemeralContainer', 'DESCRIBE EphemeralContainer', {
  // inlined in JSON; protobuf nests it as field 1
  ...inline(1, ephemeralContainerCommonSchema),
  targetContainerName: string(2, 'DESCRIBE EphemeralContainer.targetContainerName'),
})
export type EphemeralContainer = z.output<typeof ephemeralContainerSchema>
