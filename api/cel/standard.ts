/** The standard functions of CEL and optional types: operators, conversions, strings, times (cel-go, common/stdlib and cel/library.go). */
import { cachedRe2 } from '#api/regexp/re2.ts'
import { toBool, toBytes, toDouble, toDuration, toInt, toText, toTimestamp, toType, toUint } from './conversions.ts'
import { formatValue } from './format-value.ts'
import { type CelFunction, define, global, member, type Overload, type Run } from './functions.ts'
import { type Calendar, calendarOf } from './instant.ts'
import { codePoints } from './issues.ts'
import { add, compare, contains, divide, modulo, multiply, negate, subtract } from './operations.ts'
import {
  boolType,
  bytesType,
  type CelType,
  doubleType,
  durationType,
  dynType,
  intType,
  listType,
  mapType,
  optionalType,
  paramType,
  stringType,
  timestampType,
  typeOf,
  uintType,
} from './type.ts'
import {
  ArrayList,
  Bytes,
  CelError,
  CelList,
  CelMap,
  type CelValue,
  Duration,
  elementsOf,
  noSuchOverload,
  Optional,
  optionalNone,
  Timestamp,
  Uint,
} from './value.ts'

const a = paramType('A')
const b = paramType('B')
const listOfA = listType(a)
const mapOfAB = mapType(a, b)

const isNumber = (value: CelValue): boolean => typeof value === 'number' || typeof value === 'bigint' || value instanceof Uint
const isTime = (value: CelValue): boolean => value instanceof Timestamp || value instanceof Duration
const isText = (value: CelValue): boolean => typeof value === 'string' || value instanceof Bytes
const isInteger = (value: CelValue): boolean => typeof value === 'bigint' || value instanceof Uint
const canNegate = (value: CelValue): boolean => (typeof value !== 'object' ? typeof value !== 'string' : value instanceof Duration)
const canCompare = (value: CelValue): boolean => isNumber(value) || isTime(value) || isText(value) || typeof value === 'boolean'
const canAdd = (value: CelValue): boolean => isNumber(value) || isTime(value) || isText(value) || value instanceof CelList
const canSubtract = (value: CelValue): boolean => isNumber(value) || isTime(value)
const hasSize = (value: CelValue): boolean => isText(value) || value instanceof CelList || value instanceof CelMap

/** `_+_` of two ints is `add_int64`, and so on: one overload per type, all alike. */
const alike = (name: string, types: readonly (readonly [string, CelType])[]): Overload[] =>
  types.map(([suffix, type]) => global(`${name}_${suffix}`, [type, type], type))

const numbers: readonly (readonly [string, CelType])[] = [
  ['double', doubleType],
  ['int64', intType],
  ['uint64', uintType],
]

const operator = (name: string, overloads: readonly Overload[], accepts: (first: CelValue) => boolean, run: Run): CelFunction => ({
  name,
  overloads,
  accepts,
  run,
})

function comparison(name: string, prefix: string, holds: (order: number) => boolean): CelFunction {
  const overload = (suffix: string, left: CelType, right = left) => global(`${prefix}_${suffix}`, [left, right], boolType)
  const overloads = [
    overload('bool', boolType),
    overload('int64', intType),
    overload('int64_double', intType, doubleType),
    overload('int64_uint64', intType, uintType),
    overload('uint64', uintType),
    overload('uint64_double', uintType, doubleType),
    overload('uint64_int64', uintType, intType),
    overload('double', doubleType),
    overload('double_int64', doubleType, intType),
    overload('double_uint64', doubleType, uintType),
    overload('string', stringType),
    overload('bytes', bytesType),
    overload('timestamp', timestampType),
    overload('duration', durationType),
  ]
  return operator(name, overloads, canCompare, (left, right) => {
    const order = compare(left as CelValue, right as CelValue)
    return typeof order === 'number' ? holds(order) : order
  })
}

