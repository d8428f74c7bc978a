/** A compiled expression: what compileExpression (compile.ts) answers, and what callers see of an evaluation. */
import type { CelType } from './type.ts'
import type { CelValue } from './value.ts'

/** `error` is upstream's text with positions: `ERROR: <input>:1:6: undeclared reference to 'foo' (in container '')\n | …`. */
export type CompileResult = { ok: true; program: Program } | { ok: false; error: string }

/** The units of cel-go's cost model, 0 to 2^64. */
export interface CostRange {
  min: number
  max: number
}

export interface Program {
  readonly outputType: CelType
  /** Whether the expression reads the variable. */
  usesVariable(name: string): boolean
  /** The worst and best case, from the bounds in the declared types; counted on first use. */
  readonly estimatedCost: CostRange
  /** Why the expression cannot run although its types fit, such as a pattern that does not compile; found on first use. */
  readonly fault: string | undefined
  /** Runs the expression; never throws. Over `costLimit` the outcome is the error `operation cancelled: actual cost limit exceeded`. */
  evaluate(variables: Readonly<Record<string, CelValue>>, costLimit?: number): Outcome
}

export type Outcome = { ok: true; value: CelValue; cost: number } | { ok: false; error: string; cost: number }

/** Limits of apiserver, pkg/apis/cel/config.go, and of apiextensions' validation. */
export const costLimits = {
  /** One evaluation. */
  perCall: 1_000_000,
  /** All rules of one custom resource, or of one policy binding, in one request. */
  perRequest: 10_000_000,
  /** All match conditions of one webhook or binding. */
  matchConditions: 2_500_000,
  /** Estimate of one expression. */
  estimatedPerExpression: 10_000_000,
  /** Estimates of all expressions of one schema. */
  estimatedPerSchema: 100_000_000,
} as const
