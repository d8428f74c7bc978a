/** kubectl explain: documentation of fields, from the OpenAPI v3 documents that the server publishes. */
import { apiVersionOf } from '#api/resource.ts'
import { errorOf } from '#client/rest.ts'
import { type Ctx, command, onOff, text, UsageError } from '#kubectl/command.ts'
import { explainText, type SchemaDocument } from '#kubectl/print/explain.ts'

async function fetchJson(ctx: Ctx, path: string): Promise<unknown> {
  const response = await ctx.client().raw('GET', path)
  if (response.status >= 400) throw errorOf(response.status, response.body)
  return JSON.parse(response.body.toString('utf8'))
}

export const explain = command({
  name: 'explain',
  args: 'TYPE[.FIELD...] [--recursive] [--api-version=...]',
  summary: 'Get documentation for a resource',
  examples: ['kubectl explain pods', 'kubectl explain deploy.spec.strategy', 'kubectl explain pod.spec --recursive'],
  flags: {
    recursive: onOff('All fields below, without descriptions.'),
    'api-version': text('Version of the kind, such as apps/v1.'),
    output: text('plaintext.', { short: 'o', fallback: 'plaintext' }),
  },
  async run({ args, flags, ctx }) {
    const [path, ...more] = args
    if (path === undefined || more.length > 0)
      throw new UsageError(
        'You must specify the type of resource to explain. Use "kubectl api-resources" for a complete list of supported resources.',
      )
    if (flags.output !== 'plaintext') throw new UsageError(`unrecognized format: ${flags.output}`)
    const [word = '', ...fields] = path.split('.')
    const types = await ctx.types()
    const found = types.find(word)
    const type = flags['api-version'] === '' ? found : types.ofKind(flags['api-version'], found.kind)
    const root = (await fetchJson(ctx, '/openapi/v3')) as { paths: Record<string, { serverRelativeURL: string }> }
    const key = type.group === '' ? `api/${type.version}` : `apis/${apiVersionOf(type)}`
    const url = root.paths[key]?.serverRelativeURL
    if (url === undefined) throw new UsageError(`couldn't find resource for "${apiVersionOf(type)}, Resource=${type.plural}"`)
    ctx.io.out.write(explainText((await fetchJson(ctx, url)) as SchemaDocument, { type, fields, recursive: flags.recursive }))
  },
})
