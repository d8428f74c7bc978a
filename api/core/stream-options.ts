/** Options of logs, sessions and proxies, as they stand in queries. */
import type { z } from 'zod'
import { bool, int64, kind, list, string, time } from '#api/fields.ts'

export const podLogOptionsSchema = kind('io.k8s.api.core.v1.PodLogOptions', "Which part of a container's log to answer.", {
  container: string(1, 'Container; the only one by default.'),
  follow: bool(2, 'Goes on as the log grows.'),
  previous: bool(3, 'The log of the container before the last restart.'),
  sinceSeconds: int64(4, 'Only lines of the last seconds.', { pointer: true }),
  sinceTime: time(5, 'Only lines from a time on.', { pointer: true }),
  timestamps: bool(6, 'Puts the time before each line.'),
  tailLines: int64(7, 'Only so many lines from the end.', { pointer: true }),
  limitBytes: int64(8, 'Most bytes to answer.', { pointer: true }),
  insecureSkipTLSVerifyBackend: bool(9, "Takes the kubelet's certificate unchecked."),
  stream: string(10, 'All, Stdout or Stderr.', { pointer: true }),
})
export type PodLogOptions = z.output<typeof podLogOptionsSchema>

export const podAttachOptionsSchema = kind('io.k8s.api.core.v1.PodAttachOptions', 'Which streams of a running container to join.', {
  stdin: bool(1, 'Joins its input.'),
  stdout: bool(2, 'Joins its output.'),
  stderr: bool(3, 'Joins its errors.'),
  tty: bool(4, 'Whether it has a terminal.'),
  container: string(5, 'Container; the only one by default.'),
})
export type PodAttachOptions = z.output<typeof podAttachOptionsSchema>

export const podExecOptionsSchema = kind('io.k8s.api.core.v1.PodExecOptions', 'A command to run in a container.', {
  stdin: bool(1, 'Gives it an input.'),
  stdout: bool(2, 'Answers its output.'),
  stderr: bool(3, 'Answers its errors.'),
  tty: bool(4, 'Gives it a terminal.'),
  container: string(5, 'Container; the only one by default.'),
  command: list(6, 'string', 'The command and its arguments.', { json: 'always', listType: 'atomic' }),
})
export type PodExecOptions = z.output<typeof podExecOptionsSchema>

export const podPortForwardOptionsSchema = kind('io.k8s.api.core.v1.PodPortForwardOptions', 'Ports of a pod to reach.', {
  ports: list(1, 'int32', 'The ports.', { listType: 'atomic' }),
})
export type PodPortForwardOptions = z.output<typeof podPortForwardOptionsSchema>

export const podProxyOptionsSchema = kind('io.k8s.api.core.v1.PodProxyOptions', 'Part of a pod to reach.', {
  path: string(1, 'Path of the request.'),
})
export type PodProxyOptions = z.output<typeof podProxyOptionsSchema>

export const nodeProxyOptionsSchema = kind('io.k8s.api.core.v1.NodeProxyOptions', 'Part of a kubelet to reach.', {
  path: string(1, 'Path of the request.'),
})
export type NodeProxyOptions = z.output<typeof nodeProxyOptionsSchema>

export const serviceProxyOptionsSchema = kind('io.k8s.api.core.v1.ServiceProxyOptions', 'Part of a service to reach.', {
  path: string(1, 'Path of the request.'),
})
export type ServiceProxyOptions = z.output<typeof serviceProxyOptionsSchema>
