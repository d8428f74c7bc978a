/** kubectl config: looks into the kubeconfig, and chooses its current context. */
import { readFileSync, writeFileSync } from 'node:fs'
import { stringify } from 'yaml'
import { kubeconfigPaths } from '#client/kubeconfig.ts'
import { type Kubeconfig, parseKubeconfig, readKubeconfig } from '#client/kubeconfig-file.ts'
import { type Ctx, command, onOff, text, UsageError } from '#kubectl/command.ts'
import { alignColumns } from '#kubectl/print/columns.ts'
import { printerOf } from '#kubectl/print/objects.ts'

const paths = (ctx: Ctx): string[] => (ctx.kubeconfig.path ? [ctx.kubeconfig.path] : kubeconfigPaths(process.env['KUBECONFIG']))
const read = (ctx: Ctx): Kubeconfig => readKubeconfig(paths(ctx), { optional: ctx.kubeconfig.path === undefined })

/** Keys and tokens are not for the screen. */
function redacted(config: Kubeconfig): Kubeconfig {
  const hidden = <T extends object>(entry: T, fields: readonly string[], word: string): T =>
    Object.fromEntries(Object.entries(entry).map(([key, value]) => [key, fields.includes(key) ? word : value])) as T
  return {
    ...config,
    clusters: (config.clusters ?? []).map((c) => ({ ...c, cluster: hidden(c.cluster, ['certificate-authority-data'], 'DATA+OMITTED') })),
    users: (config.users ?? []).map((u) => ({
      ...u,
      user: hidden(hidden(u.user, ['client-certificate-data', 'client-key-data'], 'DATA+OMITTED'), ['token', 'password'], 'REDACTED'),
    })),
  }
}

export const configView = command({
  name: 'config view',
  args: '',
  summary: 'Display merged kubeconfig settings',
  examples: ['kubectl config view', 'kubectl config view --raw -o json'],
  flags: {
    raw: onOff('Show keys and tokens too.'),
    minify: onOff('Only what the current context uses.'),
    output: text('yaml, json or jsonpath=….', { short: 'o', fallback: 'yaml' }),
  },
  async run({ flags, ctx }) {
    const config = flags.minify ? minified(read(ctx), ctx.kubeconfig.context) : read(ctx)
    const whole = { apiVersion: 'v1', kind: 'Config', preferences: {}, ...config }
    const printer = printerOf(flags.output, { showManagedFields: true })
    ctx.io.out.write(printer?.(flags.raw ? whole : redacted(whole)) ?? '')
  },
})

function minified(config: Kubeconfig, chosen: string | undefined): Kubeconfig {
  const name = chosen ?? config['current-context'] ?? ''
  const contexts = (config.contexts ?? []).filter((c) => c.name === name)
  if (contexts.length === 0) throw new UsageError('current-context must exist in order to minify')
  return {
    ...config,
    contexts,
    clusters: (config.clusters ?? []).filter((c) => c.name === contexts[0]?.context.cluster),
    users: (config.users ?? []).filter((u) => u.name === contexts[0]?.context.user),
  }
}

export const currentContext = command({
  name: 'config current-context',
  args: '',
  summary: 'Display the current-context',
  examples: ['kubectl config current-context'],
  flags: {},
  async run({ ctx }) {
    const name = read(ctx)['current-context']
    if (!name) throw new UsageError('current-context is not set')
    ctx.io.out.write(`${name}\n`)
  },
})

export const getContexts = command({
  name: 'config get-contexts',
  args: '',
  summary: 'Describe one or many contexts',
  examples: ['kubectl config get-contexts'],
  flags: { output: text('name: only the names.', { short: 'o' }), 'no-headers': onOff('Leave out the header line.') },
  async run({ flags, ctx }) {
    const config = read(ctx)
    const contexts = config.contexts ?? []
    if (flags.output === 'name') {
      for (const { name } of contexts) ctx.io.out.write(`${name}\n`)
      return
    }
    const rows = contexts.map(({ name, context }) => [
      name === config['current-context'] ? '*' : '',
      name,
      context.cluster ?? '',
      context.user ?? '',
      context.namespace ?? '',
    ])
    ctx.io.out.write(alignColumns([...(flags['no-headers'] ? [] : [['CURRENT', 'NAME', 'CLUSTER', 'AUTHINFO', 'NAMESPACE']]), ...rows]))
  },
})

export const useContext = command({
  name: 'config use-context',
  args: 'CONTEXT_NAME',
  summary: 'Set the current-context in a kubeconfig file',
  examples: ['kubectl config use-context prod'],
  flags: {},
  async run({ args, ctx }) {
    const [name, ...more] = args
    if (!name || more.length > 0) throw new UsageError('exactly one context name is required')
    if (!read(ctx).contexts?.some((c) => c.name === name)) throw new UsageError(`no context exists with the name: "${name}"`)
    const [path = ''] = paths(ctx)
    // The file itself is changed, not the merged view: relative paths in it stay as they are.
    const config = parseKubeconfig(readFileSync(path, 'utf8'))
    writeFileSync(path, stringify({ ...config, 'current-context': name }), { mode: 0o600 })
    ctx.io.out.write(`Switched to context "${name}".\n`)
  },
})
