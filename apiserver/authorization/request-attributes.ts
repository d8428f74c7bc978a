/** What an authorizer is told of a request: lists and watches name their selectors (pure; upstream: filters.GetAuthorizerAttributes). */
import { parseFieldSelector } from '#api/meta/field-selector.ts'
import { parseSelector } from '#api/meta/label-selector.ts'
import type { RequestInfo } from '#apiserver/filters/request-info.ts'
import type { Attributes } from './rules.ts'

const ofMany: ReadonlySet<string> = new Set(['list', 'watch', 'deletecollection'])

export function attributesOf(info: RequestInfo): Attributes {
  if (!info.isResource || !ofMany.has(info.verb)) return info
  const [fields, labels] = [info.query.get('fieldSelector'), info.query.get('labelSelector')]
  if (!fields && !labels) return info
  const fieldSelector = fields ? readable(() => parseFieldSelector(fields)) : undefined
  const labelSelector = labels ? readable(() => parseSelector(labels)) : undefined
  return { ...info, ...(fieldSelector ? { fieldSelector } : {}), ...(labelSelector ? { labelSelector } : {}) }
}

/** One that cannot be read narrows nothing; the request itself is refused later. */
function readable<T>(parse: () => T): T | undefined {
  try {
    return parse()
  } catch {
    return undefined
  }
}
