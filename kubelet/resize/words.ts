/** The texts of a pod's resize: events and the reasons of its conditions, as upstream writes them. Pure. */
import type { Pod } from '#api/core/pod.ts'
import type { AnyContainer } from '#kubelet/pods/pod-containers.ts'
import { amountsOf } from './allocation.ts'

const sorted = (list: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(list).sort(([a], [b]) => (a < b ? -1 : 1)))

function summaryOf(container: AnyContainer): object {
  const { limits, requests } = amountsOf(container)
  return {
    name: container.name,
    resources: { ...(limits ? { limits: sorted(limits) } : {}), ...(requests ? { requests: sorted(requests) } : {}) },
  }
}

/** `what`: started, completed, error, Deferred or Infeasible. The resources follow as JSON. */
export function resizeMessage(what: string, pod: Pod, generation: number | undefined, error = ''): string {
  const { initContainers = [], containers = [] } = pod.spec ?? {}
  const summary = {
    ...(initContainers.length > 0 ? { initContainers: initContainers.map(summaryOf) } : {}),
    ...(containers.length > 0 ? { containers: containers.map(summaryOf) } : {}),
    generation: generation ?? 0,
    ...(error === '' ? {} : { error }),
  }
  return `Pod resize ${what}: ${JSON.stringify(summary)}`
}
