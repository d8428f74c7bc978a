/** Probes and lifecycle hooks. */
import type { z } from 'zod'
import { inline, int32, int64, intOrString, list, message, object, string } from '#api/fields.ts'
import { stopSignals } from './stop-signals.ts'

export const execActionSchema = message('io.k8s.api.core.v1.ExecAction', 'Runs a program in the container.', {
  command: list(1, 'string', 'Program and arguments; no shell.', { listType: 'atomic' }),
})
export type ExecAction = z.output<typeof execActionSchema>

export const httpHeaderSchema = message('io.k8s.api.core.v1.HTTPHeader', 'A header of a request.', {
  name: string(1, 'Its name.', { json: 'always' }),
  value: string(2, 'Its value.', { json: 'always' }),
})
export type HTTPHeader = z.output<typeof httpHeaderSchema>

export const httpGetActionSchema = message('io.k8s.api.core.v1.HTTPGetAction', 'Makes an HTTP GET request.', {
  path: string(1, 'Path to ask for.'),
  port: intOrString(2, 'Port, by number or name.', { json: 'always' }),
  host: string(3, 'Host to connect to; the pod by default.'),
  scheme: string(4, 'HTTP or HTTPS.', { enum: ['HTTP', 'HTTPS'], goType: 'v1.URIScheme' }),
  httpHeaders: list(5, httpHeaderSchema, 'Headers to send.', { listType: 'atomic' }),
})
export type HTTPGetAction = z.output<typeof httpGetActionSchema>

export const tcpSocketActionSchema = message('io.k8s.api.core.v1.TCPSocketAction', 'Opens a connection.', {
  port: intOrString(1, 'Port, by number or name.', { json: 'always' }),
  host: string(2, 'Host to connect to; the pod by default.'),
})
export type TCPSocketAction = z.output<typeof tcpSocketActionSchema>

export const grpcActionSchema = message('io.k8s.api.core.v1.GRPCAction', 'Asks a gRPC health service.', {
  port: int32(1, 'Port of the service.', { json: 'always' }),
  service: string(2, 'Service to ask about.', { json: 'always', pointer: true, required: false, default: '' }),
})
export type GRPCAction = z.output<typeof grpcActionSchema>

export const probeHandlerSchema = message('io.k8s.api.core.v1.ProbeHandler', 'How a probe asks: one of these.', {
  exec: object(1, execActionSchema, 'Runs a program; exit code 0 is good.', { pointer: true }),
  httpGet: object(2, httpGetActionSchema, 'Makes a request; 200 to 399 is good.', { pointer: true }),
  tcpSocket: object(3, tcpSocketActionSchema, 'Opens a connection.', { pointer: true }),
  grpc: object(4, grpcActionSchema, 'Asks a gRPC health service.', { pointer: true }),
})
export type ProbeHandler = z.output<typeof probeHandlerSchema>

export const probeSchema = message('io.k8s.api.core.v1.Probe', 'Asks a container how it is.', {
  // inlined in JSON; protobuf nests it as field 1
  ...inline(1, probeHandlerSchema),
  initialDelaySeconds: int32(2, 'Seconds to wait after the start.'),
  timeoutSeconds: int32(3, 'Seconds to wait for an answer.'),
  periodSeconds: int32(4, 'Seconds between two questions.'),
  successThreshold: int32(5, 'Good answers in a row that count as success.'),
  failureThreshold: int32(6, 'Bad answers in a row that count as failure.'),
  terminationGracePeriodSeconds: int64(7, 'Seconds the container gets to end after a failure.', { pointer: true }),
})
export type Probe = z.output<typeof probeSchema>

export const sleepActionSchema = message('io.k8s.api.core.v1.SleepAction', 'Waits.', {
  seconds: int64(1, 'Seconds to wait.', { json: 'always' }),
})
export type SleepAction = z.output<typeof sleepActionSchema>

export const lifecycleHandlerSchema = message('io.k8s.api.core.v1.LifecycleHandler', 'What a hook does: one of these.', {
  exec: object(1, execActionSchema, 'Runs a program.', { pointer: true }),
  httpGet: object(2, httpGetActionSchema, 'Makes a request.', { pointer: true }),
  tcpSocket: object(3, tcpSocketActionSchema, 'Kept for old objects; does nothing.', { pointer: true }),
  sleep: object(4, sleepActionSchema, 'Waits.', { pointer: true }),
})
export type LifecycleHandler = z.output<typeof lifecycleHandlerSchema>

export const lifecycleSchema = message('io.k8s.api.core.v1.Lifecycle', 'Hooks of a container.', {
  postStart: object(1, lifecycleHandlerSchema, 'Runs right after the start.', { pointer: true }),
  preStop: object(2, lifecycleHandlerSchema, 'Runs before the container is told to end.', { pointer: true }),
  stopSignal: string(3, 'Signal that ends the container.', {
    pointer: true,
    enum: stopSignals,
    goType: 'v1.Signal',
  }),
})
export type Lifecycle = z.output<typeof lifecycleSchema>
