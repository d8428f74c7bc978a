/**
 * kubectl apply: client-side, three-way (what was applied last, what the manifest says now, what the server holds), or with --server-side by
 * the server.
 */
import { matches, parseSelector } from '#api/meta/label-selector.ts'
import { ApiError } from '#api/meta/status.ts'
import { createThreeWayMergePatch } from '#api/patch/merge-patch.ts'
import type { KubeObject } from '#api/resource.ts'
import type { Patch } from '#client/rest.ts'
import { awaitObject } from '#kubectl/await-object.ts'
import { type Ctx, command, type FlagValues, list, onOff, text, UsageError } from '#kubectl/command.ts'
import { applyOnServer, clientSideManager } from '#kubectl/manifest/apply-on-server.ts'
import { forEachManifest } from '#kubectl/manifest/for-each.ts'
import { located } from '#kubectl/manifest/locate.ts'
import { type Manifest, readManifests } from '#kubectl/manifest/read.ts'
import { printerOf } from '#kubectl/print/objects.ts'
import type { ApiResource, ServedTypes } from '#kubectl/served-types.ts'
import { displayName } from '#kubectl/targets.ts'

const deletionLimitMs = 5 * 60_000
export const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration'

const flags = {
  filename: list('Manifests to apply.', { short: 'f' }),
  recursive: onOff('Read folders of -f to their bottom.', { short: 'R' }),
  'dry-run': text('none, client or server.', { fallback: 'none', bare: 'unchanged' }),
  validate: text('strict, warn or ignore.', { fallback: 'strict', bare: 'strict' }),
  output: text('Print the objects in this form.', { short: 'o' }),
  'server-side': onOff('Let the server merge.'),
  'field-manager': text('Name of the manager of the fields.'),
  'force-conflicts': onOff('Take over fields that others manage (with --server-side).'),
  'show-managed-fields': onOff('Keep metadata.managedFields in json and yaml.'),
  force: onOff('Delete and make anew what cannot be changed.'),
  overwrite: onOff('Overwrite changes of others.', { fallback: true }),
  selector: text('Only objects of the manifests whose labels match.', { short: 'l' }),
} as const
type Values = FlagValues<typeof flags>

export const apply = command({
  name: 'apply',
  args: '-f FILENAME',
  summary: 'Apply a configuration to a resource by file name or stdin',
  examples: ['kubectl apply -f app.yaml', 'cat app.yaml | kubectl apply -f -'],
  flags,
  async run({ args, flags: values, ctx }) {
    if (args.length > 0) throw new UsageError(`Unexpected args: [${args.join(' ')}]`)
    checkFlags(values)
    const types = await ctx.types()
    const selector = parseSelector(values.selector)
    const read = await readManifests(values.filename, { recursive: values.recursive, ctx })
    const manifests = read.filter(({ object }) => matches(selector, object.metadata.labels ?? {}))
    if (manifests.length === 0) throw new UsageError('no objects passed to apply')
    await forEachManifest(manifests, async (manifest) => {
      const type = await typeOf(manifest, types)
      await applyOne({ manifest: located(manifest, type, ctx), type, values, ctx })
    })
  },
})

function checkFlags(values: Values): void {
  if (!values.overwrite) throw new UsageError('--overwrite=false is not supported by this kubectl yet')
  if (!values['server-side']) {
    if (values['force-conflicts']) throw new UsageError('--force-conflicts only works with --server-side')
    return
  }
  if (values.force) throw new UsageError('--force cannot be used with --server-side')
  if (values['dry-run'] === 'client')
    throw new UsageError("--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)")
}

async function typeOf(manifest: Manifest, types: ServedTypes): Promise<ApiResource> {
  try {
    return types.ofKind(manifest.object.apiVersion, manifest.object.kind)
  } catch (error) {
    throw new UsageError(`unable to recognize "${manifest.source}": ${(error as Error).message}`)
  }
}

interface One {
  manifest: Manifest
  type: ApiResource
  values: Values
  ctx: Ctx
}

