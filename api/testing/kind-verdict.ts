/** What a kind says of an object that somebody writes: decoded and with its defaults, as on the way of a write. */
import { decodeValue } from '#api/decode.ts'
import type { KubeObject, Resource } from '#api/resource.ts'

const read = <T extends KubeObject>(resource: Resource<T>, body: object): T => {
  const { object } = decodeValue<T>(
    structuredClone({ apiVersion: `${resource.group}/${resource.version}`, kind: resource.kind, ...body }),
    resource,
  )
  return resource.defaults?.(object) ?? object
}

/** One line for each cause: the field and the message. `prev` stands for an update, `subresource` for a write of that one. */
export function verdicts<T extends KubeObject>(resource: Resource<T>, next: object, prev?: object, subresource?: string): string[] {
  const [made, old] = [read(resource, next), prev && read(resource, prev)]
  const part = subresource === undefined ? undefined : resource.subresources?.[subresource]
  const found =
    part && old
      ? part.validate?.(part.prepare(made, old, new Date(0)), old, new Date(0))
      : resource.validate?.(resource.prepare?.(made, old) ?? made, old)
  return (found ?? []).map(({ field, message }) => `${field}: ${message}`)
}
