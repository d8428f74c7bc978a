/** Reads the world for one pod: its containers, the messages that ended ones left, and its probes' verdicts. */
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { factsOf } from '#kubelet/containers/container-labels.ts'
import { terminationLog } from '#kubelet/executors/containers.ts'
import type { Prober } from '#kubelet/probes/prober.ts'
import type { ContainerRuntime, Container as RuntimeContainer } from '#kubelet/runtime/runtime.ts'
import { fallsBackToLog, joinedMessage, maxLogBytes, maxLogLines, maxMessageBytes } from '#kubelet/status/termination-messages.ts'
import { isInHook } from './pod-state.ts'
import type { PodWork } from './pod-work.ts'

export interface PodObserverDeps {
  runtime: Pick<ContainerRuntime, 'listContainers'>
  prober: Pick<Prober, 'sync' | 'seen' | 'forget'>
  podDir(uid: string): string
  /** The end of a container's log, for FallbackToLogsOnError. */
  logTail(containerId: string, limits: { bytes: number; lines: number }): Promise<string>
}

export class PodObserver {
  readonly #deps: PodObserverDeps

  constructor(deps: PodObserverDeps) {
    this.#deps = deps
  }

  /** Nothing is left of the pod. */
  forget({ pod }: PodWork): void {
    this.#deps.prober.forget(pod)
  }

  async observeContainers(work: PodWork): Promise<void> {
    const found = await this.#deps.runtime.listContainers({ podUid: work.uid }, new AbortController().signal)
    const containers = [...found].sort(newestFirst)
    for (const container of containers) {
      if (container.state === 'exited' && !work.terminationMessages.has(container.id))
        work.terminationMessages.set(container.id, await this.#message(container, work))
    }
    work.containers = containers
  }

  /** `live`: containers that probes find dead shall be killed; not so in a pod that ends anyway. */
  observeProbes(work: PodWork, live: boolean): void {
    const running = work.containers.filter((container) => container.state === 'running' && !isInHook(work.pod, work, container))
    const ip = work.pod.spec?.hostNetwork ? (work.status.hostIP ?? '') : (work.podIps[0] ?? '')
    this.#deps.prober.sync(work.pod, running, ip, live)
    work.probes = this.#deps.prober.seen(work.uid)
  }

  async #message(container: RuntimeContainer, work: PodWork): Promise<string> {
    return joinedMessage(container.error, await this.#ownMessage(container, work))
  }

  async #ownMessage(container: RuntimeContainer, work: PodWork): Promise<string> {
    const facts = factsOf(container)
    const path = terminationLog(this.#deps.podDir(work.uid), container.name, container.attempt)
    const written = facts.terminationMessagePath === '' ? '' : endOf(path, maxMessageBytes)
    if (written !== '' || !fallsBackToLog(facts.terminationMessagePolicy, container)) return written
    return this.#deps.logTail(container.id, { bytes: maxLogBytes, lines: maxLogLines })
  }
}

/** As much of the end of a file as counts; empty where it is not there. */
function endOf(path: string, bytes: number): string {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  if (size === 0) return ''
  const file = openSync(path, 'r')
  try {
    const buffer = Buffer.alloc(Math.min(size, bytes))
    const read = readSync(file, buffer, 0, buffer.length, size - buffer.length)
    return buffer.subarray(0, read).toString('utf8')
  } finally {
    closeSync(file)
  }
}

/** Attempts are what was meant; the clock may have jumped. */
function newestFirst(a: RuntimeContainer, b: RuntimeContainer): number {
  if (a.name === b.name && a.attempt !== b.attempt) return b.attempt - a.attempt
  return b.createdAt.getTime() - a.createdAt.getTime()
}
