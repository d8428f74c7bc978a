/** What exec and attach say on the wire: channels, sub-protocols, and the status that ends a session. Pure. */

export interface TerminalSize {
  width: number
  height: number
}

export const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const

/** Sub-protocols over WebSocket, best first. `v5` can close a channel; versions before 4 end with text in place of a Status. */
export const webSocketProtocols = [
  'v5.channel.k8s.io',
  'v4.channel.k8s.io',
  'v4.base64.channel.k8s.io',
  'v3.channel.k8s.io',
  'v2.channel.k8s.io',
  'channel.k8s.io',
  'base64.channel.k8s.io',
] as const

/** Sub-protocols over SPDY, best first. Version 1 has no resize stream, nor has 2. */
export const spdyProtocols = ['v4.channel.k8s.io', 'v3.channel.k8s.io', 'v2.channel.k8s.io', 'channel.k8s.io'] as const

export const isBase64 = (protocol: string): boolean => protocol.includes('base64.')
export const endsWithStatus = (protocol: string): boolean => /^v[45]\./.test(protocol)
export const canCloseChannels = (protocol: string): boolean => protocol.startsWith('v5.')

/** The first of ours that the peer offers; an empty offer is the oldest protocol. Undefined when nothing fits. */
export function choose(ours: readonly string[], offered: readonly string[]): string | undefined {
  if (offered.length === 0) return ''
  return ours.find((protocol) => offered.includes(protocol))
}

/** How a session ended: the command's exit code, or why there is none. */
export type Outcome = { exitCode: number } | { error: string }

interface Status {
  metadata: Record<string, unknown>
  status: string
  message?: string
  reason?: string
  details?: { causes?: { reason?: string; message?: string }[] }
  code?: number
}

/** The body of the error channel at the end: a Status since version 4, before that a text that is there only after a failure. */
export function endingText(outcome: Outcome, protocol: string): string {
  const status = statusOf(outcome)
  if (endsWithStatus(protocol)) return JSON.stringify(status)
  return status.status === 'Success' ? '' : (status.message ?? '')
}

export function statusOf(outcome: Outcome): Status {
  if ('error' in outcome) {
    const message = `Internal error occurred: ${outcome.error}`
    return {
      metadata: {},
      status: 'Failure',
      message,
      reason: 'InternalError',
      details: { causes: [{ message: outcome.error }] },
      code: 500,
    }
  }
  if (outcome.exitCode === 0) return { metadata: {}, status: 'Success' }
  const message = `command terminated with non-zero exit code: exit status ${outcome.exitCode}`
  const causes = [{ reason: 'ExitCode', message: String(outcome.exitCode) }]
  return { metadata: {}, status: 'Failure', message, reason: 'NonZeroExitCode', details: { causes } }
}

/** Reads what the error channel said. An empty one is a success in the versions before 4. */
export function outcomeOf(text: string): Outcome {
  if (text === '') return { exitCode: 0 }
  let status: Status
  try {
    status = JSON.parse(text) as Status
  } catch {
    return { error: text }
  }
  if (status.status === 'Success') return { exitCode: 0 }
  const cause = status.details?.causes?.find(({ reason }) => reason === 'ExitCode')
  const exitCode = Number(cause?.message)
  return status.reason === 'NonZeroExitCode' && Number.isInteger(exitCode) ? { exitCode } : { error: status.message ?? text }
}

/** A message of the resize channel: `{"Width":80,"Height":24}`. Undefined for anything else. */
export function parseSize(text: string): TerminalSize | undefined {
  try {
    const { Width, Height } = JSON.parse(text) as { Width?: unknown; Height?: unknown }
    return typeof Width === 'number' && typeof Height === 'number' ? { width: Width, height: Height } : undefined
  } catch {
    return undefined
  }
}

export const sizeText = (size: TerminalSize): string => JSON.stringify({ Width: size.width, Height: size.height })
