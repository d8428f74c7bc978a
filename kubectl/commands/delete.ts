/** kubectl delete: by name, by selector or by manifest; waits until the objects are gone. */
import { ApiError } from '#api/meta/status.ts'
import type { KubeObject } from '#api/resource.ts'
import type { DeleteCallOptions } from '#client/rest.ts'
import { awaitObject } from '#kubectl/await-object.ts'
import { type Ctx, command, type FlagValues, list, number, onOff, text, UsageError } from '#kubectl/command.ts'
import { durationMs } from '#kubectl/duration.ts'
import { located } from '#kubectl/manifest/locate.ts'
import { readManifests } from '#kubectl/manifest/read.ts'
import type { ApiResource } from '#kubectl/served-types.ts'
import { fetchObjects, targetsOf } from '#kubectl/targets.ts'
import { dryRunOf } from './apply.ts'

const flags = {
  filename: list('Delete what these manifests name.', { short: 'f' }),
  recursive: onOff('Read folders of -f to their bottom.', { short: 'R' }),
  selector: text('Objects whose labels match.', { short: 'l' }),
  'field-selector': text('Objects whose fields match.'),
  all: onOff('All objects of the type in the namespace.'),
  'all-namespaces': onOff('In all namespaces.', { short: 'A' }),
  'grace-period': number('Seconds the object is given; -1 leaves it to the object.', { fallback: -1 }),
  now: onOff('Like --grace-period=1.'),
  force: onOff('With --grace-period=0: do not wait for the node to confirm.'),
  cascade: text('background, orphan or foreground.', { fallback: 'background', bare: 'background' }),
  wait: onOff('Wait until the objects are gone.', { fallback: true }),
  timeout: text('How long to wait; 0 waits for ever.', { fallback: '0s' }),
  'ignore-not-found': onOff('An object that is not there is no error.'),
  'dry-run': text('none, client or server.', { fallback: 'none', bare: 'unchanged' }),
  output: text('name: print only the names.', { short: 'o' }),
} as const
type Values = FlagValues<typeof flags>
type Found = { type: ApiResource; object: KubeObject }

export const remove = command({
  name: 'delete',
  args: '([-f FILENAME] | TYPE [(NAME | -l label | --all)])',
  summary: 'Delete resources by file names, stdin, resources and names, or by resources and label selector',
  examples: ['kubectl delete pod web', 'kubectl delete -f app.yaml', 'kubectl delete pods -l app=web'],
  flags,
  async run({ args, flags: values, ctx }) {
    const options = optionsOf(values, ctx)
    const failures: unknown[] = []
    const gone: Found[] = []
    for await (const found of candidates(args, values, ctx)) {
      if ('failed' in found) {
        if (!(values['ignore-not-found'] && found.failed instanceof ApiError && found.failed.code === 404)) failures.push(found.failed)
        continue
      }
      try {
        await removeOne(found, { values, options, ctx })
        gone.push(found)
      } catch (error) {
        const absent = error instanceof ApiError && error.code === 404
        if (!(absent && (values['ignore-not-found'] || args.length === 1))) failures.push(error)
      }
    }
    if (values.wait && dryRunOf(values['dry-run']) === 'none' && !(values.force && options.gracePeriodSeconds === 0))
      await waitUntilGone(gone, values, ctx)
    if (failures.length === 1) throw failures[0]
    if (failures.length > 1) throw new AggregateError(failures)
    if (gone.length === 0 && failures.length === 0 && !values['ignore-not-found'] && values.output !== 'name')
      ctx.io.out.write('No resources found\n')
  },
})

function optionsOf(values: Values, ctx: Ctx): DeleteCallOptions {
  const policies = { background: 'Background', orphan: 'Orphan', foreground: 'Foreground', true: 'Background', false: 'Orphan' } as const
  const policy = policies[values.cascade as keyof typeof policies]
  if (!policy) throw new UsageError(`invalid cascade value (${values.cascade}). Must be "background", "foreground", or "orphan"`)
  let grace = values['grace-period'] ?? -1
  if (values.now) grace = 1
  if (grace === 0 && !values.force) grace = 1
  if (values.force && grace < 0) grace = 0
  if (values.force && grace === 0)
    ctx.warn(
      'Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.',
    )
  return { propagationPolicy: policy, ...(grace >= 0 ? { gracePeriodSeconds: grace } : {}), dryRun: values['dry-run'] === 'server' }
}

async function* candidates(args: readonly string[], values: Values, ctx: Ctx): AsyncIterable<Found | { failed: unknown }> {
  const types = await ctx.types()
  if (values.filename.length > 0) {
    for (const manifest of await readManifests(values.filename, { recursive: values.recursive, ctx })) {
      try {
        const type = types.ofKind(manifest.object.apiVersion, manifest.object.kind)
        const { namespace, name = '' } = located(manifest, type, ctx).object.metadata
        yield { type, object: await ctx.client().get(type, namespace ? { namespace, name } : { name }) }
      } catch (failed) {
        yield { failed }
      }
    }
    return
  }
  const targets = targetsOf(args, types)
  const selects = values.selector !== '' || values['field-selector'] !== '' || values.all
  if (targets.some((t) => t.names.length === 0) && !selects) throw new UsageError('resource(s) were provided, but no name was specified')
  for (const target of targets) {
    for (const one of target.names.length > 0 ? target.names.map((name) => ({ ...target, names: [name] })) : [target]) {
      try {
        yield* await fetchObjects([one], ctx, {
          labelSelector: values.selector,
          fieldSelector: values['field-selector'],
          allNamespaces: values['all-namespaces'],
        })
      } catch (failed) {
        yield { failed }
      }
    }
  }
}

async function removeOne(
  { type, object }: Found,
  { values, options, ctx }: { values: Values; options: DeleteCallOptions; ctx: Ctx },
): Promise<void> {
  const { name = '', namespace } = object.metadata
  const dryRun = dryRunOf(values['dry-run'])
  if (dryRun !== 'client') await ctx.client().delete(type, namespace ? { namespace, name } : { name }, options)
  const noun = `${type.singular || type.kind.toLowerCase()}${type.group === '' ? '' : `.${type.group}`}`
  if (values.output === 'name') {
    ctx.io.out.write(`${noun}/${name}\n`)
    return
  }
  const verb = options.gracePeriodSeconds === 0 ? 'force deleted' : 'deleted'
  const suffix = dryRun === 'none' ? '' : dryRun === 'client' ? ' (dry run)' : ' (server dry run)'
  ctx.io.out.write(`${noun} "${name}" ${verb}${namespace ? ` from ${namespace} namespace` : ''}${suffix}\n`)
}

async function waitUntilGone(gone: readonly Found[], values: Values, ctx: Ctx): Promise<void> {
  const limitMs = durationMs(values.timeout)
  const deadline = limitMs === 0 ? Number.POSITIVE_INFINITY : Date.now() + limitMs
  for (const { type, object } of gone) {
    const { name = '', namespace, uid } = object.metadata
    const ref = namespace ? { namespace, name } : { name }
    await awaitObject({ type, ref, ctx, deadline, what: 'deletion' }, (now) => now === undefined || now.metadata.uid !== uid)
  }
}
