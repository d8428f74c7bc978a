/** Describes config maps, secrets, service accounts and namespaces. */
import type { ConfigMap } from '#api/core/config-map.ts'
import type { Namespace } from '#api/core/namespace.ts'
import type { Secret } from '#api/core/secret.ts'
import type { ServiceAccount } from '#api/core/service-account.ts'
import { type Describer, eventTable, head, joined, labelsAndAnnotations } from './describer.ts'

export const configMap: Describer<ConfigMap> = {
  describe(object, lines, around) {
    head(object, lines, { namespaced: true })
    labelsAndAnnotations(object, lines)
    lines.add(0, '').add(0, 'Data').add(0, '====')
    for (const [key, value] of Object.entries(object.data ?? {}).sort()) lines.add(0, `${key}:`).add(0, '----').add(0, value).add(0, '')
    lines.add(0, '').add(0, 'BinaryData').add(0, '====')
    for (const [key, value] of Object.entries(object.binaryData ?? {}).sort())
      lines.add(0, `${key}: ${Buffer.from(value, 'base64').length} bytes`)
    lines.add(0, '')
    eventTable(lines, around)
  },
}

export const secret: Describer<Secret> = {
  describe(object, lines) {
    head(object, lines, { namespaced: true })
    labelsAndAnnotations(object, lines)
    lines
      .add(0, '')
      .add(0, `Type:\t${object.type ?? 'Opaque'}`)
      .add(0, '')
      .add(0, 'Data')
      .add(0, '====')
    // Only sizes: a description may end up in a ticket.
    for (const [key, value] of Object.entries(object.data ?? {}).sort())
      lines.add(0, `${key}:\t${Buffer.from(value, 'base64').length} bytes`)
  },
}

export const serviceAccount: Describer<ServiceAccount> = {
  describe(object, lines, around) {
    head(object, lines, { namespaced: true })
    labelsAndAnnotations(object, lines)
    const names = (list: { name?: string | undefined }[] | undefined): string => joined((list ?? []).map((r) => r.name ?? ''))
    lines
      .add(0, `Image pull secrets:\t${names(object.imagePullSecrets)}`)
      .add(0, `Mountable secrets:\t${names(object.secrets)}`)
      .add(0, 'Tokens:\t<none>')
    eventTable(lines, around)
  },
}

export const namespace: Describer<Namespace> = {
  describe(object, lines) {
    head(object, lines, { namespaced: false })
    labelsAndAnnotations(object, lines)
    lines.add(0, `Status:\t${object.status.phase ?? ''}`)
    const conditions = object.status.conditions ?? []
    if (conditions.length > 0) {
      lines
        .add(0, 'Conditions:')
        .add(1, 'Type\tStatus\tLastTransitionTime\tReason\tMessage')
        .add(1, '----\t------\t------------------\t------\t-------')
      for (const c of conditions)
        lines.add(1, `${c.type}\t${c.status}\t${c.lastTransitionTime ?? ''}\t${c.reason ?? ''}\t${c.message ?? ''}`)
    }
    lines.add(0, '').add(0, 'No resource quota.').add(0, '').add(0, 'No LimitRange resource.')
  },
}
