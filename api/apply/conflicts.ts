/** What an apply would take from others: 409 with upstream's words and causes (source: apimachinery, managedfields, conflict.go). */
import { goQuote } from '#api/meta/go-quote.ts'
import { ApiError } from '#api/meta/status.ts'
import { identityOf, type Owner } from './entries.ts'
import { difference, type FieldSet, isEmpty, paths } from './field-set.ts'
import { printPath } from './path-element.ts'

export interface Conflict {
  owner: Owner
  /** Paths that the applied configuration changes and the owner holds. */
  set: FieldSet
}

/** Thrown by the engine; becomes an ApiError at its border. */
export class ApplyConflicts extends Error {
  readonly conflicts: readonly Conflict[]

  constructor(conflicts: readonly Conflict[]) {
    super('conflicts')
    this.conflicts = [...conflicts].sort((a, b) => (identityOf(a.owner) < identityOf(b.owner) ? -1 : 1))
  }

  /** Those that are not in a set; undefined where all are. */
  except(allowed: FieldSet): ApplyConflicts | undefined {
    const left = this.conflicts.map(({ owner, set }) => ({ owner, set: difference(set, allowed) })).filter(({ set }) => !isEmpty(set))
    return left.length === 0 ? undefined : new ApplyConflicts(left)
  }

  toApiError(): ApiError {
    const causes = this.conflicts.flatMap(({ owner, set }) =>
      paths(set).map((path) => ({ reason: 'FieldManagerConflict', message: `conflict with ${printOwner(owner)}`, field: printPath(path) })),
    )
    const text =
      causes.length === 1 ? `1 conflict: ${causes[0]?.message}: ${causes[0]?.field}` : `${causes.length} conflicts: ${this.#lines()}`
    return new ApiError(409, 'Conflict', `Apply failed with ${text}`, { causes })
  }

  #lines(): string {
    return this.conflicts
      .flatMap(({ owner, set }) => [`conflicts with ${printOwner(owner)}:`, ...paths(set).map((path) => `- ${printPath(path)}`)])
      .join('\n')
  }
}

function printOwner({ manager, operation, apiVersion, subresource }: Owner): string {
  const name = subresource === '' ? goQuote(manager) : `${goQuote(manager)} with subresource ${goQuote(subresource)}`
  return operation === 'Update' ? `${name} using ${apiVersion}` : name
}
