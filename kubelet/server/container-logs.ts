/** /containerLogs: which attempt of the container is meant, and what of its log. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Pod } from '#api/core/pod.ts'
import type { ContainerStatus } from '#api/core/pod-status.ts'
import { type LogOptions, readLog } from '#kubelet/logs/read-log.ts'
import type { Container } from '#kubelet/runtime/runtime.ts'
import { attemptsOf, type ContainerPath, containerNames, findPod, ServerError, type ServerHost } from './host.ts'

export interface LogQuery extends LogOptions {
  previous: boolean
}

const flag = (text: string | null): boolean => text !== null && text !== '' && text !== 'false' && text !== '0'

/** PodLogOptions from a query. Pure. Throws ServerError: 400 for what is no number or time, 422 for what may not be. */
export function parseLogQuery(query: URLSearchParams, now: Date): LogQuery {
  const number = (name: string): number | undefined => {
    const text = query.get(name)
    if (text === null || text === '') return undefined
    if (!/^[+-]?\d+$/.test(text)) throw new ServerError(400, '{"message": "Unable to decode query."}')
    return Number(text)
  }
  const tail = query.get('tail')
  const tailLines = tail === null ? number('tailLines') : tail === 'all' ? undefined : number('tail')
  const [limitBytes, sinceSeconds] = [number('limitBytes'), number('sinceSeconds')]
  const sinceText = query.get('sinceTime')
  const sinceTime = sinceText === null || sinceText === '' ? undefined : new Date(sinceText)
  if (sinceTime !== undefined && Number.isNaN(sinceTime.getTime())) throw new ServerError(400, '{"message": "Unable to decode query."}')
  const streamName = query.get('stream') ?? 'All'
  const invalid =
    (tailLines ?? 0) < 0 ||
    (limitBytes ?? 1) < 1 ||
    (sinceSeconds ?? 1) < 1 ||
    (sinceSeconds !== undefined && sinceTime !== undefined) ||
    !['All', 'Stdout', 'Stderr'].includes(streamName) ||
    (streamName !== 'All' && tailLines !== undefined)
  if (invalid) throw new ServerError(422, '{"message": "Invalid request."}')
  const since = sinceSeconds === undefined ? sinceTime : new Date(now.getTime() - sinceSeconds * 1000)
  return {
    follow: flag(query.get('follow')),
    previous: flag(query.get('previous')),
    timestamps: flag(query.get('timestamps')),
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
    ...(since === undefined ? {} : { since }),
    ...(streamName === 'All' ? {} : { stream: streamName === 'Stdout' ? 'stdout' : 'stderr' }),
  }
}

/** The attempt whose log is asked for. Pure; `attempts` newest first. Throws ServerError in upstream's words when there is none. */
export function chooseAttempt(pod: Pod, name: string, attempts: readonly Container[], previous: boolean): Container {
  const where = `container ${JSON.stringify(name)} in pod ${JSON.stringify(pod.metadata.name)}`
  const begun = attempts.filter((attempt) => attempt.state !== 'created')
  if (previous) {
    // As of a pod that the node refused.
    if (statusOf(pod, name) === undefined && begun.length === 0) throw new ServerError(400, `${where} is not available`)
    const told = lastTerminated(pod, name)
    const ended =
      begun.find((attempt) => attempt.state === 'exited' && attempt.id === told) ??
      begun.slice(attempts[0]?.state === 'created' ? 0 : 1).find((attempt) => attempt.state === 'exited')
    if (ended !== undefined) return ended
    throw new ServerError(400, told === undefined ? `previous terminated ${where} not found` : collectedText(told))
  }
  const [newest] = begun
  if (newest !== undefined) return newest
  const ended = statusOf(pod, name)?.state?.terminated?.containerID ?? statusOf(pod, name)?.lastState?.terminated?.containerID
  throw new ServerError(400, ended ? collectedText(ended) : `${where} is ${waitingText(pod, name)}`)
}

/** The status knows a container that the runtime has no more. */
const collectedText = (id: string): string => `unable to retrieve container logs for ${id.includes('://') ? id : `docker://${id}`}`

/** While a container waits for its restart, the one that ended last is the previous one. */
function lastTerminated(pod: Pod, name: string): string | undefined {
  return statusOf(pod, name)?.lastState?.terminated?.containerID?.replace(/^.*:\/\//, '')
}

function statusOf(pod: Pod, name: string): ContainerStatus | undefined {
  const { containerStatuses, initContainerStatuses, ephemeralContainerStatuses } = pod.status ?? {}
  const all = [...(containerStatuses ?? []), ...(initContainerStatuses ?? []), ...(ephemeralContainerStatuses ?? [])]
  return all.find((each) => each.name === name)
}

function waitingText(pod: Pod, name: string): string {
  const status = statusOf(pod, name)
  if (status === undefined) return 'not available'
  if (status.state?.terminated !== undefined) return 'terminated'
  const reason = status.state?.waiting?.reason
  if (reason === undefined) return 'waiting to start - no logs yet'
  if (reason === 'ErrImagePull') return "waiting to start: image can't be pulled"
  if (reason === 'ImagePullBackOff') return 'waiting to start: trying and failing to pull image'
  return `waiting to start: ${reason}`
}

export async function serveContainerLogs(
  host: ServerHost,
  path: ContainerPath & { container: string },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const query = parseLogQuery(new URL(request.url ?? '/', 'http://localhost').searchParams, new Date())
  const pod = findPod(host, path)
  if (pod === undefined) throw new ServerError(404, `pod ${JSON.stringify(path.pod)} does not exist`)
  if (!containerNames(pod).includes(path.container)) {
    throw new ServerError(404, `container ${JSON.stringify(path.container)} not found in pod ${JSON.stringify(path.pod)}`)
  }
  const attempts = await attemptsOf(host, pod, path.container)
  const { id } = chooseAttempt(pod, path.container, attempts, query.previous)
  const file = await host.runtime.logFile(id)
  const running = async () => (await attemptsOf(host, pod, path.container)).some((each) => each.id === id && each.state === 'running')
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' })
  // A follower learns at once that it is served, though nothing may be written for long.
  response.flushHeaders()
  try {
    await pipeline(Readable.from(readLog({ ...file, running }, query, gone.signal)), response)
  } catch (error) {
    // The client went away, which is how most followers end.
    if (!gone.signal.aborted) throw error
  }
}
