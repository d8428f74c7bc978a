/** A pod's plan while it is being drawn up: leaves out what is under way and remembers when to look again. */
import { actionKey, type PodAction, type PodPlan, type PodSeen } from '#kubelet/pods/pod-actions.ts'

/** Collects actions and the earliest moment to look again. */
export class PlanDraft {
  readonly now: Date
  readonly #seen: PodSeen
  readonly #actions: PodAction[] = []
  #recheckAt: number | undefined

  constructor(seen: PodSeen, now: Date) {
    this.#seen = seen
    this.now = now
  }

  /** Adds the action unless it is under way or failed too short a time ago. */
  add(action: PodAction): void {
    const key = actionKey(action)
    if (!this.#seen.inFlight.has(key) && this.isDue(this.#seen.notBefore.get(key))) this.#actions.push(action)
  }

  /** A kill under way is joined by another one only if that one ends sooner. */
  kill(action: Extract<PodAction, { verb: 'killContainer' }>): void {
    const key = actionKey(action)
    if (!this.isDue(this.#seen.notBefore.get(key))) return
    const underWay = this.#seen.inFlight.get(key)
    const until = this.now.getTime() + action.graceSeconds * 1000
    if (!underWay || (underWay.until !== undefined && until + 1000 < underWay.until.getTime())) this.#actions.push(action)
  }

  /** True when `at` has come; otherwise the plan looks again then. */
  isDue(at: Date | undefined): boolean {
    if (!at || at <= this.now) return true
    this.#recheckAt = Math.min(this.#recheckAt ?? Number.POSITIVE_INFINITY, at.getTime())
    return false
  }

  plan(): PodPlan {
    if (this.#recheckAt === undefined) return { actions: this.#actions }
    return { actions: this.#actions, recheckAfterMs: Math.max(1, this.#recheckAt - this.now.getTime()) }
  }
}
