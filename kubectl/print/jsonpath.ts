/** JSONPath as kubectl's flags take it: what is wrong with an expression is the user's mistake. Pure. */
import { findJsonPath as find, renderJsonPath as render } from '#api/json-path/find.ts'
import { JsonPathError } from '#api/json-path/parse.ts'
import { UsageError } from '#kubectl/command.ts'

/** The text that `template` makes of `data`. `allowMissing` prints nothing for a key that is not there, otherwise that is an error. */
export const renderJsonPath = (template: string, data: unknown, options?: { allowMissing: boolean }): string =>
  asUsage(() => render(template, data, options))

/** The values that one path, without text around it, finds. Accepts `.a.b`, `{.a.b}` and `a.b`. */
export const findJsonPath = (path: string, data: unknown): readonly unknown[] => asUsage(() => find(path, data))

function asUsage<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof JsonPathError ? new UsageError(error.message) : error
  }
}
