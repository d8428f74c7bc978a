/** What one evaluation carries: variables, loop variables, and the cost so far. */
import type { CelValue } from './value.ts'

/** Ends an evaluation whatever stands around it; thrown, and caught by the program alone. */
export class Aborted {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}

/** Also for functions that see beforehand that nobody could pay for their result. */
export const costExceeded = new Aborted('operation cancelled: actual cost limit exceeded')

export class Frame {
  readonly variables: Readonly<Record<string, CelValue>>
  /** Variables of folds by their slot; undefined is an accumulator that nobody has read yet. */
  readonly slots: (CelValue | undefined)[] = []
  readonly limit: number
  cost = 0

  constructor(variables: Readonly<Record<string, CelValue>>, limit: number) {
    this.variables = variables
    this.limit = limit
  }

  charge(cost: number): void {
    this.cost += cost
    if (this.cost > this.limit) throw costExceeded
  }
}

export type Node = (frame: Frame) => CelValue
