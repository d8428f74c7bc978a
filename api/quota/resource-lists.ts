/** Arithmetic on lists of amounts, resource by resource (upstream: apiserver/pkg/quota/v1). */
import { addQuantities, compareQuantities, formatQuantity, parseQuantity, subtractQuantities } from '#api/meta/quantity.ts'

/** Resource name to quantity text. */
export type ResourceList = Readonly<Record<string, string>>

const own = (list: ResourceList, name: string): string | undefined => (Object.hasOwn(list, name) ? list[name] : undefined)

export function addLists(a: ResourceList, b: ResourceList): ResourceList {
  const sum: Record<string, string> = { ...a }
  for (const [name, amount] of Object.entries(b)) {
    const was = own(a, name)
    sum[name] = was === undefined ? amount : formatQuantity(addQuantities(parseQuantity(was), parseQuantity(amount)))
  }
  return sum
}

/** What `a` has more than `b`; never below zero. */
export function growth(a: ResourceList, b: ResourceList): ResourceList {
  const more: Record<string, string> = {}
  for (const [name, amount] of Object.entries(a)) {
    const was = own(b, name)
    const left = was === undefined ? amount : formatQuantity(subtractQuantities(parseQuantity(amount), parseQuantity(was)))
    more[name] = compareQuantities(left, '0') > 0 ? left : '0'
  }
  return more
}

export const only = (list: ResourceList, names: readonly string[]): ResourceList =>
  Object.fromEntries(Object.entries(list).filter(([name]) => names.includes(name)))

export const withoutZeros = (list: ResourceList): ResourceList =>
  Object.fromEntries(Object.entries(list).filter(([, amount]) => compareQuantities(amount, '0') !== 0))

export const negativeNames = (list: ResourceList): string[] =>
  Object.keys(list).filter((name) => compareQuantities(list[name] ?? '0', '0') < 0)

/** Names of which `a` has more than `limits` allow. */
export const exceeding = (a: ResourceList, limits: ResourceList): string[] =>
  Object.keys(limits).filter((name) => compareQuantities(own(a, name) ?? '0', limits[name] ?? '0') > 0)

export function equalLists(a: ResourceList, b: ResourceList): boolean {
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && compareQuantities(a[name] ?? '', b[name] ?? '') === 0)
  )
}

/** `cpu=1,pods=2`, as messages show a list. */
export const listText = (list: ResourceList): string =>
  Object.keys(list)
    .sort()
    .map((name) => `${name}=${list[name]}`)
    .join(',')
