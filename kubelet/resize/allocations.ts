/** What this node has given to its pods, and what their containers have been set to since their start; both survive a restart of the kubelet. */
import { join } from 'node:path'
import type { Logger } from '#component/logging.ts'
import { Checkpoint } from '#kubelet/checkpoint.ts'
import type { Allocation, Amounts } from './allocation.ts'

/** Upstream's file, in its form. */
interface AllocatedFile {
  entries?: Record<string, { ContainerResources?: Record<string, Amounts>; PodLevelResources?: null }>
}

/** By pod and container id: the runtime tells what a container was started with, this what came after. */
interface ActuatedFile {
  entries?: Record<string, Record<string, Amounts>>
}

export class Allocations {
  readonly #allocated = new Map<string, Allocation>()
  readonly #actuated = new Map<string, Map<string, Amounts>>()
  readonly #allocatedFile: Checkpoint
  readonly #actuatedFile: Checkpoint

  constructor(rootDir: string, log: Logger) {
    this.#allocatedFile = new Checkpoint(join(rootDir, 'allocated_pods_state'), log)
    this.#actuatedFile = new Checkpoint(join(rootDir, 'actuated_pods_state'), log)
    for (const [uid, { ContainerResources = {} }] of Object.entries(
      (this.#allocatedFile.read() as AllocatedFile | undefined)?.entries ?? {},
    ))
      this.#allocated.set(uid, ContainerResources)
    for (const [uid, containers] of Object.entries((this.#actuatedFile.read() as ActuatedFile | undefined)?.entries ?? {}))
      this.#actuated.set(uid, new Map(Object.entries(containers)))
  }

  given(uid: string): Allocation | undefined {
    return this.#allocated.get(uid)
  }

  uids(): string[] {
    return [...new Set([...this.#allocated.keys(), ...this.#actuated.keys()])]
  }

  give(uid: string, allocation: Allocation): void {
    this.#allocated.set(uid, allocation)
    this.#saveAllocated()
  }

  /** Live: entries come as containers are resized. */
  actuated(uid: string): Map<string, Amounts> {
    const known = this.#actuated.get(uid) ?? new Map<string, Amounts>()
    this.#actuated.set(uid, known)
    return known
  }

  actuate(uid: string, containerId: string, amounts: Amounts): void {
    this.actuated(uid).set(containerId, amounts)
    this.#saveActuated()
  }

  forget(uid: string): void {
    if (this.#allocated.delete(uid)) this.#saveAllocated()
    const had = this.#actuated.get(uid)
    this.#actuated.delete(uid)
    if (had && had.size > 0) this.#saveActuated()
  }

  #saveAllocated(): void {
    const entries = (): AllocatedFile['entries'] =>
      Object.fromEntries([...this.#allocated].map(([uid, ContainerResources]) => [uid, { ContainerResources, PodLevelResources: null }]))
    this.#allocatedFile.changed(() => ({ entries: entries() }))
  }

  #saveActuated(): void {
    const filled = () => [...this.#actuated].filter(([, containers]) => containers.size > 0)
    this.#actuatedFile.changed(() => ({ entries: Object.fromEntries(filled().map(([uid, all]) => [uid, Object.fromEntries(all)])) }))
  }
}
