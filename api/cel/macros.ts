/** Macros: calls that the parser rewrites into folds and presence tests (cel-go's parser, optional types, two-variable comprehensions). */
import { type CallExpr, copyExpr, type Expr, type IdentExpr } from './ast.ts'
import type { CelValue } from './value.ts'

/** A macro whose arguments are not what it needs. */
export class MacroFault {
  readonly offset: number
  readonly message: string
  constructor(offset: number, message: string) {
    this.offset = offset
    this.message = message
  }
}

export const accumulator = '__result__'

type Macro = (make: Maker, target: Expr, args: Expr[]) => Expr

/** Rewrites the call where it is a macro; undefined where it is none. Throws a MacroFault. */
export function expandMacro(call: CallExpr): Expr | undefined {
  if (call.target === undefined) {
    return call.function === 'has' && call.args.length === 1 ? expandHas(call.offset, call.args[0] as Expr) : undefined
  }
  const macro = macros.get(`${call.function}/${call.args.length}`)
  return macro?.(new Maker(call.offset), call.target, call.args)
}

function expandHas(offset: number, arg: Expr): Expr {
  if (arg.kind !== 'select') throw new MacroFault(arg.offset, 'invalid argument to has() macro')
  return { kind: 'select', offset, operand: arg.operand, field: arg.field, testOnly: true }
}

