/** The pods behind a word: a pod itself, or those that a workload or a service selects, the ones that run first. */
import type { Pod } from '#api/core/pod.ts'
import { isPodReady } from '#api/core/rules/pod-state.ts'
import { formatSelector, selectorFromLabelSelector, selectorFromLabels } from '#api/meta/label-selector.ts'
import type { KubeObject } from '#api/resource.ts'
import { type Ctx, UsageError } from './command.ts'
import { podType } from './known-types.ts'
import { oneTarget } from './targets.ts'

export async function podsOf({ word, selector, ctx }: { word: string | undefined; selector: string; ctx: Ctx }): Promise<readonly Pod[]> {
  if (word === undefined) return selected(selector, ctx)
  const { type, ref } = await oneTarget([word], ctx, 'pods')
  if (type.plural === 'pods' && type.group === '') return [await ctx.client().get(podType, ref)]
  return selected(selectorOf(await ctx.client().get(type, ref), word), ctx)
}

function selectorOf(object: KubeObject, word: string): string {
  const { selector } = (object as unknown as { spec?: { selector?: Record<string, unknown> } }).spec ?? {}
  if (!selector) throw new UsageError(`cannot tell the pods of ${word}: it selects none`)
  const isLabelSelector = 'matchLabels' in selector || 'matchExpressions' in selector
  const parsed = isLabelSelector ? selectorFromLabelSelector(selector) : selectorFromLabels(selector as Record<string, string>)
  return formatSelector(parsed ?? [])
}

async function selected(labelSelector: string, ctx: Ctx): Promise<readonly Pod[]> {
  const { items } = await ctx.client().list(podType, { namespace: ctx.namespace, labelSelector })
  const rank = (pod: Pod): number => (isPodReady(pod) ? 0 : pod.status.phase === 'Running' ? 1 : 2)
  return [...items].sort((a, b) => rank(a) - rank(b) || (a.metadata.name ?? '').localeCompare(b.metadata.name ?? ''))
}
