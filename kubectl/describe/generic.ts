/** Describes any other kind: its fields as a tree with spaced-out names. */
import type { KubeObject } from '#api/resource.ts'
import { type Describer, eventTable, head, labelsAndAnnotations } from './describer.ts'
import type { Lines } from './lines.ts'

/** `podCIDR` → `Pod CIDR`. */
const title = (key: string): string => key.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replace(/^./, (c) => c.toUpperCase())

export const generic: Describer<KubeObject> = {
  describe(object, lines, around) {
    head(object, lines, { namespaced: true })
    labelsAndAnnotations(object, lines)
    lines.add(0, `API Version:\t${object.apiVersion}`).add(0, `Kind:\t${object.kind}`)
    const { name: _, namespace: __, labels: ___, annotations: ____, managedFields: _____, ...metadata } = object.metadata
    tree({ metadata }, 0, lines)
    const { apiVersion: ______, kind: _______, metadata: ________, ...rest } = object as KubeObject & Record<string, unknown>
    tree(rest, 0, lines)
    eventTable(lines, around)
  },
}

function tree(value: object, level: number, lines: Lines): void {
  for (const [key, inner] of Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (typeof inner !== 'object' || inner === null) lines.add(level, `${title(key)}:\t${inner ?? '<nil>'}`)
    else if (!Array.isArray(inner)) tree(inner, level + 1, lines.add(level, `${title(key)}:`))
    else {
      lines.add(level, `${title(key)}:`)
      for (const item of inner) {
        if (typeof item === 'object' && item !== null) tree(item, level + 1, lines)
        else lines.add(level + 1, String(item))
      }
    }
  }
}
