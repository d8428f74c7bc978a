/** kubectl port-forward: local ports that lead to ports of a pod. */

import type { AddressInfo } from 'node:net'
import { createServer, type Server, type Socket } from 'node:net'
import { resourcePath } from '#client/resource-path.ts'
import { type Ctx, command, list, UsageError } from '#kubectl/command.ts'
import { asApiError } from '#kubectl/connection.ts'
import { podType } from '#kubectl/known-types.ts'
import { podsOf } from '#kubectl/pods-of.ts'
import { PortForwardClient } from '#streams/port-forward/client.ts'

interface Pair {
  local: number
  remote: number
}

export const portForward = command({
  name: 'port-forward',
  args: 'TYPE/NAME [LOCAL_PORT:]REMOTE_PORT [...]',
  summary: 'Forward one or more local ports to a pod',
  examples: ['kubectl port-forward web 8080:80', 'kubectl port-forward deploy/web :80'],
  flags: { address: list('Local addresses to listen on.') },
  async run({ args, flags, ctx }) {
    const [word, ...ports] = args
    if (word === undefined || ports.length === 0) throw new UsageError('TYPE/NAME and list of ports are required for port-forward')
    const pairs = ports.map(pairOf)
    const [pod] = await podsOf({ word, selector: '', ctx })
    if (!pod) throw new UsageError(`no pods found for ${word}`)
    if (pod.status.phase !== 'Running')
      throw new UsageError(`unable to forward port because pod is not running. Current status=${pod.status.phase}`)
    const { base, options } = ctx.connection()
    const path = resourcePath(podType, { namespace: pod.metadata.namespace, name: pod.metadata.name }, 'portforward')
    const client = await PortForwardClient.connect(`${base}${path}`, options).catch((error) => {
      throw asApiError(error)
    })
    const servers: Server[] = []
    try {
      for (const address of flags.address.length === 0 ? ['127.0.0.1'] : flags.address) {
        for (const pair of pairs) servers.push(await listen(address, pair, { client, ctx }))
      }
      await Promise.race([client.closed, new Promise((resolve) => ctx.signal.addEventListener('abort', resolve))])
    } finally {
      for (const server of servers) server.close()
      await client.close()
    }
    if (!ctx.signal.aborted) throw new UsageError('lost connection to pod')
  },
})

function pairOf(text: string): Pair {
  const match = /^(?:(\d*):)?(\d+)$/.exec(text)
  if (!match) throw new UsageError(`invalid port format '${text}'`)
  const remote = Number(match[2])
  const local = match[1] === undefined ? remote : Number(match[1] || 0)
  if (remote < 1 || remote > 65_535 || local > 65_535) throw new UsageError(`error parsing port "${text}": not between 1 and 65535`)
  return { local, remote }
}

async function listen(address: string, { local, remote }: Pair, { client, ctx }: { client: PortForwardClient; ctx: Ctx }): Promise<Server> {
  const serve = (socket: Socket): void => {
    ctx.io.out.write(`Handling connection for ${local || remote}\n`)
    client.forward(socket, remote).catch((error: Error) => {
      ctx.io.err.write(`error: an error occurred forwarding ${local} -> ${remote}: ${error.message}\n`)
      socket.destroy()
    })
  }
  const server = createServer({ allowHalfOpen: true }, serve)
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new UsageError(`unable to listen on port ${local}: ${error.message}`)))
    server.listen(local, address, resolve)
  })
  ctx.io.out.write(`Forwarding from ${address}:${(server.address() as AddressInfo).port} -> ${remote}\n`)
  return server
}
