/** What a controller decides: actions as plain data, each with the reason for it. Only the runner carries them out. */
import type { KubeObject, New } from '#api/resource.ts'
import type { Ref, ResourceType } from '#client/resource-path.ts'
import type { Patch } from '#client/rest.ts'

/** An event to write about `about` once the action is done. `{name}` in the message is the name of the object acted upon, `{error}` the failure. */
export interface ActionEvent {
  about: Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>
  type: 'Normal' | 'Warning'
  reason: string
  message: string
}

interface ActionBase {
  /** Why, for the log: short, lower case, the same words for the same cause. */
  reason: string
  event?: ActionEvent
  failureEvent?: ActionEvent
  /** News that may come late, as more of it is close behind: done once it has been wanted that long, or beside what may not wait. */
  mayWaitMs?: number
}
/** The server refuses the write with a conflict where the object is another one by now. */
interface Preconditions {
  uid?: string
  resourceVersion?: string
}

export type Action = ActionBase &
  (
    | { verb: 'create'; type: ResourceType; object: New<KubeObject> }
    | { verb: 'update' | 'updateStatus' | 'finalize'; type: ResourceType; object: KubeObject }
    | { verb: 'updateScale'; type: ResourceType; ref: Ref; replicas: number; preconditions?: Preconditions }
    | { verb: 'patch'; type: ResourceType; ref: Ref; patch: Patch; subresource?: string }
    | {
        verb: 'delete'
        type: ResourceType
        ref: Ref
        preconditions?: Preconditions
        gracePeriodSeconds?: number
        propagationPolicy?: 'Orphan' | 'Background' | 'Foreground'
      }
    | { verb: 'evict'; ref: Ref; preconditions?: Preconditions; gracePeriodSeconds?: number }
    | { verb: 'deleteCollection'; type: ResourceType; namespace?: string; labelSelector?: string; fieldSelector?: string }
  )
export type Verb = Action['verb']

/** Actions that do not depend on each other, done in growing batches of 1, 2, 4, …: when one fails, the batches after it are not tried. */
export interface Batch {
  parallel: readonly Action[]
}

export interface Plan {
  /** In order; what stands behind a failure is not done. */
  actions: readonly (Action | Batch)[]
  /** Look at the key again after this time even if nothing changes. */
  recheckAfterMs?: number
  /** Events that go with no write. */
  events?: readonly ActionEvent[]
}

export const nothing: Plan = { actions: [] }
