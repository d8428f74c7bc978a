/** /stats/summary and /metrics/resource from the containers' cgroups. What is not measured yet (file systems, network, PSI) is left out. */

import { readFile } from 'node:fs/promises'
import { freemem, totalmem } from 'node:os'
import type { Container } from '#kubelet/runtime/runtime.ts'
import { type Usage, usageOf } from './cgroup-usage.ts'
import type { ServerHost } from './host.ts'

interface Sample {
  at: number
  cpuNanos: number
  perSecond: number | undefined
}

interface Measured {
  container: Container
  usage: Usage
  nanoCores: number | undefined
}

/** Rates need two looks: this remembers the one before. */
export class Stats {
  readonly #host: ServerHost
  readonly #samples = new Map<string, Sample>()

  constructor(host: ServerHost) {
    this.#host = host
  }

  async summary(): Promise<object> {
    const now = new Date()
    const measured = await this.#measure(now)
    const cpu = await nodeCpuNanos()
    return {
      node: {
        nodeName: this.#host.nodeName,
        startTime: new Date(now.getTime() - process.uptime() * 1000).toISOString(),
        cpu: cpuStats(now, { cpuNanos: cpu, nanoCores: this.#rate('node', cpu, now) }),
        memory: {
          time: now.toISOString(),
          availableBytes: freemem(),
          usageBytes: totalmem() - freemem(),
          workingSetBytes: totalmem() - freemem(),
        },
      },
      pods: this.#host.pods().map(({ metadata, status }) => {
        const own = measured.filter(({ container }) => container.podUid === metadata.uid)
        return {
          podRef: { name: metadata.name, namespace: metadata.namespace, uid: metadata.uid },
          startTime: status?.startTime ?? metadata.creationTimestamp,
          containers: own.map(({ container, usage, nanoCores }) => ({
            name: container.name,
            startTime: container.startedAt?.toISOString(),
            cpu: cpuStats(now, { cpuNanos: usage.cpuNanos, nanoCores }),
            memory: memoryStats(now, usage),
          })),
          ...(own.length === 0 ? {} : { cpu: cpuStats(now, cpuSum(own)), memory: memoryStats(now, memorySum(own)) }),
        }
      }),
    }
  }

  /** The text that metrics-server reads. */
  async resourceMetrics(): Promise<string> {
    const now = new Date()
    const measured = await this.#measure(now)
    const pods = new Map(this.#host.pods().map((pod) => [pod.metadata.uid, pod]))
    const metric = (name: string, kind: string, value: (usage: Usage) => number): string => {
      const lines = measured.map(({ container, usage }) => {
        const { name: pod, namespace } = pods.get(container.podUid)?.metadata ?? {}
        const labels = `container="${container.name}",namespace="${namespace ?? ''}",pod="${pod ?? ''}"`
        return `${name}{${labels}} ${value(usage)} ${now.getTime()}`
      })
      return [`# TYPE ${name} ${kind}`, ...lines].join('\n')
    }
    return `${[
      metric('container_cpu_usage_seconds_total', 'counter', (usage) => usage.cpuNanos / 1e9),
      metric('container_memory_working_set_bytes', 'gauge', (usage) => usage.workingSetBytes),
      `# TYPE node_cpu_usage_seconds_total counter\nnode_cpu_usage_seconds_total ${(await nodeCpuNanos()) / 1e9} ${now.getTime()}`,
      `# TYPE node_memory_working_set_bytes gauge\nnode_memory_working_set_bytes ${totalmem() - freemem()} ${now.getTime()}`,
    ].join('\n')}\n`
  }

  async #measure(now: Date): Promise<readonly Measured[]> {
    const containers = await this.#host.runtime.listContainers({}, AbortSignal.timeout(30_000))
    const ids = new Set(containers.map(({ id }) => id))
    for (const id of this.#samples.keys()) if (id !== 'node' && !ids.has(id)) this.#samples.delete(id)
    const measured = await Promise.all(
      containers.map(async (container) => {
        const usage = container.pid === undefined ? undefined : await usageOf(container.pid)
        return usage === undefined ? undefined : { container, usage, nanoCores: this.#rate(container.id, usage.cpuNanos, now) }
      }),
    )
    return measured.filter((each) => each !== undefined)
  }

  #rate(key: string, cpuNanos: number, now: Date): number | undefined {
    const before = this.#samples.get(key)
    const seconds = before === undefined ? 0 : (now.getTime() - before.at) / 1000
    // Several readers at once share one rate; over less than a second it would be noise.
    if (before !== undefined && seconds < 1) return before.perSecond
    const perSecond = before === undefined ? undefined : Math.max(0, Math.round((cpuNanos - before.cpuNanos) / seconds))
    this.#samples.set(key, { at: now.getTime(), cpuNanos, perSecond })
    return perSecond
  }
}

const cpuStats = (now: Date, { cpuNanos, nanoCores }: { cpuNanos: number; nanoCores: number | undefined }): object => ({
  time: now.toISOString(),
  ...(nanoCores === undefined ? {} : { usageNanoCores: nanoCores }),
  usageCoreNanoSeconds: Math.round(cpuNanos),
})

const memoryStats = (now: Date, usage: Omit<Usage, 'cpuNanos'>): object => ({
  time: now.toISOString(),
  usageBytes: usage.memoryBytes,
  workingSetBytes: usage.workingSetBytes,
  rssBytes: usage.rssBytes,
})

const sum = (own: readonly Measured[], value: (one: Measured) => number): number => own.reduce((total, one) => total + value(one), 0)
const cpuSum = (own: readonly Measured[]) => ({
  cpuNanos: sum(own, ({ usage }) => usage.cpuNanos),
  nanoCores: own.some(({ nanoCores }) => nanoCores === undefined) ? undefined : sum(own, ({ nanoCores }) => nanoCores ?? 0),
})
const memorySum = (own: readonly Measured[]) => ({
  memoryBytes: sum(own, ({ usage }) => usage.memoryBytes),
  workingSetBytes: sum(own, ({ usage }) => usage.workingSetBytes),
  rssBytes: sum(own, ({ usage }) => usage.rssBytes),
})

/** Time that all CPUs spent working since the start of the machine. */
async function nodeCpuNanos(): Promise<number> {
  const [, user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] =
    (await readFile('/proc/stat', 'utf8')).split('\n')[0]?.split(/\s+/).map(Number) ?? []
  // The file counts in hundredths of a second.
  return (user + nice + system + irq + softirq) * 1e7
}
