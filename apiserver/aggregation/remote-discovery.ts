/** What another server says that it serves, as entries of our own catalog (pure). */
import type { ResourceEntry, SubresourceEntry } from '#apiserver/endpoints/catalog.ts'

type Plain = Record<string, unknown>

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [])

/** From an APIResourceList; undefined for what is none. Whatever else it holds is left out. */
export function entriesOf(list: unknown, group: string, version: string): ResourceEntry[] | undefined {
  const { kind, resources } = (typeof list === 'object' && list !== null ? list : {}) as Plain
  if (kind !== 'APIResourceList' || !Array.isArray(resources)) return undefined
  const all = resources.filter((item): item is Plain => typeof item === 'object' && item !== null && text((item as Plain)['name']) !== '')
  return all
    .filter((item) => !text(item['name']).includes('/'))
    .map((item) => {
      const plural = text(item['name'])
      const parts = all.filter((part) => text(part['name']).startsWith(`${plural}/`))
      return { ...entryOf(item, plural), group, version, subresources: parts.map((part) => partOf(part, plural)) }
    })
}

function entryOf(item: Plain, plural: string): Omit<ResourceEntry, 'group' | 'version' | 'subresources'> {
  const [shortNames, categories, hash] = [texts(item['shortNames']), texts(item['categories']), text(item['storageVersionHash'])]
  return {
    plural,
    singular: text(item['singularName']),
    kind: text(item['kind']),
    namespaced: item['namespaced'] === true,
    verbs: texts(item['verbs']),
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
    ...(hash === '' ? {} : { storageVersionHash: hash }),
  }
}

function partOf(part: Plain, plural: string): SubresourceEntry {
  const [group, version] = [text(part['group']), text(part['version'])]
  return {
    name: text(part['name']).slice(plural.length + 1),
    kind: text(part['kind']),
    ...(group === '' && version === '' ? {} : { group, version }),
    verbs: texts(part['verbs']),
  }
}
