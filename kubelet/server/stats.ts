/** What the server shows of usage: each question measures anew through the one source, and nothing is measured between questions. */

import { type CadvisorFacts, cadvisorMetrics } from '#kubelet/stats/cadvisor-metrics.ts'
import { kernelFile } from '#kubelet/stats/cgroup-files.ts'
import { type KubeletFacts, kubeletMetrics } from '#kubelet/stats/kubelet-metrics.ts'
import { parseNetDev } from '#kubelet/stats/network-usage.ts'
import { resourceMetrics } from '#kubelet/stats/resource-metrics.ts'
import { statsSummary } from '#kubelet/stats/summary.ts'
import type { UsageSource } from '#kubelet/stats/usage-source.ts'

export interface StatsPages {
  summary(onlyCpuAndMemory: boolean): Promise<object>
  resource(): Promise<string>
  cadvisor(): Promise<string>
  /** What /metrics tells beside its counters. */
  kubelet(): Promise<string>
}

export interface StatsPagesParts {
  nodeName: string
  source: UsageSource
  /** Bytes of all images. */
  imageBytes(): Promise<number>
  cadvisor: CadvisorFacts
  kubelet(): KubeletFacts
  /** Files are not counted again before this, as upstream's volumeStatsAggPeriod says. */
  filesMaxAgeMs: number
}

export function statsPages({ nodeName, source, imageBytes, cadvisor, kubelet, filesMaxAgeMs }: StatsPagesParts): StatsPages {
  const files = { files: { maxAgeMs: filesMaxAgeMs } }
  const bootedAt = bootTime()
  return {
    async summary(onlyCpuAndMemory) {
      await source.prime()
      const [node, pods] = await Promise.all([source.node(), source.pods(onlyCpuAndMemory ? {} : files)])
      const interfaces = parseNetDev(kernelFile('/proc/self/net/dev') ?? '')
      return statsSummary(node, pods, { nodeName, bootedAt, imageBytes: onlyCpuAndMemory ? undefined : await imageBytes(), interfaces })
    },
    async resource() {
      const [node, pods] = await Promise.all([source.node(), source.pods({})])
      return resourceMetrics(node, pods)
    },
    async cadvisor() {
      const [node, pods] = await Promise.all([source.node(), source.pods(files)])
      return cadvisorMetrics(node, pods, cadvisor)
    },
    async kubelet() {
      const [node, pods] = await Promise.all([source.node(), source.pods(files)])
      return kubeletMetrics(node, pods, kubelet())
    },
  }
}

function bootTime(): Date {
  const seconds = /^btime (\d+)/m.exec(kernelFile('/proc/stat') ?? '')?.[1]
  return new Date(Number(seconds ?? '0') * 1000)
}
