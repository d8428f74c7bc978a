/** Containers, with their ports, mounts and restart rules. */
import type { z } from 'zod'
import { bool, inline, int32, list, message, object, string } from '#api/fields.ts'
import { envFromSourceSchema, envVarSchema } from './env.ts'
import { lifecycleSchema, probeSchema } from './probe.ts'
import { containerResizePolicySchema, resourceRequirementsSchema } from './resources.ts'
import { securityContextSchema } from './security-context.ts'

export const containerPortSchema = message('io.k8s.api.core.v1.ContainerPort', 'A port of a container.', {
  name: string(1, 'Name that services may use.'),
  hostPort: int32(2, 'Port of the node that leads here.'),
  containerPort: int32(3, "Port in the pod's network.", { json: 'always' }),
  protocol: string(4, 'TCP, UDP or SCTP.', { default: 'TCP', enum: ['SCTP', 'TCP', 'UDP'], goType: 'v1.Protocol' }),
  hostIP: string(5, 'Address of the node on which the host port listens.'),
})
export type ContainerPort = z.output<typeof containerPortSchema>

export const containerRestartRuleOnExitCodesSchema = message('io.k8s.api.core.v1.ContainerRestartRuleOnExitCodes', 'A set of exit codes.', {
  operator: string(1, 'In or NotIn.', { required: true, goType: 'v1.ContainerRestartRuleOnExitCodesOperator' }),
  values: list(2, 'int32', 'The codes.', { listType: 'set' }),
})
export type ContainerRestartRuleOnExitCodes = z.output<typeof containerRestartRuleOnExitCodesSchema>

export const containerRestartRuleSchema = message('io.k8s.api.core.v1.ContainerRestartRule', "What a container's exit leads to.", {
  action: string(1, 'What is done where the rule matches.', { required: true, goType: 'v1.ContainerRestartRuleAction' }),
  exitCodes: object(2, containerRestartRuleOnExitCodesSchema, 'Exit codes that the rule matches.', { pointer: true }),
})
export type ContainerRestartRule = z.output<typeof containerRestartRuleSchema>

export const volumeMountSchema = message('io.k8s.api.core.v1.VolumeMount', "A volume in a container's file system.", {
  name: string(1, 'Name of the volume.', { json: 'always' }),
  readOnly: bool(2, 'Mounts the volume so that it cannot be written.'),
  recursiveReadOnly: string(7, 'Whether mounts below are read-only too.', { pointer: true, goType: 'v1.RecursiveReadOnlyMode' }),
  mountPath: string(3, 'Where it is mounted.', { json: 'always' }),
  subPath: string(4, 'Part of the volume that is mounted.'),
  mountPropagation: string(5, 'Whether mounts pass between node and container.', {
    pointer: true,
    enum: ['Bidirectional', 'HostToContainer', 'None'],
    goType: 'v1.MountPropagationMode',
  }),
  subPathExpr: string(6, 'The same, with variables.'),
})
export type VolumeMount = z.output<typeof volumeMountSchema>

export const volumeDeviceSchema = message('io.k8s.api.core.v1.VolumeDevice', 'A block device in a container.', {
  name: string(1, 'Name of the volume.', { json: 'always' }),
  devicePath: string(2, 'Path of the device in the container.', { json: 'always' }),
})
export type VolumeDevice = z.output<typeof volumeDeviceSchema>

export const containerSchema = message('io.k8s.api.core.v1.Container', 'One container of a pod.', {
  name: string(1, 'Name of the container, a DNS label, once per pod.', { json: 'always' }),
  image: string(2, 'Image to run.'),
  command: list(3, 'string', "Program in place of the image's entry point.", { listType: 'atomic' }),
  args: list(4, 'string', "Arguments in place of the image's command.", { listType: 'atomic' }),
  workingDir: string(5, "Working folder; the image's by default."),
  ports: list(6, containerPortSchema, 'Ports that the container listens on.', {
    listType: 'map',
    listKeys: ['containerPort', 'protocol'],
    patchStrategy: 'merge',
    patchMergeKey: 'containerPort',
  }),
  envFrom: list(19, envFromSourceSchema, 'Sources whose keys all become variables.', { listType: 'atomic' }),
  env: list(7, envVarSchema, 'Environment variables.', {
    listType: 'map',
    listKeys: ['name'],
    patchStrategy: 'merge',
    patchMergeKey: 'name',
  }),
  resources: object(8, resourceRequirementsSchema, 'Amounts that the container asks for and may use.'),
  resizePolicy: list(23, containerResizePolicySchema, 'What a change of an amount does to the running container.', { listType: 'atomic' }),
  restartPolicy: string(24, 'When this container is started again; Always makes an init container a sidecar.', {
    pointer: true,
    goType: 'v1.ContainerRestartPolicy',
  }),
  restartPolicyRules: list(25, containerRestartRuleSchema, 'Exit codes that overrule the restart policy.', { listType: 'atomic' }),
  volumeMounts: list(9, volumeMountSchema, "Volumes in the container's file system.", {
    listType: 'map',
    listKeys: ['mountPath'],
    patchStrategy: 'merge',
    patchMergeKey: 'mountPath',
  }),
  volumeDevices: list(21, volumeDeviceSchema, 'Block devices in the container.', {
    listType: 'map',
    listKeys: ['devicePath'],
    patchStrategy: 'merge',
    patchMergeKey: 'devicePath',
  }),
  livenessProbe: object(10, probeSchema, 'Restarts the container when it fails.', { pointer: true }),
  readinessProbe: object(11, probeSchema, 'Takes the pod out of services while it fails.', { pointer: true }),
  startupProbe: object(22, probeSchema, 'Holds the other probes back until it succeeds.', { pointer: true }),
  lifecycle: object(12, lifecycleSchema, 'Hooks after the start and before the end.', { pointer: true }),
  terminationMessagePath: string(13, 'File in which the container leaves its last words.'),
  terminationMessagePolicy: string(20, 'Whether the last words come from the file alone or from the log too.', {
    enum: ['FallbackToLogsOnError', 'File'],
    goType: 'v1.TerminationMessagePolicy',
  }),
  imagePullPolicy: string(14, 'When the image is pulled.', { enum: ['Always', 'IfNotPresent', 'Never'], goType: 'v1.PullPolicy' }),
  securityContext: object(15, securityContextSchema, 'Rights of the container.', { pointer: true }),
  stdin: bool(16, 'Keeps standard input open.'),
  stdinOnce: bool(17, 'Closes standard input after the first client has left.'),
  tty: bool(18, 'Gives the container a terminal.'),
})
export type Container = z.output<typeof containerSchema>

/** Upstream repeats all fields of a container here, numbers and all. */
export const ephemeralContainerCommonSchema = message(
  'io.k8s.api.core.v1.EphemeralContainerCommon',
  'What ephemeral containers have in common with others.',
  containerSchema.shape,
)
export type EphemeralContainerCommon = z.output<typeof ephemeralContainerCommonSchema>

export const ephemeralContainerSchema = message(
  'io.k8s.api.core.v1.EphemeralContainer',
  'A container added to a running pod for debugging.',
  {
    // inlined in JSON; protobuf nests it as field 1
    ...inline(1, ephemeralContainerCommonSchema),
    targetContainerName: string(2, 'Container whose processes it sees.'),
  },
)
export type EphemeralContainer = z.output<typeof ephemeralContainerSchema>
