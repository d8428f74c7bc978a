/** The containers that a pod asks for, by kind, and the rules that say whether one that ended is started again. */
import { createHash } from 'node:crypto'
import type { Container, EphemeralContainer } from '#api/core/container.ts'
import type { Pod } from '#api/core/pod.ts'

export type ContainerKind = 'init' | 'app' | 'ephemeral'
export type AnyContainer = Container | EphemeralContainer

export interface NamedContainer {
  kind: ContainerKind
  container: AnyContainer
}

/** All containers in the order of their start. */
export function containersOf(pod: Pod): NamedContainer[] {
  return [
    ...(pod.spec?.initContainers ?? []).map((container) => ({ kind: 'init' as const, container })),
    ...(pod.spec?.containers ?? []).map((container) => ({ kind: 'app' as const, container })),
    ...(pod.spec?.ephemeralContainers ?? []).map((container) => ({ kind: 'ephemeral' as const, container })),
  ]
}

export function containerNamed(pod: Pod, name: string): NamedContainer | undefined {
  return containersOf(pod).find((each) => each.container.name === name)
}

/** A restartable init container. */
export function isSidecar(container: AnyContainer): boolean {
  return container.restartPolicy === 'Always'
}

/**
 * Whether a container that exited so is started again: the container's own rules, then its own policy, then the pod's
 * (an init container under Always is run until it succeeds).
 */
export function shouldRestart(pod: Pod, named: NamedContainer, exitCode: number): boolean {
  const { container, kind } = named
  if (kind === 'ephemeral') return false
  for (const rule of container.restartPolicyRules ?? []) {
    const codes = rule.exitCodes
    if (!codes) continue
    const matches = codes.operator === 'In' ? codes.values?.includes(exitCode) : !codes.values?.includes(exitCode)
    if (matches && rule.action === 'Restart') return true
  }
  const own = container.restartPolicy
  const policy = own ?? pod.spec?.restartPolicy ?? 'Always'
  if (policy === 'Never') return false
  if (kind === 'init' && !isSidecar(container)) return exitCode !== 0
  return policy === 'Always' || exitCode !== 0
}

/**
 * A short hash over what a running container cannot take over from a changed spec. As upstream only the image (and the name) counts: all
 * else that may change in place is handled without a restart.
 */
export function containerHash(container: AnyContainer): string {
  return createHash('sha256')
    .update(JSON.stringify({ name: container.name, image: container.image }))
    .digest('hex')
    .slice(0, 16)
}
