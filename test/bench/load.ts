/** Sends the same GET over many kept-alive connections and counts, without reading the bodies into strings. */
import { Agent, request } from 'node:https'

export interface Target {
  port: number
  ca: Buffer
  cert: Buffer
  key: Buffer
}

export interface LoadResult {
  requests: number
  bytes: number
  wallMs: number
  latenciesMs: readonly number[]
}

export async function load(
  target: Target,
  path: string,
  { connections, requests }: { connections: number; requests: number },
): Promise<LoadResult> {
  const agent = new Agent({ ...target, host: '127.0.0.1', keepAlive: true, maxSockets: connections })
  const latenciesMs: number[] = []
  let bytes = 0
  let left = requests
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const started = performance.now()
      request({ agent, host: '127.0.0.1', port: target.port, path, headers: { accept: 'application/json' } }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`${path}: ${response.statusCode}`))
        response.on('data', (chunk: Buffer) => (bytes += chunk.length))
        response.on('end', () => {
          latenciesMs.push(performance.now() - started)
          resolve()
        })
        response.on('error', reject)
      })
        .on('error', reject)
        .end()
    })
  const worker = async (): Promise<void> => {
    while (left-- > 0) await one()
  }
  const started = performance.now()
  await Promise.all(Array.from({ length: connections }, worker))
  const wallMs = performance.now() - started
  agent.destroy()
  return { requests, bytes, wallMs, latenciesMs }
}
