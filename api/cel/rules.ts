/** The rules of one schema node (`x-kubernetes-validations`), compiled (apiextensions-apiserver, schema/cel/compilation.go). */
import type { ValidationRule } from '#api/apiextensions/json-schema.ts'
import { resolveFieldPath } from '#api/structural/field-path.ts'
import type { Structural } from '#api/structural/schema.ts'
import { compileExpression } from './compile.ts'
import { type DeclType, withTypeNames } from './decl-type.ts'
import { type CelEnvironment, celEnvironment } from './environment.ts'
import type { Program } from './program.ts'
import { optionalType } from './type.ts'

export interface CompiledRule {
  readonly rule: ValidationRule
  /** Missing where the rule is blank or broken. */
  readonly program: Program | undefined
  /** Why it is broken. */
  readonly error: string | undefined
  readonly usesOldSelf: boolean
  /** Worst case of the rule's estimated cost. */
  readonly maxCost: number
  readonly message: Program | undefined
  readonly messageError: string | undefined
  /** The rule's fieldPath as fields are written. */
  readonly fieldPath: string | undefined
}

const broken = (rule: ValidationRule, error?: string): CompiledRule => ({
  rule,
  error,
  program: undefined,
  usesOldSelf: false,
  maxCost: 0,
  message: undefined,
  messageError: undefined,
  fieldPath: undefined,
})

/** Compiles the rules that stand at a node of this declaration. */
export function compileRules(schema: Structural, decl: DeclType): readonly CompiledRule[] {
  const named = withTypeNames(decl, 'selfType')
  let environments: { plain: CelEnvironment; optional: CelEnvironment } | undefined
  return (schema['x-kubernetes-validations'] ?? []).map((rule) => {
    environments ??= {
      plain: celEnvironment({ variables: { self: named, oldSelf: named }, bounds: named }),
      optional: celEnvironment({ variables: { self: named, oldSelf: optionalType(named.type) }, bounds: named }),
    }
    return compileRule(rule, schema, rule.optionalOldSelf === true ? environments.optional : environments.plain)
  })
}

function compileRule(rule: ValidationRule, schema: Structural, env: CelEnvironment): CompiledRule {
  if (rule.rule.trim() === '') return broken(rule)
  const compiled = compileExpression(rule.rule, env)
  if (!compiled.ok) return broken(rule, `compilation failed: ${compiled.error}`)
  const { program } = compiled
  if (program.outputType.kind !== 'bool') return broken(rule, 'cel expression must evaluate to a bool')
  const usesOldSelf = program.usesVariable('oldSelf')
  if (program.fault !== undefined) return { ...broken(rule, `program instantiation failed: ${program.fault}`), usesOldSelf }
  const message = compileMessage(rule.messageExpression ?? '', env)
  return {
    rule,
    program,
    error: undefined,
    usesOldSelf,
    maxCost: program.estimatedCost.max,
    message: message.program,
    messageError: message.error,
    fieldPath: fieldPathOf(rule, schema),
  }
}

function compileMessage(expression: string, env: CelEnvironment): { program?: Program; error?: string } {
  if (expression === '') return {}
  const compiled = compileExpression(expression, env)
  if (!compiled.ok) return { error: `messageExpression compilation failed: ${compiled.error}` }
  const { program } = compiled
  if (program.outputType.kind !== 'string') return { error: 'messageExpression must evaluate to a string' }
  return program.fault === undefined ? { program } : { error: `messageExpression instantiation failed: ${program.fault}` }
}

function fieldPathOf(rule: ValidationRule, schema: Structural): string | undefined {
  if (rule.fieldPath === undefined || rule.fieldPath === '') return undefined
  const resolved = resolveFieldPath(rule.fieldPath, schema)
  return resolved.ok ? resolved.path : undefined
}

/** How a rule is named in errors: its message, or its own text. */
export function ruleText(rule: ValidationRule): string {
  return (rule.message || rule.rule).trim()
}
