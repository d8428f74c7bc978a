/** Rules in CEL of a definition: compiled against their schemas, with a cost that is bounded. */
import type { JsonSchemaProps } from '#api/apiextensions/json-schema.ts'
import type { FieldError } from '#api/meta/field-error.ts'
import type { Requirements } from './requirements.ts'
import type { RuleContext } from './schema-rules.ts'

export interface RuleTotals {
  context: RuleContext
  /** What all rules of the schema together are too expensive for; asked after the walk. */
  totals(path: string): FieldError[]
}

export function rootRules(_schema: JsonSchemaProps, _needs: Requirements, _unchanged: boolean): RuleTotals | undefined {
  return undefined
}
