/** Rules in CEL of a definition: compiled against their schemas, with a cost that is bounded. */
import type { JsonSchemaProps } from '#api/apiextensions/json-schema.ts'
import { SchemaRules } from '#api/cel/schema-rules.ts'
import type { FieldError } from '#api/meta/field-error.ts'
import type { RuleContext } from './schema-rules.ts'

export interface RuleTotals {
  context: RuleContext
  /** What all rules of the schema together are too expensive for; asked after the walk. */
  totals(path: string): FieldError[]
}

/** `unchanged`: the schema is an old one, whose rules may cost what they cost. */
export function rootRules(schema: JsonSchemaProps, unchanged: boolean): RuleTotals {
  const root = SchemaRules.root(schema, { suppressPerExpressionCost: unchanged })
  return { context: root, totals: (path) => root.totals(path) }
}
