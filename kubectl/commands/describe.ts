/** kubectl describe: one object in full, with what belongs to it and its events. */

import type { Event } from '#api/core/event.ts'
import type { KubeObject } from '#api/resource.ts'
import { type Ctx, command, list, onOff, text, UsageError } from '#kubectl/command.ts'
import type { RelatedQuery } from '#kubectl/describe/describer.ts'
import { describerOf } from '#kubectl/describe/index.ts'
import { Lines } from '#kubectl/describe/lines.ts'
import { eventType } from '#kubectl/known-types.ts'
import { manifestTargets } from '#kubectl/manifest/locate.ts'
import { escapeTerminal } from '#kubectl/print/escape-terminal.ts'
import type { ApiResource } from '#kubectl/served-types.ts'
import { fetchObjects, targetsOf } from '#kubectl/targets.ts'

export const describe = command({
  name: 'describe',
  args: '(-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME)',
  summary: 'Show details of a specific resource or group of resources',
  examples: ['kubectl describe pod web', 'kubectl describe nodes', 'kubectl describe pods -l app=web'],
  flags: {
    selector: text('Objects whose labels match.', { short: 'l' }),
    'all-namespaces': onOff('In all namespaces.', { short: 'A' }),
    'show-events': onOff('Show events.', { fallback: true }),
    filename: list('Objects of these manifests.', { short: 'f' }),
    recursive: onOff('Read folders of -f to their bottom.', { short: 'R' }),
  },
  async run({ args, flags, ctx }) {
    const targets =
      flags.filename.length > 0
        ? await manifestTargets(flags.filename, { recursive: flags.recursive, ctx })
        : targetsOf(args, await ctx.types())
    const found = await fetchObjects(targets, ctx, { labelSelector: flags.selector, allNamespaces: flags['all-namespaces'] })
    if (found.length === 0) ctx.io.err.write(`No resources found${flags['all-namespaces'] ? '' : ` in ${ctx.namespace} namespace.`}\n`)
    let printed = 0
    for (const { type, object } of found) {
      if (printed++ > 0) ctx.io.out.write('\n\n')
      ctx.io.out.write(await describeOne(type, object, { ctx, events: flags['show-events'] }))
    }
  },
})

async function describeOne(type: ApiResource, object: KubeObject, { ctx, events }: { ctx: Ctx; events: boolean }): Promise<string> {
  const describer = describerOf(type.kind, type.group)
  const lines = new Lines()
  const queries = describer.related?.(object) ?? []
  const related = (await Promise.all(queries.map((query) => relatedOf(query, object, ctx)))).flat()
  describer.describe(object, lines, { events: events ? await eventsOf(object, ctx) : [], related, now: ctx.now() })
  return escapeTerminal(lines.toString())
}

async function relatedOf(query: RelatedQuery, object: KubeObject, ctx: Ctx): Promise<readonly KubeObject[]> {
  const types = await ctx.types()
  const type = types.resources.find((r) => r.plural === query.plural && r.group === query.group && r.preferred)
  if (!type) throw new UsageError(`the server doesn't have a resource type "${query.plural}"`)
  const { items } = await ctx.client().list(type, {
    ...(query.everywhere ? {} : { namespace: query.namespace ?? object.metadata.namespace }),
    ...(query.labelSelector ? { labelSelector: query.labelSelector } : {}),
    ...(query.fieldSelector ? { fieldSelector: query.fieldSelector } : {}),
  })
  return items
}

/** The object's events, oldest first. Those of cluster-scoped objects stand in `default`; a node's carry its name as uid. */
async function eventsOf(object: KubeObject, ctx: Ctx): Promise<readonly Event[]> {
  const { namespace, name, uid } = object.metadata
  const select = (key: string, value: string | undefined): string => `involvedObject.${key}=${value ?? ''}`
  const fields = [select('name', name), select('kind', object.kind), ...(object.kind === 'Node' ? [] : [select('uid', uid)])]
  const { items } = await ctx.client().list(eventType, { ...(namespace ? { namespace } : {}), fieldSelector: fields.join(',') })
  const time = (event: Event): string => event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp ?? ''
  return [...items].sort((a, b) => (time(a) < time(b) ? -1 : 1))
}
