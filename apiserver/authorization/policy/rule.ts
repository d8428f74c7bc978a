/** The short form in which the bootstrap roles are written: words separated by blanks (pure). */
import type { PolicyRule } from '#api/rbac/role.ts'

export const read = 'get list watch'
export const write = 'create delete deletecollection patch update'
export const readWrite = 'create delete deletecollection get list patch update watch'

const words = (text: string): string[] => text.split(' ')

/** A group named `core` is the one without a name. */
export function on(groups: string, resources: string, verbs: string, names?: string): PolicyRule {
  return {
    verbs: words(verbs),
    apiGroups: words(groups).map((group) => (group === 'core' ? '' : group)),
    resources: words(resources),
    ...(names === undefined ? {} : { resourceNames: words(names) }),
  }
}

/** Of paths that are no resources. */
export const at = (paths: string, verbs: string): PolicyRule => ({ verbs: words(verbs), nonResourceURLs: words(paths) })

export const events = on('core events.k8s.io', 'events', 'create patch update')
