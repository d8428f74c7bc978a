/** Gives every manifest its turn, also behind one that fails. */
import type { Manifest } from './read.ts'

/** What failed is thrown at the end. */
export async function forEachManifest(manifests: readonly Manifest[], act: (manifest: Manifest) => Promise<void>): Promise<void> {
  const failures: unknown[] = []
  for (const manifest of manifests) {
    try {
      await act(manifest)
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0) throw failures.length === 1 ? failures[0] : new AggregateError(failures)
}
