/** How long Docker takes for what a pod's start waits for, under the name that upstream had for it. */
import { Histogram } from 'prom-client'

const duration = new Histogram({
  name: 'kubelet_docker_operations_duration_seconds',
  help: 'How long Docker takes to answer, by operation.',
  labelNames: ['operation_type'],
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
})

export async function timedCall<T>(operation: 'create_container' | 'start_container', call: Promise<T>): Promise<T> {
  const began = performance.now()
  try {
    return await call
  } finally {
    duration.observe({ operation_type: operation }, (performance.now() - began) / 1000)
  }
}