const operatorFunctions: readonly CelFunction[] = [
  define('_?_:_', global('conditional', [boolType, a, a], a)),
  define('_&&_', global('logical_and', [boolType, boolType], boolType)),
  define('_||_', global('logical_or', [boolType, boolType], boolType)),
  {
    name: '!_',
    overloads: [global('logical_not', [boolType], boolType)],
    run: (value) => (typeof value === 'boolean' ? !value : noSuchOverload),
  },
  define('@not_strictly_false', global('not_strictly_false', [boolType], boolType)),
  define('_==_', global('equals', [a, a], boolType)),
  define('_!=_', global('not_equals', [a, a], boolType)),
  operator(
    '_+_',
    [
      global('add_bytes', [bytesType, bytesType], bytesType),
      global('add_double', [doubleType, doubleType], doubleType),
      global('add_duration_duration', [durationType, durationType], durationType),
      global('add_duration_timestamp', [durationType, timestampType], timestampType),
      global('add_timestamp_duration', [timestampType, durationType], timestampType),
      global('add_int64', [intType, intType], intType),
      global('add_list', [listOfA, listOfA], listOfA),
      global('add_string', [stringType, stringType], stringType),
      global('add_uint64', [uintType, uintType], uintType),
    ],
    canAdd,
    add as Run,
  ),
  operator('_/_', alike('divide', numbers), isNumber, divide as Run),
  operator('_%_', alike('modulo', numbers.slice(1)), isInteger, modulo as Run),
  operator('_*_', alike('multiply', numbers), isNumber, multiply as Run),
  operator('-_', [global('negate_double', [doubleType], doubleType), global('negate_int64', [intType], intType)], canNegate, negate as Run),
  operator(
    '_-_',
    [
      global('subtract_double', [doubleType, doubleType], doubleType),
      global('subtract_duration_duration', [durationType, durationType], durationType),
      global('subtract_int64', [intType, intType], intType),
      global('subtract_timestamp_duration', [timestampType, durationType], timestampType),
      global('subtract_timestamp_timestamp', [timestampType, timestampType], durationType),
      global('subtract_uint64', [uintType, uintType], uintType),
    ],
    canSubtract,
    subtract as Run,
  ),
  comparison('_<_', 'less', (order) => order < 0),
  comparison('_<=_', 'less_equals', (order) => order <= 0),
  comparison('_>_', 'greater', (order) => order > 0),
  comparison('_>=_', 'greater_equals', (order) => order >= 0),
  define('_[_]', global('index_list', [listOfA, intType], a), global('index_map', [mapOfAB, a], b)),
  {
    name: '@in',
    overloads: [global('in_list', [a, listOfA], boolType), global('in_map', [a, mapOfAB], boolType)],
    run: (value, container) => contains(container as CelValue, value as CelValue),
  },
]

function sizeOf(value: CelValue): CelValue {
  if (typeof value === 'string') return BigInt(codePoints(value))
  if (value instanceof Bytes) return BigInt(value.bytes.length)
  return value instanceof CelList || value instanceof CelMap ? BigInt(value.size) : noSuchOverload
}

const sized: readonly (readonly [string, CelType])[] = [
  ['bytes', bytesType],
  ['list', listOfA],
  ['map', mapOfAB],
  ['string', stringType],
]

const sizeFunction: CelFunction = {
  name: 'size',
  overloads: sized.flatMap(([name, type]) => [global(`size_${name}`, [type], intType), member(`${name}_size`, [type], intType)]),
  accepts: hasSize,
  run: sizeOf as Run,
}

function conversion(name: string, result: CelType, run: (value: CelValue) => CelValue, from: readonly (readonly [string, CelType])[]) {
  return define(name, ...from.map(([id, type]) => global(id, [type], result, run as Run)))
}

