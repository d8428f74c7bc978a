/**
 * The two faces of an autoscaler: stored as autoscaling/v2, shown as v1 with annotations for what v1 has no fields for (upstream:
 * pkg/apis/autoscaling/v1/conversion.go).
 */
import { isPlain } from '#api/own.ts'
import { usualMetric } from './defaults.ts'
import type { HPAScalingRules, HorizontalPodAutoscaler as Stored } from './horizontal-pod-autoscaler.ts'
import type { HorizontalPodAutoscaler as Face } from './horizontal-pod-autoscaler-v1.ts'
import type { MetricSpec, MetricStatus } from './metrics.ts'
import { type OldMetrics, oldSpecOf, oldStatusOf, specOfOld, statusOfOld } from './old-metrics.ts'

const prefix = 'autoscaling.alpha.kubernetes.io/'
const names = ['metrics', 'behavior', 'scale-down-tolerance', 'scale-up-tolerance', 'current-metrics', 'conditions'] as const
type Name = (typeof names)[number]

type Annotations = Record<string, string>
type Behavior = NonNullable<Stored['spec']['behavior']>
type Conditions = NonNullable<Stored['status']['conditions']>

function parsed(annotations: Annotations | undefined, name: Name): unknown {
  const text = annotations?.[`${prefix}${name}`]
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as unknown
  } catch {
    // upstream ignores what it cannot read
    return undefined
  }
}

const listOf = <T>(value: unknown): T[] | undefined => (Array.isArray(value) && value.every(isPlain) ? (value as T[]) : undefined)

function withoutOurs(metadata: Face['metadata']): Face['metadata'] {
  const { annotations, ...others } = metadata
  const kept = Object.entries(annotations ?? {}).filter(([key]) => !names.some((name) => key === `${prefix}${name}`))
  return kept.length === 0 ? others : { ...others, annotations: Object.fromEntries(kept) }
}

const isCpuUse = ({ type, resource }: MetricSpec): boolean =>
  type === 'Resource' && resource?.name === 'cpu' && resource.target.averageUtilization !== undefined

/** Upstream writes its internal type here, whose fields are named in Go's way. */
function rulesText(rules: HPAScalingRules | undefined): object | null {
  if (!rules) return null
  return {
    StabilizationWindowSeconds: rules.stabilizationWindowSeconds ?? null,
    SelectPolicy: rules.selectPolicy ?? null,
    Policies: rules.policies?.map(({ type, value, periodSeconds }) => ({ Type: type, Value: value, PeriodSeconds: periodSeconds })) ?? null,
    Tolerance: rules.tolerance ?? null,
  }
}

function folded(value: unknown): Record<string, unknown> {
  return isPlain(value) ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key.toLowerCase(), item])) : {}
}

function rulesOf(value: unknown): HPAScalingRules | undefined {
  if (!isPlain(value)) return undefined
  const { stabilizationwindowseconds: window, selectpolicy: select, policies, tolerance } = folded(value)
  const list = listOf<Record<string, unknown>>(policies)?.map((policy) => {
    const { type, value: amount, periodseconds } = folded(policy)
    return { type: String(type ?? ''), value: Number(amount ?? 0), periodSeconds: Number(periodseconds ?? 0) }
  })
  return {
    ...(typeof window === 'number' ? { stabilizationWindowSeconds: window } : {}),
    ...(typeof select === 'string' ? { selectPolicy: select } : {}),
    ...(list ? { policies: list } : {}),
    ...(typeof tolerance === 'string' ? { tolerance } : {}),
  }
}

function behaviorOf(annotations: Annotations | undefined): Behavior | undefined {
  const { scaleup, scaledown } = folded(parsed(annotations, 'behavior'))
  const [scaleUp, scaleDown] = [rulesOf(scaleup), rulesOf(scaledown)]
  if (!scaleUp && !scaleDown) return undefined
  return { ...(scaleUp ? { scaleUp } : {}), ...(scaleDown ? { scaleDown } : {}) }
}

