/** kubectl: the command line of a Kubernetes cluster. */
import { enableCompileCache } from 'node:module'

enableCompileCache() // what was compiled once is not compiled at every call; so the rest is imported after this line
const { runCli } = await import('./cli.ts')
const { commands } = await import('./commands/index.ts')

const io = { in: process.stdin, out: process.stdout, err: process.stderr }
// A reader that has seen enough (`| head`) closes the pipe: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
process.exitCode = await runCli(commands, process.argv.slice(2), io)