const conversionFunctions: readonly CelFunction[] = [
  { name: 'type', overloads: [global('type', [a], typeOf(a))], run: toType as Run },
  conversion('bool', boolType, toBool, [
    ['bool_to_bool', boolType],
    ['string_to_bool', stringType],
  ]),
  conversion('bytes', bytesType, toBytes, [
    ['bytes_to_bytes', bytesType],
    ['string_to_bytes', stringType],
  ]),
  conversion('double', doubleType, toDouble, [
    ['double_to_double', doubleType],
    ['int64_to_double', intType],
    ['string_to_double', stringType],
    ['uint64_to_double', uintType],
  ]),
  conversion('duration', durationType, toDuration, [
    ['duration_to_duration', durationType],
    ['int64_to_duration', intType],
    ['string_to_duration', stringType],
  ]),
  { name: 'dyn', overloads: [global('to_dyn', [a], dynType)], run: (value) => value as CelValue },
  conversion('int', intType, toInt, [
    ['int64_to_int64', intType],
    ['double_to_int64', doubleType],
    ['duration_to_int64', durationType],
    ['string_to_int64', stringType],
    ['timestamp_to_int64', timestampType],
    ['uint64_to_int64', uintType],
  ]),
  conversion('string', stringType, toText, [
    ['string_to_string', stringType],
    ['bool_to_string', boolType],
    ['bytes_to_string', bytesType],
    ['double_to_string', doubleType],
    ['duration_to_string', durationType],
    ['int64_to_string', intType],
    ['timestamp_to_string', timestampType],
    ['uint64_to_string', uintType],
  ]),
  conversion('timestamp', timestampType, toTimestamp, [
    ['timestamp_to_timestamp', timestampType],
    ['int64_to_timestamp', intType],
    ['string_to_timestamp', stringType],
  ]),
  conversion('uint', uintType, toUint, [
    ['uint64_to_uint64', uintType],
    ['double_to_uint64', doubleType],
    ['int64_to_uint64', intType],
    ['string_to_uint64', stringType],
  ]),
]

const textTest = (name: string, id: string, test: (text: string, part: string) => boolean): CelFunction => ({
  name,
  overloads: [
    member(id, [stringType, stringType], boolType, (text, part) =>
      typeof text === 'string' && typeof part === 'string' ? test(text, part) : noSuchOverload,
    ),
  ],
  unguarded: true,
})

export function matches(text: CelValue, pattern: CelValue): CelValue {
  if (typeof text !== 'string' || typeof pattern !== 'string') return noSuchOverload
  const compiled = cachedRe2(pattern)
  return compiled.ok ? compiled.re2.test(text) : new CelError(compiled.error)
}

const textFunctions: readonly CelFunction[] = [
  textTest('contains', 'contains_string', (text, part) => text.includes(part)),
  textTest('endsWith', 'ends_with_string', (text, part) => text.endsWith(part)),
  textTest('startsWith', 'starts_with_string', (text, part) => text.startsWith(part)),
  {
    name: 'matches',
    overloads: [global('matches', [stringType, stringType], boolType), member('matches_string', [stringType, stringType], boolType)],
    accepts: (value) => typeof value === 'string',
    run: matches as Run,
  },
]

const partOf =
  (read: (calendar: Calendar) => number): Run =>
  (time, zone = 'UTC') => {
    const calendar = calendarOf(time as Timestamp, zone as string)
    return calendar instanceof CelError ? calendar : BigInt(read(calendar))
  }

function calendarFunction(name: string, id: string, read: (calendar: Calendar) => number, nanosOfUnit?: bigint): CelFunction {
  const overloads = [
    member(`timestamp_to_${id}`, [timestampType], intType, partOf(read)),
    member(`timestamp_to_${id}_with_tz`, [timestampType, stringType], intType, partOf(read)),
  ]
  if (nanosOfUnit === undefined) return define(name, ...overloads)
  const duration = member(`duration_to_${id}`, [durationType], intType, (value) => (value as Duration).nanos / nanosOfUnit)
  return define(name, ...overloads, duration)
}

const second = 1_000_000_000n
const calendarFunctions: readonly CelFunction[] = [
  calendarFunction('getFullYear', 'year', (calendar) => calendar.year),
  calendarFunction('getMonth', 'month', (calendar) => calendar.month),
  calendarFunction('getDayOfYear', 'day_of_year', (calendar) => calendar.dayOfYear),
  calendarFunction('getDayOfMonth', 'day_of_month', (calendar) => calendar.day - 1),
  calendarFunction('getDate', 'day_of_month_1_based', (calendar) => calendar.day),
  calendarFunction('getDayOfWeek', 'day_of_week', (calendar) => calendar.weekday),
  calendarFunction('getHours', 'hours', (calendar) => calendar.hours, 3600n * second),
  calendarFunction('getMinutes', 'minutes', (calendar) => calendar.minutes, 60n * second),
  calendarFunction('getSeconds', 'seconds', (calendar) => calendar.seconds, second),
  calendarFunction('getMilliseconds', 'milliseconds', (calendar) => calendar.milliseconds, 1_000_000n),
]

