/** CEL expressions of admission: what they may use and what they must give. */
import type { FieldError } from '#api/meta/field-error.ts'

export interface Declarations {
  /** Whether there is an object that sets up the policy, `params`. */
  params: boolean
  /** Whether an expression may ask what users are allowed to do, `authorizer`. */
  authorizer: boolean
  /** Names of the expressions that stand before, read as `variables.name`. */
  variables?: readonly string[]
}

export interface ExpressionRules extends Declarations {
  /** Types that the value may have, as CEL prints them. */
  returns: readonly string[]
}

/** Not compiled yet: every text passes. */
export const validateExpression = (_field: string, _expression: string, _rules: ExpressionRules): FieldError[] => []
