/** Cells that tables of all controllers of pods share. */
import type { Container } from '#api/core/container.ts'

interface Template {
  spec?: { containers?: readonly Container[] | undefined } | undefined
}

export const containerNames = (template: Template | undefined): string =>
  (template?.spec?.containers ?? []).map((container) => container.name).join(',')

export const containerImages = (template: Template | undefined): string =>
  (template?.spec?.containers ?? []).map((container) => container.image ?? '').join(',')

/** Labels as `a=b,c=d`, sorted; `<none>` without any. */
export function labelsText(labels: Readonly<Record<string, string>> | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`)
  return pairs.sort().join(',') || '<none>'
}

/** Pointers to booleans as upstream's tables show them. */
export const flagText = (flag: boolean | undefined): string => (flag === undefined ? '<unset>' : flag ? 'True' : 'False')
