/** kubectl create: objects of manifests, as they are; and `create namespace`. */
import { command, list, onOff, text, UsageError } from '#kubectl/command.ts'
import { forEachManifest } from '#kubectl/manifest/for-each.ts'
import { located } from '#kubectl/manifest/locate.ts'
import { readManifests } from '#kubectl/manifest/read.ts'
import { printerOf } from '#kubectl/print/objects.ts'
import { displayName } from '#kubectl/targets.ts'
import { annotated, dryRunOf, validationOf } from './apply.ts'

const common = {
  'dry-run': text('none, client or server.', { fallback: 'none', bare: 'unchanged' }),
  output: text('Print the objects in this form.', { short: 'o' }),
  'field-manager': text('Name of the manager of the fields.', { fallback: 'kubectl-create' }),
  validate: text('strict, warn or ignore.', { fallback: 'strict', bare: 'strict' }),
} as const

export const create = command({
  name: 'create',
  args: '-f FILENAME',
  summary: 'Create a resource from a file or from stdin',
  examples: ['kubectl create -f pod.yaml', 'kubectl create namespace shop'],
  flags: {
    ...common,
    filename: list('Manifests to create.', { short: 'f' }),
    recursive: onOff('Read folders of -f to their bottom.', { short: 'R' }),
    'save-config': onOff('Remember the manifest for a later apply.'),
  },
  async run({ args, flags, ctx }) {
    const [kind, name, ...more] = args
    const dryRun = dryRunOf(flags['dry-run'])
    const types = await ctx.types()
    if (kind !== undefined && !['namespace', 'ns'].includes(kind))
      throw new UsageError(`create ${kind} is not supported by this kubectl yet: write a manifest and use create -f`)
    if (kind !== undefined && (name === undefined || more.length > 0)) throw new UsageError('exactly one NAME is required')
    const manifests =
      kind === undefined
        ? await readManifests(flags.filename, { recursive: flags.recursive, ctx })
        : [{ source: 'command line', object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: name ?? '' } } }]
    const printer = printerOf(flags.output, { showManagedFields: false })
    await forEachManifest(manifests, async (manifest) => {
      const type = types.ofKind(manifest.object.apiVersion, manifest.object.kind)
      const { object } = located(manifest, type, ctx)
      const next = flags['save-config'] ? annotated(object) : object
      const options = {
        dryRun: dryRun === 'server',
        fieldManager: flags['field-manager'],
        fieldValidation: validationOf(flags.validate),
        onWarning: ctx.warn,
      }
      const made = dryRun === 'client' ? next : await ctx.client().create(type, next, options)
      const suffix = dryRun === 'none' ? '' : dryRun === 'client' ? ' (dry run)' : ' (server dry run)'
      ctx.io.out.write(printer ? printer(made) : `${displayName(type, made.metadata.name ?? '')} created${suffix}\n`)
    })
  },
})
