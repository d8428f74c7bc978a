/** kubectl version and cluster-info: who talks to whom. */
import { gitVersion } from '#api/version.ts'
import { errorOf } from '#client/rest.ts'
import { type Ctx, command, onOff, text } from '#kubectl/command.ts'
import { printerOf } from '#kubectl/print/objects.ts'

const clientVersion = { major: '1', minor: '35', gitVersion: gitVersion }

async function serverVersion(ctx: Ctx): Promise<{ gitVersion: string }> {
  const response = await ctx.client().raw('GET', '/version')
  if (response.status >= 400) throw errorOf(response.status, response.body)
  return JSON.parse(response.body.toString('utf8')) as { gitVersion: string }
}

export const version = command({
  name: 'version',
  args: '',
  summary: 'Print the client and server version information',
  examples: ['kubectl version', 'kubectl version --client -o yaml'],
  flags: { client: onOff('Only the version of this program.'), output: text('json or yaml.', { short: 'o' }) },
  async run({ flags, ctx }) {
    const serverInfo = flags.client ? undefined : await serverVersion(ctx)
    const printer = printerOf(flags.output, { showManagedFields: true })
    if (printer) ctx.io.out.write(printer({ clientVersion, ...(serverInfo ? { serverVersion: serverInfo } : {}) }))
    else ctx.io.out.write(`Client Version: ${clientVersion.gitVersion}\n${serverInfo ? `Server Version: ${serverInfo.gitVersion}\n` : ''}`)
  },
})

export const clusterInfo = command({
  name: 'cluster-info',
  args: '',
  summary: 'Display cluster information',
  examples: ['kubectl cluster-info'],
  flags: {},
  async run({ ctx }) {
    await serverVersion(ctx)
    ctx.io.out.write(`Kubernetes control plane is running at ${ctx.server()}\n`)
    ctx.io.out.write("\nTo further debug and diagnose cluster problems, use 'kubectl get events -A' and 'kubectl get nodes -o wide'.\n")
  },
})
