/** kubectl api-resources and api-versions: what the server serves. */
import { apiVersionOf } from '#api/resource.ts'
import { command, onOff, text } from '#kubectl/command.ts'
import { alignColumns } from '#kubectl/print/columns.ts'

export const apiResources = command({
  name: 'api-resources',
  args: '',
  summary: 'Print the supported API resources on the server',
  examples: ['kubectl api-resources', 'kubectl api-resources --namespaced=false -o wide'],
  flags: {
    'api-group': text('Only this group.', { fallback: '*' }),
    namespaced: text('true or false: only kinds with or without namespaces.', { bare: 'true' }),
    output: text('wide or name.', { short: 'o' }),
    'no-headers': onOff('Leave out the header line.'),
  },
  async run({ flags, ctx }) {
    const { resources } = await ctx.types()
    const chosen = resources
      .filter((r) => r.preferred && (flags['api-group'] === '*' || r.group === flags['api-group']))
      .filter((r) => flags.namespaced === '' || (r.scope === 'Namespaced') === (flags.namespaced === 'true'))
      .sort((a, b) => (a.group < b.group ? -1 : a.group > b.group ? 1 : a.plural < b.plural ? -1 : 1))
    if (flags.output === 'name') {
      for (const r of chosen) ctx.io.out.write(`${r.plural}${r.group === '' ? '' : `.${r.group}`}\n`)
      return
    }
    const wide = flags.output === 'wide'
    const header = ['NAME', 'SHORTNAMES', 'APIVERSION', 'NAMESPACED', 'KIND', ...(wide ? ['VERBS', 'CATEGORIES'] : [])]
    const rows = chosen.map((r) => [
      r.plural,
      r.shortNames.join(','),
      apiVersionOf(r),
      String(r.scope === 'Namespaced'),
      r.kind,
      ...(wide ? [[...r.verbs].sort().join(','), r.categories.join(',')] : []),
    ])
    ctx.io.out.write(alignColumns(flags['no-headers'] ? rows : [header, ...rows]))
  },
})

export const apiVersions = command({
  name: 'api-versions',
  args: '',
  summary: 'Print the supported API versions on the server, in the form of "group/version"',
  examples: ['kubectl api-versions'],
  flags: {},
  async run({ ctx }) {
    const { resources } = await ctx.types()
    for (const version of [...new Set(resources.map(apiVersionOf))].sort()) ctx.io.out.write(`${version}\n`)
  },
})
