/** Rules of limit ranges, in upstream's order. */
import type { LimitRange, LimitRangeItem } from '#api/core/limit-range.ts'
import { isOvercommitAllowed } from '#api/core/rules/resource-names.ts'
import { duplicate, type FieldError, forbidden, invalid, required } from '#api/meta/field-error.ts'
import { compareQuantities, milliValue, quantityValue } from '#api/meta/quantity.ts'
import { checkQualifiedName } from '#api/validation/names.ts'
import { validateMetaAgain } from './meta-again.ts'
import { validateContainerResourceName, validateResourceName } from './resource-amounts.ts'
import { invalids, sortedKeys } from './values.ts'

const types = ['Pod', 'Container', 'PersistentVolumeClaim']
/** Above this thousandths do not fit into 64 bits. */
const largestInMilli = Math.floor((2 ** 63 - 1) / 1000)

function validateType(type: string, field: string): FieldError[] {
  const found = invalids(field, type, checkQualifiedName(type))
  if (found.length > 0 || type.includes('/') || types.includes(type)) return found
  return [invalid(field, type, 'must be a standard limit type or fully qualified')]
}

const lists = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const
type List = (typeof lists)[number]

function validateNames(item: LimitRangeItem, path: string, list: List): FieldError[] {
  const check = item.type === 'Pod' || item.type === 'Container' ? validateContainerResourceName : validateResourceName
  return sortedKeys(item[list]).flatMap((name) => check(name, `${path}.${list}[${name}]`))
}

function ratioFault(ratio: string, min: string, max: string): string | undefined {
  const small = [ratio, min, max].every((amount) => quantityValue(amount) < largestInMilli)
  const [value, least, most] = small
    ? [milliValue(ratio) / 1000, milliValue(min), milliValue(max)]
    : [quantityValue(ratio), quantityValue(min), quantityValue(max)]
  const limit = most / least
  if (!(value > limit)) return undefined
  return `ratio ${ratio} is greater than max/min = ${Number.isFinite(limit) ? limit.toFixed(6) : limit > 0 ? '+Inf' : '-Inf'}`
}

interface Amounts {
  min: string | undefined
  max: string | undefined
  limit: string | undefined
  request: string | undefined
  ratio: string | undefined
}

const exceeds = (a: string | undefined, b: string | undefined): boolean => a !== undefined && b !== undefined && compareQuantities(a, b) > 0

function validateOrder(path: string, name: string, { min, max, limit, request }: Amounts): FieldError[] {
  const [requestField, limitField] = [`${path}.defaultRequest[${name}]`, `${path}.default[${name}]`]
  const found: FieldError[] = []
  if (exceeds(min, max)) found.push(invalid(`${path}.min[${name}]`, min, `min value ${min} is greater than max value ${max}`))
  if (exceeds(min, request)) {
    found.push(invalid(requestField, request, `min value ${min} is greater than default request value ${request}`))
  }
  if (exceeds(request, max)) {
    found.push(invalid(requestField, request, `default request value ${request} is greater than max value ${max}`))
  }
  if (exceeds(request, limit)) {
    found.push(invalid(requestField, request, `default request value ${request} is greater than default limit value ${limit}`))
  }
  if (exceeds(min, limit)) found.push(invalid(limitField, min, `min value ${min} is greater than default value ${limit}`))
  if (exceeds(limit, max)) found.push(invalid(limitField, max, `default value ${limit} is greater than max value ${max}`))
  return found
}

function validateRatio(path: string, name: string, { min, max, limit, request, ratio }: Amounts): FieldError[] {
  const field = `${path}.maxLimitRequestRatio[${name}]`
  const found: FieldError[] = []
  if (ratio !== undefined) {
    if (compareQuantities(ratio, '1') < 0) found.push(invalid(field, ratio, `ratio ${ratio} is less than 1`))
    const fault = min === undefined || max === undefined ? undefined : ratioFault(ratio, min, max)
    if (fault !== undefined) found.push(invalid(field, ratio, fault))
  }
  if (isOvercommitAllowed(name) || limit === undefined || request === undefined) return found
  if (compareQuantities(limit, request) === 0) return found
  const text = `default value ${limit} must equal to defaultRequest value ${request} in ${name}`
  return [...found, invalid(`${path}.defaultRequest[${name}]`, request, text)]
}

function validateItem(item: LimitRangeItem, path: string): FieldError[] {
  const isPod = item.type === 'Pod'
  const found = [...validateNames(item, path, 'max'), ...validateNames(item, path, 'min')]
  for (const list of ['default', 'defaultRequest'] as const) {
    if (!isPod) found.push(...validateNames(item, path, list))
    else if (Object.keys(item[list] ?? {}).length > 0) found.push(forbidden(`${path}.${list}`, "may not be specified when `type` is 'Pod'"))
  }
  if (item.type === 'PersistentVolumeClaim' && item.min?.['storage'] === undefined && item.max?.['storage'] === undefined) {
    const text = 'either minimum or maximum storage value is required, but neither was provided'
    found.push(required(`${path}.limits`, text))
  }
  found.push(...validateNames(item, path, 'maxLimitRequestRatio'))
  const names = new Set(lists.filter((list) => !isPod || !list.startsWith('default')).flatMap((list) => Object.keys(item[list] ?? {})))
  for (const name of [...names].sort()) {
    const amounts: Amounts = {
      min: item.min?.[name],
      max: item.max?.[name],
      limit: isPod ? undefined : item.default?.[name],
      request: isPod ? undefined : item.defaultRequest?.[name],
      ratio: item.maxLimitRequestRatio?.[name],
    }
    found.push(...validateOrder(path, name, amounts), ...validateRatio(path, name, amounts))
  }
  return found
}

export function validateLimitRange(next: LimitRange, prev: LimitRange | undefined): FieldError[] {
  const seen = new Set<string>()
  const items = (next.spec?.limits ?? []).flatMap((item, i) => {
    const path = `spec.limits[${i}]`
    const again = seen.has(item.type)
    seen.add(item.type)
    return [
      ...validateType(item.type, `${path}.type`),
      ...(again ? [duplicate(`${path}.type`, item.type)] : []),
      ...validateItem(item, path),
    ]
  })
  return [...validateMetaAgain(next.metadata, prev !== undefined, { namespaced: true }), ...items]
}
