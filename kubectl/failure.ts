/** How a failure is told: upstream's words on stderr, and the exit code. The one place that turns errors into text. */
import { ApiError } from '#api/meta/status.ts'
import { ConnectionError } from '#client/transport.ts'
import { ExitError, UsageError } from './command.ts'

export interface Told {
  code: number
  lines: readonly string[]
}

export function tell(error: unknown, where: { server: string }): Told {
  if (error instanceof ExitError) return { code: error.code, lines: [] }
  if (error instanceof ApiError) return { code: 1, lines: [serverLine(error)] }
  if (error instanceof ConnectionError) return { code: 1, lines: connectionLines(error, where.server) }
  if (error instanceof AggregateError) return { code: 1, lines: error.errors.flatMap((e) => tell(e, where).lines) }
  if (error instanceof UsageError || error instanceof Error) return { code: 1, lines: [`error: ${error.message}`] }
  return { code: 1, lines: [`error: ${String(error)}`] }
}

function serverLine(error: ApiError): string {
  if (error.code === 401) return 'error: You must be logged in to the server (Unauthorized)'
  // A validation failure already says which object is invalid and why.
  if (error.reason === 'Invalid') return error.message.startsWith('The ') ? error.message : `The ${error.message}`
  return `Error from server${error.reason === '' ? '' : ` (${error.reason})`}: ${error.message}`
}

function connectionLines(error: ConnectionError, server: string): readonly string[] {
  if (error.code === 'ECONNREFUSED') {
    const host = server.replace(/^https?:\/\//, '')
    return [
      `The connection to the server ${host} was refused - did you specify the right host or port?`,
      'Nothing listens there: if this is the local cluster, npm start brings it up.',
    ]
  }
  return [`Unable to connect to the server: ${error.message}`]
}
