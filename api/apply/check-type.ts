/** Whether a value is of a type: what an applied configuration must be, in upstream's words (source: structured-merge-diff, typed.Validate). */
import { isWrittenNumber } from '#api/json-scan.ts'
import { own, type Plain } from '#api/own.ts'
import type { ApplyType, ListType, MapType, ScalarCheck } from './apply-type.ts'
import { isMap } from './compare.ts'
import { goSyntax, goTypeName, goValue } from './go-value.ts'
import { BadItem, elementOfItem } from './list-items.ts'
import { fieldElement, type PathElement, printElement } from './path-element.ts'

interface Fault {
  path: string
  message: string
}

/** The complaints in one text, undefined where there is none. */
export function faultsOf(type: MapType, object: Plain): string | undefined {
  const texts = ofValue(type, object).map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
  return texts.length > 1 ? ['errors:', ...texts.map((text) => `  ${text}`)].join('\n') : texts[0]
}

const fault = (message: string): Fault[] => [{ path: '', message }]
const at = (element: string, faults: readonly Fault[]): Fault[] => faults.map(({ path, message }) => ({ path: element + path, message }))

function ofValue(type: ApplyType, value: unknown): Fault[] {
  if (value === null) return []
  switch (type.kind) {
    case 'scalar':
      return ofScalar(type.check, value)
    case 'list':
      return Array.isArray(value) ? ofItems(type, value) : fault(`expected list, got &{${goValue(value)}}`)
    case 'map':
      return isMap(value) ? ofFields(type, value) : fault(`expected map, got &{${goValue(value)}}`)
    default:
      return []
  }
}

const isNumber = (value: unknown): boolean => typeof value === 'number' || isWrittenNumber(value)

function ofScalar(check: ScalarCheck, value: unknown): Fault[] {
  switch (check) {
    case 'number':
      return isNumber(value) ? [] : fault(`expected numeric (int or float), got ${goTypeName(value)}`)
    case 'string':
      return typeof value === 'string' ? [] : fault(`expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`)
    case 'boolean':
      return typeof value === 'boolean' ? [] : fault(`expected boolean, got &{${goValue(value)}}`)
    default:
      return isNumber(value) || typeof value !== 'object' ? [] : fault(`expected any scalar, got &{${goValue(value)}}`)
  }
}

function ofFields(type: MapType, map: Plain): Fault[] {
  const faults: Fault[] = []
  for (const key of Object.keys(map).sort()) {
    const below = type.fields.get(key) ?? type.element
    const element = printElement(fieldElement(key))
    if (below === undefined) return [...faults, ...at(element, fault('field not declared in schema'))]
    faults.push(...at(element, ofValue(below, own(map, key))))
  }
  return faults
}

function ofItems(type: ListType, items: readonly unknown[]): Fault[] {
  const faults: Fault[] = []
  const seen = new Set<PathElement>()
  for (const [i, item] of items.entries()) {
    let shown = `[${i}]`
    if (!type.atomic) {
      const element = elementOrFault(type, item)
      if (typeof element !== 'string') return [...faults, ...fault(`element ${i}: ${element.message}`)]
      shown = printElement(element)
      if (seen.has(element)) faults.push(...fault(`duplicate entries for key ${shown}`))
      seen.add(element)
    }
    faults.push(...at(shown, ofValue(type.element, item)))
  }
  return faults
}

function elementOrFault(type: ListType, item: unknown): PathElement | BadItem {
  try {
    return elementOfItem(type, item)
  } catch (error) {
    if (error instanceof BadItem) return error
    throw error
  }
}
