/** Docker's event stream as runtime events: it resubscribes from the last event seen, so that no exit is missed, and says `resync`. */
import { setTimeout as delay } from 'node:timers/promises'
import type { DockerApi } from './docker-api.ts'
import { label } from './docker-container.ts'
import { linesOf } from './lines.ts'
import type { RuntimeEvent } from './runtime.ts'
import { sandboxLabel } from './sandbox/pause-container.ts'

interface DockerEvent {
  Type: string
  Action: string
  Actor: { ID: string; Attributes: Record<string, string> }
  timeNano: number
}

/** What is told beside the runtime's events. */
export interface EventSink {
  /** Whether events are heard. After a time of deafness anything may have changed. */
  hearing(isHearing: boolean): void
  created(containerId: string, labels: Readonly<Record<string, string>>): void
  imagesChanged(): void
  /** Whether the sandbox is to end: the death of what holds it is no news then. */
  isEnding(sandboxId: string): boolean
}

const types: Readonly<Record<string, 'started' | 'died' | 'removed'>> = { start: 'started', die: 'died', destroy: 'removed' }
const imageActions = ['delete', 'import', 'load', 'pull', 'tag', 'untag', 'prune']
const filters = JSON.stringify({ type: ['container', 'image'], event: ['create', ...Object.keys(types), ...imageActions] })

/** Nanoseconds as Docker's `since` wants them. JSON has rounded them already, so a few events come twice: they are only hints to look. */
const since = (nanos: number): string => `${Math.floor(nanos / 1e9)}.${String(Math.floor(nanos % 1e9)).padStart(9, '0')}`

export async function* dockerEvents(api: DockerApi, sink: EventSink, signal: AbortSignal): AsyncGenerator<RuntimeEvent> {
  let last: number | undefined
  let backoffMs = 100
  for (let connection = 0; !signal.aborted; connection += 1) {
    try {
      const query = { filters, ...(last === undefined ? {} : { since: since(last) }) }
      const body = await api.stream('GET', '/events', { query, signal, timeoutMs: 30_000 })
      sink.hearing(true)
      if (connection > 0) yield { type: 'resync' }
      for await (const line of linesOf(body)) {
        const event = JSON.parse(line) as DockerEvent
        last = Math.max(last ?? 0, event.timeNano)
        backoffMs = 100
        const told = tellOf(event, sink)
        if (told !== undefined) yield told
      }
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof Error)) throw error
    } finally {
      sink.hearing(false)
    }
    await delay(backoffMs, undefined, { signal }).catch(() => undefined)
    backoffMs = Math.min(backoffMs * 2, 5000)
  }
}

/** Containers that are not of pods are nothing to us. */
function tellOf({ Type, Action, Actor, timeNano }: DockerEvent, sink: EventSink): RuntimeEvent | undefined {
  if (Type === 'image') sink.imagesChanged()
  const kind = Actor.Attributes[label.type]
  if (Type !== 'container') return undefined
  if (kind === sandboxLabel && Action === 'die' && !sink.isEnding(Actor.Attributes[label.sandboxId] ?? '')) return { type: 'resync' }
  if (kind !== 'container') return undefined
  if (Action === 'create') sink.created(Actor.ID, Actor.Attributes)
  const type = types[Action]
  const podUid = Actor.Attributes[label.podUid] ?? ''
  return type === undefined ? undefined : { type, containerId: Actor.ID, podUid, at: new Date(timeNano / 1e6) }
}
