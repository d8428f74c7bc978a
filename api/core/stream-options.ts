/** DESCRIBE file api/core/stream-options.ts */
import type { z } from 'zod'
import { bool, int64, kind, list, string, time } from '#api/fields.ts'

export const podLogOptionsSchema = kind('io.k8s.api.core.v1.PodLogOptions', 'DESCRIBE PodLogOptions', {
  container: string(1, 'DESCRIBE PodLogOptions.container'),
  follow: bool(2, 'DESCRIBE PodLogOptions.follow'),
  previous: bool(3, 'DESCRIBE PodLogOptions.previous'),
  sinceSeconds: int64(4, 'DESCRIBE PodLogOptions.sinceSeconds', { pointer: true }),
  sinceTime: time(5, 'DESCRIBE PodLogOptions.sinceTime', { pointer: true }),
  timestamps: bool(6, 'DESCRIBE PodLogOptions.timestamps'),
  tailLines: int64(7, 'DESCRIBE PodLogOptions.tailLines', { pointer: true }),
  limitBytes: int64(8, 'DESCRIBE PodLogOptions.limitBytes', { pointer: true }),
  insecureSkipTLSVerifyBackend: bool(9, 'DESCRIBE PodLogOptions.insecureSkipTLSVerifyBackend'),
  stream: string(10, 'DESCRIBE PodLogOptions.stream', { pointer: true }),
})
export type PodLogOptions = z.output<typeof podLogOptionsSchema>

export const podAttachOptionsSchema = kind('io.k8s.api.core.v1.PodAttachOptions', 'DESCRIBE PodAttachOptions', {
  stdin: bool(1, 'DESCRIBE PodAttachOptions.stdin'),
  stdout: bool(2, 'DESCRIBE PodAttachOptions.stdout'),
  stderr: bool(3, 'DESCRIBE PodAttachOptions.stderr'),
  tty: bool(4, 'DESCRIBE PodAttachOptions.tty'),
  container: string(5, 'DESCRIBE PodAttachOptions.container'),
})
export type PodAttachOptions = z.output<typeof podAttachOptionsSchema>

export const podExecOptionsSchema = kind('io.k8s.api.core.v1.PodExecOptions', 'DESCRIBE PodExecOptions', {
  stdin: bool(1, 'DESCRIBE PodExecOptions.stdin'),
  stdout: bool(2, 'DESCRIBE PodExecOptions.stdout'),
  stderr: bool(3, 'DESCRIBE PodExecOptions.stderr'),
  tty: bool(4, 'DESCRIBE PodExecOptions.tty'),
  container: string(5, 'DESCRIBE PodExecOptions.container'),
  command: list(6, 'string', 'DESCRIBE PodExecOptions.command', { json: 'always', listType: 'atomic' }),
})
export type PodExecOptions = z.output<typeof podExecOptionsSchema>

export const podPortForwardOptionsSchema = kind('io.k8s.api.core.v1.PodPortForwardOptions', 'DESCRIBE PodPortForwardOptions', {
  ports: list(1, 'int32', 'DESCRIBE PodPortForwardOptions.ports', { listType: 'atomic' }),
})
export type PodPortForwardOptions = z.output<typeof podPortForwardOptionsSchema>

export const podProxyOptionsSchema = kind('io.k8s.api.core.v1.PodProxyOptions', 'DESCRIBE PodProxyOptions', {
  path: string(1, 'DESCRIBE PodProxyOptions.path'),
})
export type PodProxyOptions = z.output<typeof podProxyOptionsSchema>

export const nodeProxyOptionsSchema = kind('io.k8s.api.core.v1.NodeProxyOptions', 'DESCRIBE NodeProxyOptions', {
  path: string(1, 'DESCRIBE NodeProxyOptions.path'),
})
export type NodeProxyOptions = z.output<typeof nodeProxyOptionsSchema>

export const serviceProxyOptionsSchema = kind('io.k8s.api.core.v1.ServiceProxyOptions', 'DESCRIBE ServiceProxyOptions', {
  path: string(1, 'DESCRIBE ServiceProxyOptions.path'),
})
export type ServiceProxyOptions = z.output<typeof serviceProxyOptionsSchema>