/** Makes the nodes of one expansion; errors about them point at the macro. */
class Maker {
  readonly #offset: number
  constructor(offset: number) {
    this.#offset = offset
  }
  literal(value: CelValue): Expr {
    return { kind: 'literal', offset: this.#offset, value }
  }
  ident(name: string): Expr {
    return { kind: 'ident', offset: this.#offset, name }
  }
  accu(): Expr {
    return this.ident(accumulator)
  }
  call(name: string, ...args: Expr[]): Expr {
    return { kind: 'call', offset: this.#offset, function: name, target: undefined, args }
  }
  memberCall(name: string, target: Expr, ...args: Expr[]): Expr {
    return { kind: 'call', offset: this.#offset, function: name, target, args }
  }
  list(...elements: Expr[]): Expr {
    return { kind: 'list', offset: this.#offset, elements, optional: new Set() }
  }
  map(): Expr {
    return { kind: 'map', offset: this.#offset, entries: [] }
  }
  fold(parts: FoldParts): Expr {
    return { kind: 'fold', offset: this.#offset, accuVar: accumulator, iterVar2: '', ...parts }
  }
  if(condition: Expr | undefined, yes: Expr, no: Expr): Expr {
    return condition ? this.call('_?_:_', condition, yes, no) : yes
  }
}

interface FoldParts {
  range: Expr
  iterVar: string
  iterVar2?: string
  accuVar?: string
  accuInit: Expr
  condition: Expr
  step: Expr
  result: Expr
}

/** The iteration variables of a macro and its other arguments. */
interface Bound {
  range: Expr
  iterVar: string
  iterVar2: string
  rest: Expr[]
}

function nameOf(arg: Expr, message: string): string {
  if (arg.kind !== 'ident') throw new MacroFault(arg.offset, message)
  return arg.name
}

function notAccumulator(name: string, arg: Expr): void {
  if (name === accumulator) throw new MacroFault(arg.offset, 'iteration variable overwrites accumulator variable')
}

function oneVariable(range: Expr, args: Expr[], message: string): Bound {
  const [variable, ...rest] = args as [IdentExpr, ...Expr[]]
  const iterVar = nameOf(variable, message)
  notAccumulator(iterVar, variable)
  return { range, iterVar, iterVar2: '', rest }
}

function twoVariables(range: Expr, args: Expr[]): Bound {
  const [first, second, ...rest] = args as [Expr, Expr, ...Expr[]]
  const iterVar = nameOf(first, 'argument must be a simple name')
  const iterVar2 = nameOf(second, 'argument must be a simple name')
  if (iterVar === iterVar2) throw new MacroFault(second.offset, `duplicate variable name: ${iterVar}`)
  notAccumulator(iterVar, first)
  notAccumulator(iterVar2, second)
  return { range, iterVar, iterVar2, rest }
}

const variablesOf = ({ range, iterVar, iterVar2 }: Bound) => ({ range, iterVar, iterVar2 })

function all(make: Maker, bound: Bound): Expr {
  return make.fold({
    ...variablesOf(bound),
    accuInit: make.literal(true),
    condition: make.call('@not_strictly_false', make.accu()),
    step: make.call('_&&_', make.accu(), bound.rest[0] as Expr),
    result: make.accu(),
  })
}

function exists(make: Maker, bound: Bound): Expr {
  return make.fold({
    ...variablesOf(bound),
    accuInit: make.literal(false),
    condition: make.call('@not_strictly_false', make.call('!_', make.accu())),
    step: make.call('_||_', make.accu(), bound.rest[0] as Expr),
    result: make.accu(),
  })
}

function existsOne(make: Maker, bound: Bound): Expr {
  return make.fold({
    ...variablesOf(bound),
    accuInit: make.literal(0n),
    condition: make.literal(true),
    step: make.if(bound.rest[0], make.call('_+_', make.accu(), make.literal(1n)), make.accu()),
    result: make.call('_==_', make.accu(), make.literal(1n)),
  })
}

/** A fold that adds `element` to a list, where `filter` holds. */
function collect(make: Maker, bound: Bound, element: Expr, filter: Expr | undefined): Expr {
  return make.fold({
    ...variablesOf(bound),
    accuInit: make.list(),
    condition: make.literal(true),
    step: make.if(filter, make.call('_+_', make.accu(), make.list(element)), make.accu()),
    result: make.accu(),
  })
}

/** The last of the other arguments, and the filter before it where there is one. */
function transformOf(bound: Bound): { transform: Expr; filter: Expr | undefined } {
  const [first, second] = bound.rest
  return second ? { transform: second, filter: first } : { transform: first as Expr, filter: undefined }
}

function transformList(make: Maker, bound: Bound): Expr {
  const { transform, filter } = transformOf(bound)
  return collect(make, bound, transform, filter)
}

function transformMap(make: Maker, bound: Bound, entry: boolean): Expr {
  const { transform, filter } = transformOf(bound)
  const inserted = entry ? [transform] : [make.ident(bound.iterVar), transform]
  return make.fold({
    ...variablesOf(bound),
    accuInit: make.map(),
    condition: make.literal(true),
    step: make.if(filter, make.call('cel.@mapInsert', make.accu(), ...inserted), make.accu()),
    result: make.accu(),
  })
}

/** `optMap` and `optFlatMap`: the value of the target, bound to a name, where there is one. */
function optMap(make: Maker, target: Expr, args: Expr[], flat: boolean): Expr {
  const [variable, body] = args as [Expr, Expr]
  const name = nameOf(variable, `${flat ? 'optFlatMap' : 'optMap'}() variable name must be a simple identifier`)
  const bound = make.fold({
    range: make.list(),
    iterVar: '#unused',
    accuVar: name,
    accuInit: make.memberCall('value', copyExpr(target)),
    condition: make.literal(false),
    step: make.ident(name),
    result: body,
  })
  const mapped = flat ? bound : make.call('optional.of', bound)
  return make.call('_?_:_', make.memberCall('hasValue', target), mapped, make.call('optional.none'))
}

const sortable = new Set(['list', 'select', 'ident', 'fold', 'call'])

/** `list.sortBy(e, key)`: the list bound to a name, sorted by the list of its keys. */
function sortBy(make: Maker, target: Expr, args: Expr[]): Expr {
  if (!sortable.has(target.kind)) {
    throw new MacroFault(target.offset, 'sortBy can only be applied to a list, identifier, comprehension, call or select expression')
  }
  const input = '@__sortBy_input__'
  const keys = transformList(make, oneVariable(make.ident(input), args, notIdentifier))
  return make.fold({
    range: make.list(),
    iterVar: '#unused',
    accuVar: input,
    accuInit: target,
    condition: make.literal(false),
    step: make.ident(input),
    result: make.memberCall('@sortByAssociatedKeys', make.ident(input), keys),
  })
}

const simpleName = 'argument must be a simple name'
const notIdentifier = 'argument is not an identifier'

const macros: ReadonlyMap<string, Macro> = new Map<string, Macro>([
  ['all/2', (make, target, args) => all(make, oneVariable(target, args, simpleName))],
  ['exists/2', (make, target, args) => exists(make, oneVariable(target, args, simpleName))],
  ['exists_one/2', (make, target, args) => existsOne(make, oneVariable(target, args, simpleName))],
  ['map/2', (make, target, args) => transformList(make, oneVariable(target, args, notIdentifier))],
  ['map/3', (make, target, args) => transformList(make, oneVariable(target, args, notIdentifier))],
  [
    'filter/2',
    (make, target, args) => {
      const bound = oneVariable(target, args, notIdentifier)
      return collect(make, bound, args[0] as Expr, bound.rest[0])
    },
  ],
  ['all/3', (make, target, args) => all(make, twoVariables(target, args))],
  ['exists/3', (make, target, args) => exists(make, twoVariables(target, args))],
  ['exists_one/3', (make, target, args) => existsOne(make, twoVariables(target, args))],
  ['existsOne/3', (make, target, args) => existsOne(make, twoVariables(target, args))],
  ['transformList/3', (make, target, args) => transformList(make, twoVariables(target, args))],
  ['transformList/4', (make, target, args) => transformList(make, twoVariables(target, args))],
  ['transformMap/3', (make, target, args) => transformMap(make, twoVariables(target, args), false)],
  ['transformMap/4', (make, target, args) => transformMap(make, twoVariables(target, args), false)],
  ['transformMapEntry/3', (make, target, args) => transformMap(make, twoVariables(target, args), true)],
  ['transformMapEntry/4', (make, target, args) => transformMap(make, twoVariables(target, args), true)],
  ['optMap/2', (make, target, args) => optMap(make, target, args, false)],
  ['sortBy/2', sortBy],
  ['optFlatMap/2', (make, target, args) => optMap(make, target, args, true)],
])
