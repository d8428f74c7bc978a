/** Source text to a program: parse, check, plan. Everything costly is done once, and the rest when it is first asked for. */
import type { Expr } from './ast.ts'
import { check } from './checker.ts'
import type { CelEnvironment } from './environment.ts'
import { estimateCost } from './estimate.ts'
import { Aborted, Frame, type Node } from './frame.ts'
import { Issues } from './issues.ts'
import { checkLiterals } from './literal-checks.ts'
import { parse } from './parser.ts'
import { PlanFault, planProgram } from './planner.ts'
import type { CompileResult, CostRange, Outcome, Program } from './program.ts'
import type { CelType } from './type.ts'
import { CelError, type CelValue } from './value.ts'
import { walk } from './walk.ts'

/** Never throws: what is wrong with the text is in the result. */
export function compileExpression(source: string, env: CelEnvironment): CompileResult {
  const issues = new Issues(source)
  const root = parse(source, issues)
  if (issues.count > 0) return { ok: false, error: issues.toString() }
  const outputType = check(root, env, issues)
  if (issues.count === 0) checkLiterals(root, issues)
  if (issues.count > 0) return { ok: false, error: issues.toString() }
  return { ok: true, program: new CompiledProgram(root, env, outputType) }
}

class CompiledProgram implements Program {
  readonly outputType: CelType
  readonly #root: Expr
  readonly #env: CelEnvironment
  #planned: { node: Node } | { fault: string } | undefined
  #cost: CostRange | undefined

  constructor(root: Expr, env: CelEnvironment, outputType: CelType) {
    this.#root = root
    this.#env = env
    this.outputType = outputType
  }

  usesVariable(name: string): boolean {
    let used = false
    walk(this.#root, (expr) => {
      used ||= (expr.kind === 'ident' && expr.name === name) || (expr.kind === 'select' && expr.qualified === name)
    })
    return used
  }

  get estimatedCost(): CostRange {
    this.#cost ??= estimateCost(this.#root, this.#env)
    return this.#cost
  }

  get fault(): string | undefined {
    const planned = this.#plan()
    return 'fault' in planned ? planned.fault : undefined
  }

  evaluate(variables: Readonly<Record<string, CelValue>>, costLimit = Number.POSITIVE_INFINITY): Outcome {
    const planned = this.#plan()
    if ('fault' in planned) return { ok: false, error: planned.fault, cost: 0 }
    const frame = new Frame(variables, costLimit)
    try {
      const value = planned.node(frame)
      if (value instanceof CelError) return { ok: false, error: value.message, cost: frame.cost }
      return { ok: true, value, cost: frame.cost }
    } catch (error) {
      if (error instanceof Aborted) return { ok: false, error: error.message, cost: frame.cost }
      if (error instanceof RangeError) return { ok: false, error: `internal error: ${error.message}`, cost: frame.cost }
      throw error
    }
  }

  #plan(): { node: Node } | { fault: string } {
    this.#planned ??= planned(this.#root, this.#env)
    return this.#planned
  }
}

function planned(root: Expr, env: CelEnvironment): { node: Node } | { fault: string } {
  try {
    return { node: planProgram(root, env) }
  } catch (fault) {
    if (fault instanceof PlanFault) return { fault: fault.message }
    throw fault
  }
}
