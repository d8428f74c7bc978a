/** CEL expressions of admission: what they may use and what they must give (upstream: apiserver/pkg/admission/plugin/cel/compile.go). */
import { compileExpression } from '#api/cel/compile.ts'
import { type DeclType, listDecl, mapDecl } from '#api/cel/decl-type.ts'
import { type CelEnvironment, celEnvironment } from '#api/cel/environment.ts'
import { authorizerType } from '#api/cel/library-authorizer.ts'
import { boolType, type CelType, dynType, formatType, intType, isDyn, objectType, stringType, timestampType } from '#api/cel/type.ts'
import { type FieldError, invalid } from '#api/meta/field-error.ts'

export interface Declarations {
  /** Whether there is an object that sets up the policy, `params`. */
  params: boolean
  /** Whether an expression may ask what users are allowed to do, `authorizer`. */
  authorizer: boolean
  /** Types of the expressions that stand before, read as `variables.name`. */
  variables?: ReadonlyMap<string, CelType>
}

export interface ExpressionRules extends Declarations {
  /** Types that the value may have, as CEL prints them; any where empty. */
  returns: readonly string[]
  /** What a message shows, where it is not the expression as it is compiled. */
  shown?: string
}

const simple = (type: CelType): DeclType => ({ type, maxElements: 0, minSerializedSize: 0 })
const text = simple(stringType)
const time = simple(timestampType)
const number = simple(intType)

const object = (name: string, fields: Readonly<Record<string, DeclType>>): DeclType => ({
  ...simple(objectType(name)),
  fields: new Map(Object.entries(fields)),
})
const texts = (...names: string[]): Record<string, DeclType> => Object.fromEntries(names.map((name) => [name, text]))
const list = (element: DeclType): DeclType => listDecl(element, -1)
const map = (element: DeclType): DeclType => mapDecl(text, element, -1)

function requestDeclaration(): DeclType {
  const kind = object('kubernetes.GroupVersionKind', texts('group', 'version', 'kind'))
  const resource = object('kubernetes.GroupVersionResource', texts('group', 'version', 'resource'))
  const user = object('kubernetes.UserInfo', { ...texts('username', 'uid'), groups: list(text), extra: map(list(text)) })
  return object('kubernetes.AdmissionRequest', {
    ...texts('subResource', 'requestSubResource', 'name', 'namespace', 'operation'),
    kind,
    resource,
    requestKind: kind,
    requestResource: resource,
    userInfo: user,
    dryRun: simple(boolType),
    options: simple(dynType),
  })
}

function namespaceDeclaration(): DeclType {
  const condition = object('kubernetes.NamespaceCondition', { ...texts('status', 'type', 'message', 'reason'), lastTransitionTime: time })
  const metadata = object('kubernetes.NamespaceMetadata', {
    ...texts('name', 'generateName', 'namespace', 'UID', 'resourceVersion'),
    labels: map(text),
    annotations: map(text),
    finalizers: list(text),
    creationTimestamp: time,
    deletionTimestamp: time,
    deletionGracePeriodSeconds: number,
    generation: number,
  })
  return object('kubernetes.Namespace', {
    metadata,
    spec: object('kubernetes.NamespaceSpec', { finalizers: list(text) }),
    status: object('kubernetes.NamespaceStatus', { conditions: list(condition), phase: text }),
  })
}

let basic: Record<string, CelType | DeclType> | undefined

function environmentOf({ params, authorizer, variables }: Declarations): CelEnvironment {
  basic ??= { object: dynType, oldObject: dynType, namespaceObject: namespaceDeclaration(), request: requestDeclaration() }
  const known = [...(variables ?? [])].map(([name, type]) => [name, simple(type)] as const)
  return celEnvironment({
    variables: {
      ...basic,
      ...(params ? { params: dynType } : {}),
      ...(authorizer
        ? { authorizer: authorizerType, 'authorizer.requestResource': objectType('kubernetes.authorization.ResourceCheck') }
        : {}),
      ...(variables ? { variables: object('kubernetes.variables', Object.fromEntries(known)) } : {}),
    },
  })
}

/** The type of an expression's value, any where it has none, and what is wrong with it. */
export function checkExpression(expression: string, rules: ExpressionRules): { type: CelType; fault: string | undefined } {
  const compiled = compileExpression(expression, environmentOf(rules))
  if (!compiled.ok) return { type: dynType, fault: `compilation failed: ${compiled.error}` }
  const { outputType: type, fault } = compiled.program
  const { returns } = rules
  const given = type.kind === 'null' ? type.name : formatType(type)
  if (returns.length > 0 && !returns.includes(given) && !(isDyn(type) && returns.includes('dyn'))) {
    const wanted = returns.length === 1 ? returns[0] : `one of [${returns.join(' ')}]`
    return { type: dynType, fault: `must evaluate to ${wanted} but got ${given}` }
  }
  return { type, fault: fault === undefined ? undefined : `program instantiation failed: ${fault}` }
}

export function validateExpression(field: string, expression: string, rules: ExpressionRules): FieldError[] {
  const { fault } = checkExpression(expression, rules)
  return fault === undefined ? [] : [invalid(field, rules.shown ?? expression, fault)]
}