const k = paramType('K')
const v = paramType('V')
const listOfV = listType(v)
const mapOfKV = mapType(k, v)
const optionalOfV = optionalType(v)
const listOfOptional = listType(optionalOfV)

/** Whether a value is its type's zero. */
function isZero(value: CelValue): boolean {
  if (value === null || value === false || value === '' || value === 0n || value === 0) return true
  if (value instanceof CelList || value instanceof CelMap) return value.size === 0
  if (value instanceof Uint) return value.value === 0n
  if (value instanceof Duration) return value.nanos === 0n
  if (value instanceof Bytes) return value.bytes.length === 0
  return value instanceof Optional && value.value === undefined
}

function unwrapAll(list: CelValue): CelValue {
  const inner: CelValue[] = []
  for (const element of elementsOf(list as CelList)) {
    if (!(element instanceof Optional)) return new CelError(`value ${formatValue(element)} is not optional`)
    if (element.value !== undefined) inner.push(element.value)
  }
  return new ArrayList(inner)
}

const atEnd =
  (index: (size: number) => number): Run =>
  (value) => {
    const list = value as CelList
    return list.size === 0 ? optionalNone : new Optional(list.get(index(list.size)))
  }

const dereferenceNone = new CelError('optional.none() dereference')

const optionalFunctions: readonly CelFunction[] = [
  define(
    'optional.of',
    global('optional_of', [v], optionalOfV, (value) => new Optional(value)),
  ),
  define(
    'optional.ofNonZeroValue',
    global('optional_ofNonZeroValue', [v], optionalOfV, (value) => (isZero(value as CelValue) ? optionalNone : new Optional(value))),
  ),
  define(
    'optional.none',
    global('optional_none', [], optionalOfV, () => optionalNone),
  ),
  define(
    'value',
    member('optional_value', [optionalOfV], v, (optional) => (optional as Optional).value ?? dereferenceNone),
  ),
  define(
    'hasValue',
    member('optional_hasValue', [optionalOfV], boolType, (optional) => (optional as Optional).value !== undefined),
  ),
  define('or', member('optional_or_optional', [optionalOfV, optionalOfV], optionalOfV)),
  define('orValue', member('optional_orValue_value', [optionalOfV, v], v)),
  define('_?._', global('select_optional_field', [dynType, stringType], optionalOfV)),
  define(
    '_[?_]',
    global('list_optindex_optional_int', [listOfV, intType], optionalOfV),
    global('optional_list_optindex_optional_int', [optionalType(listOfV), intType], optionalOfV),
    global('map_optindex_optional_value', [mapOfKV, k], optionalOfV),
    global('optional_map_optindex_optional_value', [optionalType(mapOfKV), k], optionalOfV),
  ),
  define(
    '_[_]',
    global('optional_list_index_int', [optionalType(listOfV), intType], optionalOfV),
    global('optional_map_index_value', [optionalType(mapOfKV), k], optionalOfV),
  ),
  define(
    'last',
    member(
      'list_last',
      [listOfV],
      optionalOfV,
      atEnd((size) => size - 1),
    ),
  ),
  define(
    'first',
    member(
      'list_first',
      [listOfV],
      optionalOfV,
      atEnd(() => 0),
    ),
  ),
  define('optional.unwrap', global('optional_unwrap', [listOfOptional], listOfV, unwrapAll as Run)),
  define('unwrapOpt', member('optional_unwrapOpt', [listOfOptional], listOfV, unwrapAll as Run)),
]

export const standardLibrary: readonly CelFunction[] = [
  ...operatorFunctions,
  sizeFunction,
  ...conversionFunctions,
  ...textFunctions,
  ...calendarFunctions,
]
export const optionalLibrary = optionalFunctions
