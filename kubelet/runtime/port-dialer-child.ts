/** Runs inside a pod's network namespace: connects to the ports it is told, and gives each connection to its parent. Ends with the parent. */
import net from 'node:net'

function connect(request: { id: number; port: number }, hosts: readonly string[]): void {
  const [host, ...others] = hosts
  if (host === undefined) return
  const socket = net.connect({ host, port: request.port })
  // What the server says first must be read by the one who gets the socket.
  socket.pause()
  socket.once('connect', () => {
    socket.removeAllListeners('error')
    process.send?.({ id: request.id }, socket)
  })
  socket.once('error', (error) => {
    if (others.length > 0) connect(request, others)
    else process.send?.({ id: request.id, port: request.port, error: error.message, code: (error as NodeJS.ErrnoException).code })
  })
}

process.on('message', (request: { id: number; port: number }) => connect(request, ['127.0.0.1', '::1']))
process.on('disconnect', () => process.exit(0))
