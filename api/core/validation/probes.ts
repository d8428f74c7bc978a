/** Rules of probes and lifecycle hooks. */
import type { HTTPGetAction, Lifecycle, LifecycleHandler, Probe } from '#api/core/probe.ts'
import { type FieldError, forbidden, invalid, notSupported, required } from '#api/meta/field-error.ts'
import { checkHttpHeaderName, checkPortName, checkPortNumber } from '#api/validation/names.ts'
import { checkNonnegative, invalids, requireText } from './values.ts'

type Handler = Partial<Omit<Probe, keyof Omit<Probe, 'exec' | 'httpGet' | 'tcpSocket' | 'grpc'>>> & Partial<LifecycleHandler>

const schemes = ['HTTP', 'HTTPS']

export function validatePort(port: number | string | undefined, field: string): FieldError[] {
  if (typeof port === 'string') return invalids(field, port, checkPortName(port))
  return invalids(field, port ?? 0, checkPortNumber(port ?? 0))
}

function validateHTTPGet(action: HTTPGetAction, path: string): FieldError[] {
  const found = [...requireText(`${path}.path`, action.path), ...validatePort(action.port, `${path}.port`)]
  const scheme = action.scheme ?? ''
  if (!schemes.includes(scheme)) found.push(notSupported(`${path}.scheme`, scheme, schemes))
  for (const { name } of action.httpHeaders ?? []) found.push(...invalids(`${path}.httpHeaders`, name, checkHttpHeaderName(name)))
  return found
}

function validateSleep(seconds: number, path: string, graceSeconds: number | undefined): FieldError[] {
  if (graceSeconds === undefined || (seconds >= 0 && seconds <= graceSeconds)) return []
  return [invalid(path, seconds, `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`)]
}

function validateHandler(handler: Handler, path: string, graceSeconds: number | undefined): FieldError[] {
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler
  const given: [string, () => FieldError[]][] = []
  if (exec) given.push(['exec', () => ((exec.command ?? []).length === 0 ? [required(`${path}.exec.command`)] : [])])
  if (httpGet) given.push(['httpGet', () => validateHTTPGet(httpGet, `${path}.httpGet`)])
  if (tcpSocket) given.push(['tcpSocket', () => validatePort(tcpSocket.port, `${path}.tcpSocket.port`)])
  if (grpc) given.push(['grpc', () => validatePort(grpc.port, `${path}.grpc.port`)])
  if (sleep) given.push(['sleep', () => validateSleep(sleep.seconds ?? 0, `${path}.sleep`, graceSeconds)])
  if (given.length === 0) return [required(path, 'must specify a handler type')]
  return given.flatMap(([name, check], i) =>
    i === 0 ? check() : [forbidden(`${path}.${name}`, 'may not specify more than 1 handler type')],
  )
}

function validateProbe(probe: Probe, path: string, graceSeconds: number | undefined): FieldError[] {
  const found = validateHandler(probe, path, graceSeconds)
  for (const name of ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'] as const) {
    found.push(...checkNonnegative(`${path}.${name}`, probe[name]))
  }
  const grace = probe.terminationGracePeriodSeconds
  if (grace !== undefined && grace <= 0) found.push(invalid(`${path}.terminationGracePeriodSeconds`, grace, 'must be greater than 0'))
  return found
}

function validateOnceSuccessful(probe: Probe | undefined, path: string, graceSeconds: number | undefined): FieldError[] {
  if (!probe) return []
  const found = validateProbe(probe, path, graceSeconds)
  if (probe.successThreshold !== 1) found.push(invalid(`${path}.successThreshold`, probe.successThreshold ?? 0, 'must be 1'))
  return found
}

interface ProbeHolder {
  livenessProbe?: Probe | undefined
  readinessProbe?: Probe | undefined
  startupProbe?: Probe | undefined
  lifecycle?: Lifecycle | undefined
}

function validateReadiness(probe: Probe | undefined, path: string, graceSeconds: number | undefined): FieldError[] {
  if (!probe) return []
  const found = validateProbe(probe, path, graceSeconds)
  const grace = probe.terminationGracePeriodSeconds
  if (grace !== undefined) found.push(invalid(`${path}.terminationGracePeriodSeconds`, grace, 'must not be set for readinessProbes'))
  return found
}

function validateLifecycle(lifecycle: Lifecycle, path: string, graceSeconds: number | undefined): FieldError[] {
  const found: FieldError[] = []
  if (lifecycle.postStart) found.push(...validateHandler(lifecycle.postStart, `${path}.postStart`, graceSeconds))
  if (lifecycle.preStop) found.push(...validateHandler(lifecycle.preStop, `${path}.preStop`, graceSeconds))
  return found
}

/** Hooks and probes of a container that runs as long as the pod. `graceSeconds` is the pod's, undefined where it is wrong itself. */
export function validateProbes(container: ProbeHolder, path: string, graceSeconds: number | undefined): FieldError[] {
  return [
    ...(container.lifecycle ? validateLifecycle(container.lifecycle, `${path}.lifecycle`, graceSeconds) : []),
    ...validateOnceSuccessful(container.livenessProbe, `${path}.livenessProbe`, graceSeconds),
    ...validateReadiness(container.readinessProbe, `${path}.readinessProbe`, graceSeconds),
    ...validateOnceSuccessful(container.startupProbe, `${path}.startupProbe`, graceSeconds),
  ]
}
