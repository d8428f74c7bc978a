/** kubectl scale: sets the number of replicas through the scale subresource. */
import { command, list, number, onOff, text, UsageError } from '#kubectl/command.ts'
import { manifestTargets } from '#kubectl/manifest/locate.ts'
import { displayName, refOf, targetsOf } from '#kubectl/targets.ts'

export const scale = command({
  name: 'scale',
  args: '[--current-replicas=count] --replicas=COUNT (-f FILENAME | TYPE NAME)',
  summary: 'Set a new size for a deployment, replica set, or replication controller',
  examples: ['kubectl scale deploy/web --replicas=5'],
  flags: {
    replicas: number('The new number of replicas.'),
    'current-replicas': number('Scale only if this is the number now.'),
    filename: list('Objects of these manifests.', { short: 'f' }),
    recursive: onOff('Read folders of -f to their bottom.', { short: 'R' }),
    output: text('name: print only the names.', { short: 'o' }),
  },
  async run({ args, flags, ctx }) {
    const { replicas } = flags
    if (replicas === undefined || replicas < 0)
      throw new UsageError('The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0')
    const targets =
      flags.filename.length > 0
        ? await manifestTargets(flags.filename, { recursive: flags.recursive, ctx })
        : targetsOf(args, await ctx.types())
    for (const target of targets) {
      const { type, names } = target
      if (names.length === 0) throw new UsageError('resource name may not be empty')
      if (!type.subresources.includes('scale')) throw new UsageError(`the resource ${type.plural} has no scale subresource`)
      for (const name of names) {
        const ref = refOf(target, name, ctx)
        if (flags['current-replicas'] !== undefined) {
          const now = await ctx.client().get(type, ref, { subresource: 'scale' })
          const held = (now as unknown as { spec: { replicas?: number } }).spec.replicas ?? 0
          if (held !== flags['current-replicas']) throw new UsageError(`Expected replicas to be ${flags['current-replicas']}, was ${held}`)
        }
        await ctx.client().patch(type, ref, { type: 'merge', body: { spec: { replicas } } }, { subresource: 'scale', onWarning: ctx.warn })
        ctx.io.out.write(flags.output === 'name' ? `${displayName(type, name)}\n` : `${displayName(type, name)} scaled\n`)
      }
    }
  },
})
