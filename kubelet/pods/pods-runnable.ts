/** The life of the set of pods: static ones at once, the others when all that decisions rest on has been read, then event by event. */
import { mkdirSync } from 'node:fs'
import { isMirror } from '#api/core/mirror-pod.ts'
import type { Pod } from '#api/core/pod.ts'
import type { Service } from '#api/core/service.ts'
import type { Informer } from '#client/informer.ts'
import type { Runnable } from '#component/daemon.ts'
import type { Logger } from '#component/logging.ts'
import type { NodeAgent } from '#kubelet/node/node-agent.ts'
import type { ContainerRuntime } from '#kubelet/runtime/runtime.ts'
import type { StaticPodSource } from '#kubelet/static-pods/static-pods.ts'
import type { VolumeManager } from '#kubelet/volumes/volume-manager.ts'
import { auditor } from './audits.ts'
import { persist } from './persist.ts'
import type { Pods } from './pods.ts'

/** Facts that health checks look at. */
export interface Liveness {
  podsBegun: boolean
}

export interface PodsRunnableParts {
  pods: Pods
  informer: Informer<Pod>
  services: Informer<Service>
  statics: StaticPodSource | undefined
  volumes: VolumeManager
  /** Nothing is mounted for containers that do not run. */
  isHollow: boolean
  runtime: ContainerRuntime
  agent: NodeAgent
  log: Logger
  parts: Liveness
}

/**
 * Static pods begin at once. All others do once the API, the services and the runtime have been read, and only then is anything taken for an
 * orphan: deciding on less would kill what is wanted.
 */
export function podsRunnable(parts: PodsRunnableParts): Runnable {
  const { pods, informer, services, statics, volumes, log } = parts
  return {
    name: 'pods',
    async run(signal) {
      mkdirSync(volumes.podDir(''), { recursive: true, mode: 0o750 })
      if (!parts.isHollow) await volumes.start()
      const watching = informer.run(signal)
      const listening = listen(parts, signal)
      const manifests = (await statics?.read(signal)) ?? []
      if (manifests.length > 0) await pods.begin(manifests, signal)
      statics?.begun()
      await Promise.race([Promise.all([informer.synced, services.synced]), watching])
      const known = informer.list().filter((pod) => !isMirror(pod))
      if (!signal.aborted) await pods.begin(known, signal)
      if (!signal.aborted) {
        follow(parts, known)
        const failed = (error: unknown): void => log.warn({ error }, 'the runtime does not answer yet')
        await persist(() => pods.audit(signal), { signal, failed })
        parts.parts.podsBegun = true
        log.info({ pods: known.length, staticPods: manifests.length }, 'looking after the pods of this node')
      }
      await Promise.all([watching, listening])
      pods.close()
    },
  }
}

/** Subscribes to the API's pods; what went while they were read is told as well. */
function follow({ pods, informer, statics }: PodsRunnableParts, known: readonly Pod[]): void {
  informer.onChange((now, was) => {
    const pod = now ?? was
    if (!pod || !isMirror(pod)) pods.changed(now, was)
    else {
      statics?.mirrorChanged(now, was)
      const shown = statics?.shownBy(pod)
      if (shown) pods.wake(shown.metadata.uid ?? '')
    }
  })
  for (const pod of known) {
    const now = informer.get(`${pod.metadata.namespace}/${pod.metadata.name}`)
    if (now?.metadata.uid !== pod.metadata.uid) pods.changed(undefined, pod)
  }
}

async function listen({ pods, runtime, agent, parts, log }: PodsRunnableParts, signal: AbortSignal): Promise<void> {
  const lookAnew = auditor({ audit: (until) => pods.audit(until), log }, signal)
  for await (const event of runtime.events(signal)) {
    pods.runtimeEvent(event)
    if (event.type !== 'resync') continue
    agent.poke()
    // Sandboxes may have ended too. Before all pods are known, everything would look like an orphan.
    if (parts.podsBegun) lookAnew()
  }
}
