/** Docker's event stream as runtime events: it resubscribes from the last event seen, so that no exit is missed, and says `resync`. */
import { setTimeout as delay } from 'node:timers/promises'
import type { DockerApi } from './docker-api.ts'
import { label } from './docker-container.ts'
import { linesOf } from './lines.ts'
import type { RuntimeEvent } from './runtime.ts'

interface DockerEvent {
  Action: string
  Actor: { ID: string; Attributes: Record<string, string> }
  timeNano: number
}

const types: Readonly<Record<string, 'started' | 'died' | 'removed'>> = { start: 'started', die: 'died', destroy: 'removed' }
const filters = JSON.stringify({ type: ['container'], event: Object.keys(types), label: [`${label.type}=container`] })

/** Nanoseconds as Docker's `since` wants them. JSON has rounded them already, so a few events come twice: they are only hints to look. */
const since = (nanos: number): string => `${Math.floor(nanos / 1e9)}.${String(Math.floor(nanos % 1e9)).padStart(9, '0')}`

export async function* dockerEvents(api: DockerApi, signal: AbortSignal): AsyncGenerator<RuntimeEvent> {
  let last: number | undefined
  let backoffMs = 100
  for (let connection = 0; !signal.aborted; connection += 1) {
    try {
      const query = { filters, ...(last === undefined ? {} : { since: since(last) }) }
      const body = await api.stream('GET', '/events', { query, signal, timeoutMs: 30_000 })
      if (connection > 0) yield { type: 'resync' }
      for await (const line of linesOf(body)) {
        const event = JSON.parse(line) as DockerEvent
        last = Math.max(last ?? 0, event.timeNano)
        backoffMs = 100
        const type = types[event.Action]
        if (type === undefined) continue
        const podUid = event.Actor.Attributes[label.podUid] ?? ''
        yield { type, containerId: event.Actor.ID, podUid, at: new Date(event.timeNano / 1e6) }
      }
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof Error)) throw error
    }
    await delay(backoffMs, undefined, { signal }).catch(() => undefined)
    backoffMs = Math.min(backoffMs * 2, 5000)
  }
}
