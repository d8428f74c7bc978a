/** Metrics of the controllers, under upstream's names where it has them. */
import { Counter, Gauge, Histogram } from 'prom-client'
import type { RunnerMetrics } from '#client/runner/runner.ts'

let made: RunnerMetrics | undefined

/** Metrics belong to the process: every caller gets the same. */
export function runnerMetrics(): RunnerMetrics {
  made ??= makeMetrics()
  return made
}

function makeMetrics(): RunnerMetrics {
  const depth = new Gauge({ name: 'workqueue_depth', help: 'Keys that wait for a worker.', labelNames: ['name'] })
  const work = new Histogram({
    name: 'workqueue_work_duration_seconds',
    help: 'Seconds from taking a key to its end.',
    labelNames: ['name'],
    buckets: [1e-3, 1e-2, 0.1, 1, 10],
  })
  const retries = new Counter({ name: 'workqueue_retries_total', help: 'Keys that came back after a failure.', labelNames: ['name'] })
  const actions = new Counter({
    name: 'typernetes_controller_actions_total',
    help: 'Writes that controllers asked for, by outcome.',
    labelNames: ['name', 'verb', 'outcome'],
  })
  return {
    reconciled: (name, outcome, seconds) => {
      work.observe({ name }, seconds)
      if (outcome === 'error' || outcome === 'conflict') retries.inc({ name })
    },
    applied: (name, verb, outcome) => actions.inc({ name, verb, outcome }),
    queueDepth: (name, value) => depth.set({ name }, value),
  }
}
