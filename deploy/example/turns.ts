/** Asks a service several times, each time by a connection of its own, and judges whether its pods took strict turns. */
import { get } from 'node:http'

/** Body of the answer; rejects on anything but 200. */
export function ask(url: string, timeoutMs = 3000): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const request = get(url, { agent: false, timeout: timeoutMs }, (reply) => {
    let text = ''
    reply.setEncoding('utf8')
    reply.on('data', (chunk: string) => {
      text += chunk
    })
    reply.on('end', () => (reply.statusCode === 200 ? resolve(text.trim()) : reject(new Error(`${url}: status ${reply.statusCode}`))))
    reply.on('error', reject)
  })
  request.on('timeout', () => request.destroy(new Error(`${url}: no answer in ${timeoutMs} ms`)))
  request.on('error', reject)
  return promise
}

/** `Hello from hello-5c7b-x2x on node-1` → `hello-5c7b-x2x`. Pure. */
export function podOf(answer: string): string {
  return / from (\S+)/.exec(answer)?.[1] ?? answer
}

/** Strict turns: the sequence repeats itself after as many answers as there are pods. Pure. */
export function tookTurns(pods: readonly string[]): boolean {
  const distinct = new Set(pods).size
  return (
    pods.every((pod, index) => index < distinct || pod === pods[index - distinct]) && new Set(pods.slice(0, distinct)).size === distinct
  )
}
