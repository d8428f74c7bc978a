/** Serves definitions: takes their kinds up and lets go of them while the server runs. */

import { type CustomKinds, customKindsOf } from '#api/apiextensions/custom-resource.ts'
import type { CustomResourceDefinition } from '#api/apiextensions/custom-resource-definition.ts'
import { isTrue } from '#api/apiextensions/status.ts'
import { sameJson } from '#api/own.ts'
import type { Resource } from '#api/resource.ts'
import type { Cache } from '#apiserver/cache/cache.ts'
import type { ServedKinds } from '#apiserver/served-kinds.ts'
import { endpointOf } from './service-endpoint.ts'
import type { WebhookDeps } from './webhook-call.ts'
import { withConversion } from './webhook-conversion.ts'

interface Served {
  spec: unknown
  names: unknown
  storedVersions: unknown
  kinds: CustomKinds
}

export class LiveKinds {
  readonly #cache: Cache
  readonly #kinds: ServedKinds
  readonly #webhooks: WebhookDeps
  readonly #served = new Map<string, Served>()
  readonly #terminating = new Set<string>()

  constructor(cache: Cache, kinds: ServedKinds, webhooks: WebhookDeps = { endpointOf: endpointOf(cache, Math.random) }) {
    this.#cache = cache
    this.#kinds = kinds
    this.#webhooks = webhooks
  }

  /** The kind under which the server itself reads and writes the objects of a definition, while it is served. */
  ownKind(definition: string): Resource | undefined {
    return this.#served.get(definition)?.kinds.own
  }

  /** Whether the definition of a kind is about to go, so that nothing new may be made of it. */
  isTerminating(resource: Resource): boolean {
    return this.#terminating.size > 0 && this.#terminating.has(`${resource.plural}.${resource.group}`)
  }

  names(): string[] {
    return [...this.#served.keys()]
  }

  /** Resolves once the kinds of the definition are served as it says, or not any more. Throws ApiError while the store is away. */
  async publish(definition: CustomResourceDefinition): Promise<void> {
    const name = definition.metadata.name ?? ''
    if (isTrue(definition, 'Terminating') || definition.metadata.deletionTimestamp !== undefined) this.#terminating.add(name)
    else this.#terminating.delete(name)
    const { spec } = definition
    const { acceptedNames: names, storedVersions } = definition.status
    const known = this.#served.get(name)
    const now = { names, spec, storedVersions }
    if (known !== undefined && sameJson({ names: known.names, spec: known.spec, storedVersions: known.storedVersions }, now)) return
    const isServed = isTrue(definition, 'NamesAccepted') || isTrue(definition, 'Established')
    const kinds = isServed ? this.#kindsOf(definition) : undefined
    if (kinds === undefined) {
      this.withdraw(name)
      return
    }
    await this.#cache.add(kinds.stored)
    this.#served.set(name, { ...now, kinds })
    this.#kinds.setCustom(name, kinds.served)
  }

  #kindsOf(definition: CustomResourceDefinition): CustomKinds | undefined {
    const made = customKindsOf(definition)
    const converting = (face: Resource): Resource => withConversion(definition, face, this.#webhooks)
    return made && { ...made, own: converting(made.own), served: made.served.map(converting) }
  }

  withdraw(name: string): void {
    const known = this.#served.get(name)
    this.#terminating.delete(name)
    if (known === undefined) return
    this.#served.delete(name)
    this.#kinds.setCustom(name, [])
    this.#cache.remove(known.kinds.stored)
  }
}