async function applyOne(one: One): Promise<void> {
  const { manifest, type, values, ctx } = one
  const dryRun = dryRunOf(values['dry-run'])
  const name = manifest.object.metadata.name ?? ''
  if (name === '')
    throw new UsageError(
      `error when retrieving current configuration from server for: "${manifest.source}": resource name may not be empty`,
    )
  const say = (verb: string, object: KubeObject): void => {
    const printer = printerOf(values.output, { showManagedFields: values['show-managed-fields'] })
    const suffix = dryRun === 'none' ? '' : dryRun === 'client' ? ' (dry run)' : ' (server dry run)'
    ctx.io.out.write(printer ? printer(object) : `${displayName(type, name)} ${verb}${suffix}\n`)
  }
  const options = {
    dryRun: dryRun === 'server',
    fieldManager: values['field-manager'] || (values['server-side'] ? 'kubectl' : clientSideManager),
    fieldValidation: validationOf(values.validate),
    onWarning: ctx.warn,
  }
  if (values['server-side']) {
    const force = values['force-conflicts']
    say('serverside-applied', await applyOnServer(ctx.client(), type, manifest.object, { ...options, force }))
    return
  }
  const modified = annotated(manifest.object)
  const current = await currentOf(one, name)
  if (!current) {
    say('created', dryRun === 'client' ? modified : await ctx.client().create(type, modified, options))
    return
  }
  if (current.metadata.annotations?.[lastAppliedAnnotation] === undefined) {
    ctx.warn(
      `resource ${type.plural}/${name} is missing the ${lastAppliedAnnotation} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.`,
    )
  }
  const patch = await patchFor(current, modified)
  if (Object.keys(patch.body as object).length === 0) {
    say('unchanged', current)
    return
  }
  if (dryRun === 'client') {
    say('configured', modified)
    return
  }
  const { namespace } = modified.metadata
  try {
    say('configured', await ctx.client().patch(type, namespace ? { namespace, name } : { name }, patch, options))
  } catch (error) {
    if (!values.force || dryRun !== 'none' || !isRefusal(error)) throw error
    say('configured', await madeAnew(one, current, () => ctx.client().create(type, modified, options)))
  }
}

const isRefusal = (error: unknown): boolean => error instanceof ApiError && (error.reason === 'Invalid' || error.reason === 'Conflict')

/** Deletes what cannot be changed and makes what the manifest says in its place. */
async function madeAnew({ type, ctx }: One, { metadata }: KubeObject, create: () => Promise<KubeObject>): Promise<KubeObject> {
  const { name = '', namespace, uid } = metadata
  const ref = namespace ? { namespace, name } : { name }
  await ctx.client().delete(type, ref, { propagationPolicy: 'Background', ...(uid ? { preconditions: { uid } } : {}) })
  const deadline = Date.now() + deletionLimitMs
  await awaitObject({ type, ref, ctx, deadline, what: 'deletion' }, (now) => now === undefined || now.metadata.uid !== uid)
  return create()
}

async function currentOf({ manifest, type, ctx }: One, name: string): Promise<KubeObject | undefined> {
  try {
    const { namespace } = manifest.object.metadata
    return await ctx.client().get(type, namespace ? { namespace, name } : { name })
  } catch (error) {
    if (error instanceof ApiError && error.code === 404) return undefined
    throw error
  }
}

/** The manifest with itself as annotation, in the bytes that stock kubectl writes (sorted keys, one line). */
export function annotated(object: KubeObject): KubeObject {
  const { [lastAppliedAnnotation]: _, ...annotations } = object.metadata.annotations ?? {}
  const bare = { ...object, metadata: { ...object.metadata, annotations } }
  const text = `${JSON.stringify(sorted(bare))}\n`
  return { ...object, metadata: { ...object.metadata, annotations: { ...annotations, [lastAppliedAnnotation]: text } } }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}

/** Strategic for kinds whose merge keys are known here, otherwise a JSON merge patch. */
async function patchFor(current: KubeObject, modified: KubeObject): Promise<Patch> {
  const text = current.metadata.annotations?.[lastAppliedAnnotation]
  const original = (text === undefined ? {} : JSON.parse(text)) as Record<string, unknown>
  // Merge keys stand in the schemas of all kinds: they are loaded only where something is merged.
  const [{ createThreeWayPatch }, { kindOf }, { treeOf }] = await Promise.all([
    import('#api/patch/strategic-diff.ts'),
    import('#api/scheme.ts'),
    import('#api/tree.ts'),
  ])
  const known = kindOf(modified.apiVersion, modified.kind)
  const [next, held] = [modified as unknown as Record<string, unknown>, current as unknown as Record<string, unknown>]
  if (!known) return { type: 'merge', body: createThreeWayMergePatch(original, next, held) }
  return { type: 'strategic', body: createThreeWayPatch({ original, modified: next, current: held }, treeOf(known.schema)) }
}

export function dryRunOf(word: string): 'none' | 'client' | 'server' {
  if (word === 'none' || word === 'client' || word === 'server') return word
  if (word === 'unchanged') throw new UsageError('--dry-run without a value is gone: use --dry-run=client or --dry-run=server')
  throw new UsageError(`invalid dry-run value (${word}). Must be "none", "server", or "client".`)
}

export function validationOf(word: string): 'Strict' | 'Warn' | 'Ignore' {
  if (['strict', 'true'].includes(word)) return 'Strict'
  if (word === 'warn') return 'Warn'
  if (['ignore', 'false'].includes(word)) return 'Ignore'
  throw new UsageError(`invalid - validate option "${word}"`)
}
