/** Dependent defaults of containers, probes and handlers (upstream: pkg/apis/core/v1/defaults.go). */
import type { Container, EphemeralContainer } from '#api/core/container.ts'
import type { EnvVar } from '#api/core/env.ts'
import type { HTTPGetAction, Probe } from '#api/core/probe.ts'
import { defaultPullPolicy } from '#api/core/rules/image.ts'
import { roundResourceList } from './resource-list.ts'

function defaultHTTPGet(action: HTTPGetAction | undefined): void {
  if (!action) return
  action.path ||= '/'
  action.scheme ||= 'HTTP'
}

function defaultProbe(probe: Probe | undefined): void {
  if (!probe) return
  probe.timeoutSeconds ||= 1
  probe.periodSeconds ||= 10
  probe.successThreshold ||= 1
  probe.failureThreshold ||= 3
  defaultHTTPGet(probe.httpGet)
}

function defaultEnv(env: readonly EnvVar[] | undefined): void {
  for (const variable of env ?? []) {
    if (variable.valueFrom?.fieldRef) variable.valueFrom.fieldRef.apiVersion ||= 'v1'
  }
}

export function defaultContainer(container: Container | EphemeralContainer): void {
  container.imagePullPolicy ||= defaultPullPolicy(container.image ?? '')
  container.terminationMessagePath ||= '/dev/termination-log'
  container.terminationMessagePolicy ||= 'File'
  defaultEnv(container.env)
  roundResourceList(container.resources?.limits)
  roundResourceList(container.resources?.requests)
  defaultProbe(container.livenessProbe)
  defaultProbe(container.readinessProbe)
  defaultProbe(container.startupProbe)
  defaultHTTPGet(container.lifecycle?.postStart?.httpGet)
  defaultHTTPGet(container.lifecycle?.preStop?.httpGet)
}
