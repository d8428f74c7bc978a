/** What requests hear that no handler is for: upstream's kubelet tells a method that a path does not have from a path that is not there. Pure. */

export type Refusal =
  | { redirect: string }
  /** `nosniff`: browsers are told not to guess what the body is. */
  | { code: 404 | 405; body: string; allow?: string; nosniff?: boolean }

/** Asked without their slash they are shown the way. */
const folders: ReadonlySet<string> = new Set(['/logs', '/runningpods', '/stats'])
/** The paths that are there for some methods only; all others take any. */
const routes: readonly (readonly [RegExp, string])[] = [
  [/^\/(pods\/?|containerLogs(\/[^/]+){3}|runningpods\/|logs\/.*)$/, 'GET'],
  [/^\/(run(\/[^/]+){3,4}|checkpoint(\/[^/]+){3})$/, 'POST'],
  [/^\/(stats\/summary\/?|(exec|attach)(\/[^/]+){3,4}|portForward(\/[^/]+){2,3})$/, 'GET, POST'],
]
const services = /^\/(pods|stats|containerLogs|run|runningpods|logs|exec|attach|portForward|checkpoint|debug)(\/|$)/

export function refusalOf(path: string): Refusal {
  if (folders.has(path)) return { redirect: `${path}/` }
  const allow = routes.find(([pattern]) => pattern.test(path))?.[1]
  if (allow !== undefined) return { code: 405, body: '405: Method Not Allowed', allow }
  return services.test(path) ? { code: 404, body: '404: Page Not Found' } : { code: 404, body: '404 page not found\n', nosniff: true }
}