function annotationsOf({ spec, status }: Stored): Annotations {
  const made: Partial<Record<Name, unknown>> = {}
  const others = (spec.metrics ?? []).filter((metric) => !isCpuUse(metric))
  if (others.length > 0) made.metrics = others.map(oldSpecOf)
  if ((status.currentMetrics ?? []).length > 0) made['current-metrics'] = status.currentMetrics?.map(oldStatusOf)
  if (spec.behavior) made.behavior = { ScaleUp: rulesText(spec.behavior.scaleUp), ScaleDown: rulesText(spec.behavior.scaleDown) }
  if ((status.conditions ?? []).length > 0) {
    made.conditions = status.conditions?.map(({ type, status: value, lastTransitionTime = null, reason, message }) => ({
      type,
      status: value,
      lastTransitionTime,
      ...(reason ? { reason } : {}),
      ...(message ? { message } : {}),
    }))
  }
  return Object.fromEntries(Object.entries(made).map(([name, value]) => [`${prefix}${name}`, JSON.stringify(value)]))
}

export function fromStored(stored: Stored): Face {
  const { spec, status } = stored
  const made = annotationsOf(stored)
  const metadata = withoutOurs(stored.metadata)
  const cpu = (spec.metrics ?? []).find(isCpuUse)?.resource?.target.averageUtilization
  const seen = (status.currentMetrics ?? []).filter(({ type, resource }) => type === 'Resource' && resource?.name === 'cpu')
  const use = seen.map(({ resource }) => resource?.current.averageUtilization).findLast((percent) => percent !== undefined)
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'HorizontalPodAutoscaler',
    metadata: Object.keys(made).length === 0 ? metadata : { ...metadata, annotations: { ...metadata.annotations, ...made } },
    spec: {
      scaleTargetRef: spec.scaleTargetRef,
      ...(spec.minReplicas === undefined ? {} : { minReplicas: spec.minReplicas }),
      maxReplicas: spec.maxReplicas,
      ...(cpu === undefined ? {} : { targetCPUUtilizationPercentage: cpu }),
    },
    status: {
      ...(status.observedGeneration === undefined ? {} : { observedGeneration: status.observedGeneration }),
      ...(status.lastScaleTime === undefined ? {} : { lastScaleTime: status.lastScaleTime }),
      currentReplicas: status.currentReplicas ?? 0,
      desiredReplicas: status.desiredReplicas,
      ...(use === undefined ? {} : { currentCPUUtilizationPercentage: use }),
    },
  }
}

function metricsOf({ metadata, spec }: Face): MetricSpec[] {
  const cpu = spec.targetCPUUtilizationPercentage
  const own = cpu === undefined ? [] : [usualMetric(cpu)]
  const others = listOf<OldMetrics>(parsed(metadata.annotations, 'metrics'))?.map(specOfOld) ?? []
  const all = [...others, ...own]
  return all.length > 0 ? all : [usualMetric()]
}

function currentMetricsOf({ metadata, status }: Face): MetricStatus[] {
  const noted = listOf<OldMetrics>(parsed(metadata.annotations, 'current-metrics'))
  if (noted) return noted.map(statusOfOld)
  const use = status.currentCPUUtilizationPercentage
  return use === undefined ? [] : [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: use } } }]
}

export function toStored(face: Face): Stored {
  const { metadata, spec, status } = face
  const behavior = behaviorOf(metadata.annotations)
  const conditions = listOf<Conditions[number]>(parsed(metadata.annotations, 'conditions'))
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: withoutOurs(metadata),
    spec: {
      scaleTargetRef: spec.scaleTargetRef,
      ...(spec.minReplicas === undefined ? {} : { minReplicas: spec.minReplicas }),
      maxReplicas: spec.maxReplicas,
      metrics: metricsOf(face),
      ...(behavior ? { behavior } : {}),
    },
    status: {
      ...(status.observedGeneration === undefined ? {} : { observedGeneration: status.observedGeneration }),
      ...(status.lastScaleTime === undefined ? {} : { lastScaleTime: status.lastScaleTime }),
      currentReplicas: status.currentReplicas,
      desiredReplicas: status.desiredReplicas,
      currentMetrics: currentMetricsOf(face),
      ...(conditions ? { conditions } : {}),
    },
  }
}
