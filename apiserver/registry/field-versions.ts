/**
 * The objects of a kind at the versions of their managers. Built-in kinds convert at once. Where a webhook converts, the engine, which
 * waits for nothing, stops at the first conversion that it needs; the webhook is asked, and the engine runs again with its answer.
 */
import { applyTypeOf } from '#api/apply/apply-type.ts'
import { resetFilter } from '#api/apply/reset-fields.ts'
import type { Versions } from '#api/apply/track.ts'
import { canonical } from '#api/canonical.ts'
import { clone } from '#api/clone.ts'
import { decodeMessage } from '#api/decode.ts'
import type { Plain } from '#api/own.ts'
import { apiVersionOf, type KubeObject, type Resource } from '#api/resource.ts'
import { storedResource } from '#apiserver/storage/keys.ts'

/** Kinds by group version and name; other versions of a kind are found among them. */
export type KindsInVersions = (apiVersion: string, kind: string) => Resource | undefined

/** What a webhook has converted, by version and text of the object. */
export type Conversions = Map<string, Plain>

interface Needed {
  object: Plain
  from: Resource
  to: Resource
}

const keyOf = (object: Plain, to: Resource): string => `${apiVersionOf(to)} ${JSON.stringify(object)}`

class ConversionNeeded extends Error {
  readonly needed: Needed

  constructor(needed: Needed) {
    super('a webhook has to convert')
    this.needed = needed
  }
}

/** An apply converts a handful of objects for each version; more means that a webhook answers something new each time. */
const maxConversions = 100

/** Runs what works with versions, as often as conversions are missing. Throws what it throws, and ApiError 500 where a webhook fails. */
export async function withConversions<T>(run: (known: Conversions) => T): Promise<T> {
  const known: Conversions = new Map()
  for (;;) {
    try {
      return run(known)
    } catch (error) {
      if (!(error instanceof ConversionNeeded) || known.size >= maxConversions) throw error
      known.set(keyOf(error.needed.object, error.needed.to), await byWebhook(error.needed))
    }
  }
}

async function byWebhook({ object, from, to }: Needed): Promise<Plain> {
  const [stored] = (await from.storedAs?.convert?.([clone(object) as unknown as KubeObject], 'stored')) ?? [object as unknown as KubeObject]
  const [face] = (stored && (await to.storedAs?.convert?.([clone(stored)], 'face'))) ?? [stored]
  return { ...(canonical(face as KubeObject, to.schema) as unknown as Plain), apiVersion: apiVersionOf(to), kind: to.kind }
}

function atOnce({ object, from, to }: Needed): Plain {
  const decoded = decodeMessage(clone(object), from.schema).object as KubeObject
  const stored = from.storedAs?.toStored(decoded) ?? decoded
  const face = to.storedAs?.fromStored(stored) ?? stored
  return { ...(canonical(face, to.schema) as unknown as Plain), apiVersion: apiVersionOf(to), kind: to.kind }
}

export interface VersionsRequest {
  kinds: KindsInVersions
  resource: Resource
  subresource: string
  /** Without it a webhook cannot be asked. */
  known?: Conversions | undefined
}

export function versionsOf({ kinds, resource, subresource, known }: VersionsRequest): Versions {
  const apiVersion = apiVersionOf(resource)
  const face = (version: string): Resource | undefined => {
    if (version === apiVersion) return resource
    // upstream's converter does not find the way between two groups, not even for events
    const other = kinds(version, resource.kind)
    return other && other.group === resource.group && storedResource(other) === storedResource(resource) ? other : undefined
  }
  const convert = (object: Plain, version: string): Plain | undefined => {
    const own = object['apiVersion'] ?? apiVersion
    if (own === version) return object
    const [from, to] = [face(String(own)), face(version)]
    if (from === undefined || to === undefined) return undefined
    if (!from.storedAs?.convert && !to.storedAs?.convert) return atOnce({ object, from, to })
    const there = known?.get(keyOf(object, to))
    if (there === undefined) throw new ConversionNeeded({ object, from, to })
    return there
  }
  return {
    apiVersion,
    type: applyTypeOf(resource),
    filter: resetFilter(resource, subresource),
    typeAt: (version) => {
      const at = face(version)
      return at && applyTypeOf(at)
    },
    convert,
  }
}
