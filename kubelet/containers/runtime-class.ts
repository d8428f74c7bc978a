/** From the name of a pod's RuntimeClass to the runtime's handler. Read when such a pod starts: there are few of them, and no watch pays. */

import { ApiError } from '#api/meta/status.ts'
import { RuntimeClasses } from '#api/node/runtime-class.ts'
import type { Client } from '#client/rest.ts'

export type RuntimeHandlerOf = (name: string, signal: AbortSignal) => Promise<string>

/** Rejects in upstream's words. */
export const runtimeHandlers =
  (client: Client): RuntimeHandlerOf =>
  async (name, signal) => {
    try {
      return (await client.get(RuntimeClasses, { name }, { signal })).handler
    } catch (error) {
      if (error instanceof ApiError && error.code === 404) throw new Error(`runtimeclass.node.k8s.io ${JSON.stringify(name)} not found`)
      throw new Error(`failed to lookup RuntimeClass ${name}: ${(error as Error).message}`, { cause: error })
    }
  }
