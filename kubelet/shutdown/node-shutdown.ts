/** Wires the graceful shutdown of the node. */
import type { EventRecorder } from '#client/events.ts'
import type { Logger } from '#component/logging.ts'
import type { Settings } from '#kubelet/config/config.ts'
import type { Pods } from '#kubelet/pods/pods.ts'
import { logind } from './logind.ts'
import { periodsOf } from './plan.ts'
import { ShutdownManager } from './shutdown-manager.ts'

export interface NodeShutdownParts {
  settings: Settings
  pods: Pods
  recorder: Pick<EventRecorder, 'event'>
  /** The node's conditions have changed. */
  changed(): void
  now(): Date
  log: Logger
}

export function nodeShutdown(parts: NodeShutdownParts): ShutdownManager {
  const { settings, recorder } = parts
  const { nodeName: name, rootDir, config } = settings
  return new ShutdownManager({
    ...parts,
    rootDir,
    periods: periodsOf(config),
    logind: logind(),
    event: (words) => recorder.event({ apiVersion: '', kind: 'Node', metadata: { name, uid: name } }, { type: 'Normal', ...words }),
  })
}
