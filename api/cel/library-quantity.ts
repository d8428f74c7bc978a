/** Quantities (apiserver, pkg/cel/library/quantity.go). */
import {
  addQuantities,
  formatQuantity,
  isQuantity,
  parseQuantity,
  type Quantity,
  QuantityError,
  subtractQuantities,
} from '#api/meta/quantity.ts'
import { type CelFunction, define, global, member, type Run } from './functions.ts'
import { boolType, type CelType, doubleType, intType, objectType, stringType } from './type.ts'
import { CelError, CelObject, type CelValue, noSuchOverload } from './value.ts'

const quantityType = objectType('kubernetes.Quantity')
const nano = 1_000_000_000n

class QuantityValue extends CelObject {
  readonly type: CelType = quantityType
  readonly quantity: Quantity
  constructor(quantity: Quantity) {
    super()
    this.quantity = quantity
  }
  equals(other: CelValue): boolean | CelError {
    return other instanceof QuantityValue ? this.quantity.nano === other.quantity.nano : noSuchOverload
  }
  toString(): string {
    return formatQuantity(this.quantity)
  }
}

const inner = (value: CelValue | undefined): Quantity => (value as QuantityValue).quantity

const toQuantity: Run = (text) => {
  try {
    return new QuantityValue(parseQuantity(text as string))
  } catch (error) {
    if (error instanceof QuantityError) return new CelError(error.message)
    throw error
  }
}

function asInt64(quantity: Quantity): bigint | undefined {
  const whole = quantity.nano / nano
  return quantity.nano % nano === 0n && whole === BigInt.asIntN(64, whole) ? whole : undefined
}

function compareTo(left: Quantity, right: Quantity): number {
  return left.nano < right.nano ? -1 : left.nano > right.nano ? 1 : 0
}

const two = [quantityType, quantityType] as const
const ofInt = (value: CelValue | undefined): Quantity => ({ nano: (value as bigint) * nano, format: 'DecimalExponent' })
type Combine = (a: Quantity, b: Quantity) => Quantity
const combined =
  (combine: Combine, read: (value: CelValue | undefined) => Quantity): Run =>
  (left, right) =>
    new QuantityValue(combine(inner(left), read(right)))

export const quantityLibrary: readonly CelFunction[] = [
  define('quantity', global('string_to_quantity', [stringType], quantityType, toQuantity)),
  define(
    'isQuantity',
    global('is_quantity_string', [stringType], boolType, (text) => isQuantity(text as string)),
  ),
  define(
    'sign',
    global('quantity_sign', [quantityType], intType, (value) => BigInt(compareTo(inner(value), { nano: 0n, format: 'DecimalSI' }))),
  ),
  define(
    'isGreaterThan',
    member('quantity_is_greater_than', two, boolType, (left, right) => compareTo(inner(left), inner(right)) > 0),
  ),
  define(
    'isLessThan',
    member('quantity_is_less_than', two, boolType, (left, right) => compareTo(inner(left), inner(right)) < 0),
  ),
  define(
    'compareTo',
    member('quantity_compare_to', two, intType, (left, right) => BigInt(compareTo(inner(left), inner(right)))),
  ),
  define(
    'asApproximateFloat',
    member('quantity_get_float', [quantityType], doubleType, (value) => Number(inner(value).nano) / 1e9),
  ),
  define(
    'asInteger',
    member(
      'quantity_get_int',
      [quantityType],
      intType,
      (value) => asInt64(inner(value)) ?? new CelError('cannot convert value to integer'),
    ),
  ),
  define(
    'isInteger',
    member('quantity_is_integer', [quantityType], boolType, (value) => asInt64(inner(value)) !== undefined),
  ),
  define(
    'add',
    member('quantity_add', two, quantityType, combined(addQuantities, inner)),
    member('quantity_add_int', [quantityType, intType], quantityType, combined(addQuantities, ofInt)),
  ),
  define(
    'sub',
    member('quantity_sub', two, quantityType, combined(subtractQuantities, inner)),
    member('quantity_sub_int', [quantityType, intType], quantityType, combined(subtractQuantities, ofInt)),
  ),
]
