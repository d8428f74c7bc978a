/** Visits every node of a tree, parents first. */
import { childrenOf, type Expr } from './ast.ts'

export function walk(root: Expr, visit: (expr: Expr) => void): void {
  visit(root)
  for (const child of childrenOf(root)) walk(child, visit)
}
