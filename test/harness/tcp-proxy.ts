/** A TCP proxy that breaks connections on demand: cut off, or silent while it stays open. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface TcpProxy extends AsyncDisposable {
  port: number
  /** Ends all connections and refuses new ones. */
  cut(): void
  /** Connections stay open and nothing passes any more, as when a cable is pulled. */
  silence(): void
  /** New connections work again. Silenced ones stay silent. */
  restore(): void
}

export async function tcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  let isOpen = true
  const server = createServer((client) => {
    if (!isOpen) {
      client.destroy()
      return
    }
    const upstream = connect(target)
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
      from.pipe(to)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const destroyAll = (): void => {
    for (const socket of [...sockets]) socket.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      isOpen = false
      destroyAll()
    },
    silence() {
      isOpen = false
      for (const socket of sockets) {
        socket.unpipe()
        socket.pause()
      }
    },
    restore() {
      isOpen = true
    },
    async [Symbol.asyncDispose]() {
      server.close()
      destroyAll()
    },
  }
}
