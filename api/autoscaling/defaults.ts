/** Dependent defaults of horizontal pod autoscalers (upstream: pkg/apis/autoscaling/v2/defaults.go). */
import type { HorizontalPodAutoscaler, HPAScalingRules } from './horizontal-pod-autoscaler.ts'
import type { MetricSpec } from './metrics.ts'

const periodSeconds = 15
const usePercent = 80

/** CPU at 80 percent of the requests. */
export const usualMetric = (averageUtilization = usePercent): MetricSpec => ({
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
})

const scaleUpRules = (): HPAScalingRules => ({
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds },
    { type: 'Percent', value: 100, periodSeconds },
  ],
})
const scaleDownRules = (): HPAScalingRules => ({ selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds }] })

export function defaultAutoscaler(autoscaler: HorizontalPodAutoscaler): HorizontalPodAutoscaler {
  const { spec } = autoscaler
  spec.minReplicas ??= 1
  if ((spec.metrics ?? []).length === 0) spec.metrics = [usualMetric()]
  if (spec.behavior) {
    spec.behavior.scaleUp = { ...scaleUpRules(), ...spec.behavior.scaleUp }
    spec.behavior.scaleDown = { ...scaleDownRules(), ...spec.behavior.scaleDown }
  }
  return autoscaler
}
