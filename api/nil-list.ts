/** Lists that nobody wrote: nil in Go, empty here, where our types promise that there is something to go through. */

const nils = new WeakSet<readonly unknown[]>()

export function nilList(): unknown[] {
  const list: unknown[] = []
  nils.add(list)
  return list
}

/** Whether an empty list stands for an absent one. */
export const isNilList = (empty: readonly unknown[]): boolean => nils.has(empty)
