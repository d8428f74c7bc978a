/** Asks the other parts of the control plane for their health, on the ports that upstream gives them. */
import { request } from 'node:https'
import type { ComponentChecks, ComponentHealth } from './endpoints/component-statuses.ts'

const longestMs = 20_000
/** Certificates are not checked: whoever sits on these ports of this machine is what is asked about. */
const addresses = [
  ['scheduler', 10259],
  ['controller-manager', 10257],
] as const

/** What Go says of a connection that fails. */
function dialText(url: string, port: number, error: NodeJS.ErrnoException): string {
  const why = error.code === 'ECONNREFUSED' ? `dial tcp 127.0.0.1:${port}: connect: connection refused` : error.message
  return `Get ${JSON.stringify(url)}: ${why}`
}

function askHealth(port: number): Promise<ComponentHealth> {
  const url = `https://127.0.0.1:${port}/healthz`
  return new Promise((resolve) => {
    const asked = request(url, { rejectUnauthorized: false, agent: false, signal: AbortSignal.timeout(longestMs) }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => {
        text = `${text}${part}`.slice(0, 10_240)
      })
      response.on('end', () => {
        const code = response.statusCode ?? 0
        const healthy = code >= 200 && code < 400
        resolve(healthy ? { healthy, message: text } : { healthy, message: `HTTP probe failed with statuscode: ${code}` })
      })
      response.on('error', (error) => resolve({ healthy: false, message: dialText(url, port, error) }))
    })
    asked.on('error', (error) => resolve({ healthy: false, message: dialText(url, port, error) }))
    asked.end()
  })
}

/** `store` rejects where the store does not answer. */
export function componentChecks(store: (signal: AbortSignal) => Promise<void>): ComponentChecks {
  const etcd = async (): Promise<ComponentHealth> => {
    try {
      await store(AbortSignal.timeout(longestMs))
      return { healthy: true, message: 'ok' }
    } catch (error) {
      return { healthy: false, error: error instanceof Error ? error.message : String(error) }
    }
  }
  return new Map([...addresses.map(([name, port]) => [name, () => askHealth(port)] as const), ['etcd-0', etcd] as const])
}
