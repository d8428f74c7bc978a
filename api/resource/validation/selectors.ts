/** CEL selectors of devices (upstream: dynamic-resource-allocation/cel). */
import { compileExpression } from '#api/cel/compile.ts'
import { type DeclType, mapDecl } from '#api/cel/decl-type.ts'
import { type CelEnvironment, celEnvironment } from '#api/cel/environment.ts'
import { anyType, type CelType, formatType, objectType, stringType } from '#api/cel/type.ts'
import { type FieldError, forbidden, invalid, required, tooLong } from '#api/meta/field-error.ts'
import type { DeviceSelector } from '#api/resource/device-claim.ts'
import { byteLength } from '#api/validation/names.ts'
import { most, validateEach } from './names.ts'

const longestExpression = 10 * 1024
const highestCost = 1_000_000
const longest = { driver: 63, domain: 63, id: 32, value: 64 }

const bounded = (type: CelType, maxElements: number): DeclType => ({ type, maxElements, minSerializedSize: 1 })

/** Facts and amounts by domain, and within it by name. */
function byName(value: DeclType): DeclType {
  const inner = mapDecl(bounded(stringType, longest.id), value, most.attributes)
  return mapDecl(bounded(stringType, longest.domain), inner, most.attributes)
}

let environment: CelEnvironment | undefined

function deviceEnvironment(): CelEnvironment {
  const device: DeclType = {
    ...bounded(objectType('kubernetes.DRADevice'), 0),
    fields: new Map([
      ['driver', bounded(stringType, longest.driver)],
      ['attributes', byName(bounded(anyType, longest.value))],
      ['capacity', byName(bounded(objectType('kubernetes.Quantity'), 0))],
    ]),
  }
  return celEnvironment({ variables: { device }, bounds: device })
}

function expressionErrors(expression: string, field: string): FieldError[] {
  if (byteLength(expression) > longestExpression) return [tooLong(field, longestExpression)]
  environment ??= deviceEnvironment()
  const compiled = compileExpression(expression, environment)
  if (!compiled.ok) return [invalid(field, expression, `compilation failed: ${compiled.error}`)]
  const { outputType, fault, estimatedCost } = compiled.program
  if (outputType.kind !== 'bool' && outputType.kind !== 'any') {
    const given = outputType.kind === 'null' ? outputType.name : formatType(outputType)
    return [invalid(field, expression, `must evaluate to bool or the unknown type, not ${given}`)]
  }
  if (fault !== undefined) return [invalid(field, expression, `program instantiation failed: ${fault}`)]
  return estimatedCost.max > highestCost ? [forbidden(field, 'too complex, exceeds cost limit')] : []
}

const validateSelector = ({ cel }: DeviceSelector, at: string): FieldError[] =>
  cel ? expressionErrors(cel.expression, `${at}.cel.expression`) : [required(`${at}.cel`)]

export const validateSelectors = (selectors: readonly DeviceSelector[] | undefined, field: string): FieldError[] =>
  validateEach(selectors ?? [], field, most.selectors, validateSelector)
