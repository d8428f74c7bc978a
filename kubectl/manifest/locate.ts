/** Which objects of the server manifests speak of. */
import { type Ctx, UsageError } from '#kubectl/command.ts'
import type { ApiResource } from '#kubectl/served-types.ts'
import type { Target } from '#kubectl/targets.ts'
import { type Manifest, readManifests } from './read.ts'

/** Fills in the namespace; a manifest that names another one than -n does is refused. */
export function located(manifest: Manifest, type: ApiResource, ctx: Ctx): Manifest {
  if (type.scope === 'Cluster') return manifest
  const own = manifest.object.metadata.namespace
  if (own && ctx.namespaceGiven && own !== ctx.namespace) {
    throw new UsageError(
      `the namespace from the provided object "${own}" does not match the namespace "${ctx.namespace}". You must pass '--namespace=${own}' to perform this operation.`,
    )
  }
  return { ...manifest, object: { ...manifest.object, metadata: { ...manifest.object.metadata, namespace: own || ctx.namespace } } }
}

export async function manifestTargets(sources: readonly string[], options: { recursive: boolean; ctx: Ctx }): Promise<readonly Target[]> {
  const types = await options.ctx.types()
  return (await readManifests(sources, options)).map((manifest) => {
    const type = types.ofKind(manifest.object.apiVersion, manifest.object.kind)
    const { name = '', namespace } = located(manifest, type, options.ctx).object.metadata
    return { type, names: [name], ...(namespace ? { namespace } : {}) }
  })
}
