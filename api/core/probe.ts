/** DESCRIBE file api/core/probe.ts */
import type { z } from 'zod'
import { inline, int32, int64, intOrString, list, message, object, string } from '#api/fields.ts'

export const execActionSchema = message('io.k8s.api.core.v1.ExecAction', 'DESCRIBE ExecAction', {
  command: list(1, 'string', 'DESCRIBE ExecAction.command', { listType: 'atomic' }),
})
export type ExecAction = z.output<typeof execActionSchema>

export const httpHeaderSchema = message('io.k8s.api.core.v1.HTTPHeader', 'DESCRIBE HTTPHeader', {
  name: string(1, 'DESCRIBE HTTPHeader.name', { json: 'always' }),
  value: string(2, 'DESCRIBE HTTPHeader.value', { json: 'always' }),
})
export type HTTPHeader = z.output<typeof httpHeaderSchema>

export const httpGetActionSchema = message('io.k8s.api.core.v1.HTTPGetAction', 'DESCRIBE HTTPGetAction', {
  path: string(1, 'DESCRIBE HTTPGetAction.path'),
  port: intOrString(2, 'DESCRIBE HTTPGetAction.port', { json: 'always' }),
  host: string(3, 'DESCRIBE HTTPGetAction.host'),
  scheme: string(4, 'DESCRIBE HTTPGetAction.scheme', { enum: ['HTTP', 'HTTPS'] }),
  httpHeaders: list(5, httpHeaderSchema, 'DESCRIBE HTTPGetAction.httpHeaders', { listType: 'atomic' }),
})
export type HTTPGetAction = z.output<typeof httpGetActionSchema>

export const tcpSocketActionSchema = message('io.k8s.api.core.v1.TCPSocketAction', 'DESCRIBE TCPSocketAction', {
  port: intOrString(1, 'DESCRIBE TCPSocketAction.port', { json: 'always' }),
  host: string(2, 'DESCRIBE TCPSocketAction.host'),
})
export type TCPSocketAction = z.output<typeof tcpSocketActionSchema>

export const grpcActionSchema = message('io.k8s.api.core.v1.GRPCAction', 'DESCRIBE GRPCAction', {
  port: int32(1, 'DESCRIBE GRPCAction.port', { json: 'always' }),
  service: string(2, 'DESCRIBE GRPCAction.service', { json: 'always', pointer: true, required: false, default: '' }),
})
export type GRPCAction = z.output<typeof grpcActionSchema>

export const probeHandlerSchema = message('io.k8s.api.core.v1.ProbeHandler', 'DESCRIBE ProbeHandler', {
  exec: object(1, execActionSchema, 'DESCRIBE ProbeHandler.exec', { pointer: true }),
  httpGet: object(2, httpGetActionSchema, 'DESCRIBE ProbeHandler.httpGet', { pointer: true }),
  tcpSocket: object(3, tcpSocketActionSchema, 'DESCRIBE ProbeHandler.tcpSocket', { pointer: true }),
  grpc: object(4, grpcActionSchema, 'DESCRIBE ProbeHandler.grpc', { pointer: true }),
})
export type ProbeHandler = z.output<typeof probeHandlerSchema>

export const probeSchema = message('io.k8s.api.core.v1.Probe', 'DESCRIBE Probe', {
  // inlined in JSON; protobuf nests it as field 1
  ...inline(1, probeHandlerSchema),
  initialDelaySeconds: int32(2, 'DESCRIBE Probe.initialDelaySeconds'),
  timeoutSeconds: int32(3, 'DESCRIBE Probe.timeoutSeconds'),
  periodSeconds: int32(4, 'DESCRIBE Probe.periodSeconds'),
  successThreshold: int32(5, 'DESCRIBE Probe.successThreshold'),
  failureThreshold: int32(6, 'DESCRIBE Probe.failureThreshold'),
  terminationGracePeriodSeconds: int64(7, 'DESCRIBE Probe.terminationGracePeriodSeconds', { pointer: true }),
})
export type Probe = z.output<typeof probeSchema>

export const sleepActionSchema = message('io.k8s.api.core.v1.SleepAction', 'DESCRIBE SleepAction', {
  seconds: int64(1, 'DESCRIBE SleepAction.seconds', { json: 'always' }),
})
export type SleepAction = z.output<typeof sleepActionSchema>

export const lifecycleHandlerSchema = message('io.k8s.api.core.v1.LifecycleHandler', 'DESCRIBE LifecycleHandler', {
  exec: object(1, execActionSchema, 'DESCRIBE LifecycleHandler.exec', { pointer: true }),
  httpGet: object(2, httpGetActionSchema, 'DESCRIBE LifecycleHandler.httpGet', { pointer: true }),
  tcpSocket: object(3, tcpSocketActionSchema, 'DESCRIBE LifecycleHandler.tcpSocket', { pointer: true }),
  sleep: object(4, sleepActionSchema, 'DESCRIBE LifecycleHandler.sleep', { pointer: true }),
})
export type LifecycleHandler = z.output<typeof lifecycleHandlerSchema>

export const lifecycleSchema = message('io.k8s.api.core.v1.Lifecycle', 'DESCRIBE Lifecycle', {
  postStart: object(1, lifecycleHandlerSchema, 'DESCRIBE Lifecycle.postStart', { pointer: true }),
  preStop: object(2, lifecycleHandlerSchema, 'DESCRIBE Lifecycle.preStop', { pointer: true }),
  stopSignal: string(3, 'DESCRIBE Lifecycle.stopSignal', {
    pointer: true,
    enum: [
      'SIGABRT',
      'SIGALRM',
      'SIGBUS',
      'SIGCHLD',
      'SIGCLD',
      'SIGCONT',
      'SIGFPE',
      'SIGHUP',
      'SIGILL',
      'SIGINT',
      'SIGIO',
      'SIGIOT',
      'SIGKILL',
      'SIGPIPE',
      'SIGPOLL',
      'SIGPROF',
      'SIGPWR',
      'SIGQUIT',
      'SIGRTMAX',
      'SIGRTMAX-1',
      'SIGRTMAX-10',
      'SIGRTMAX-11',
      'SIGRTMAX-12',
      'SIGRTMAX-13',
      'SIGRTMAX-14',
      'SIGRTMAX-2',
      'SIGRTMAX-3',
      'SIGRTMAX-4',
      'SIGRTMAX-5',
      'SIGRTMAX-6',
      'SIGRTMAX-7',
      'SIGRTMAX-8',
      'SIGRTMAX-9',
      'SIGRTMIN',
      'SIGRTMIN+1',
      'SIGRTMIN+10',
      'SIGRTMIN+11',
      'SIGRTMIN+12',
      'SIGRTMIN+13',
      'SIGRTMIN+14',
      'SIGRTMIN+15',
      'SIGRTMIN+2',
      'SIGRTMIN+3',
      'SIGRTMIN+4',
      'SIGRTMIN+5',
      'SIGRTMIN+6',
      'SIGRTMIN+7',
      'SIGRTMIN+8',
      'SIGRTMIN+9',
      'SIGSEGV',
      'SIGSTKFLT',
      'SIGSTOP',
      'SIGSYS',
      'SIGTERM',
      'SIGTRAP',
      'SIGTSTP',
      'SIGTTIN',
      'SIGTTOU',
      'SIGURG',
      'SIGUSR1',
      'SIGUSR2',
      'SIGVTALRM',
      'SIGWINCH',
      'SIGXCPU',
      'SIGXFSZ',
    ],
  }),
})
export type Lifecycle = z.output<typeof lifecycleSchema>
