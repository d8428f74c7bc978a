/** /healthz, /livez, /readyz with ?verbose, ?exclude and single checks, in upstream's lines. */
import type { Answer, ApiRequest } from './exchange.ts'

/** Rejects with the reason while it is not healthy. */
export type Check = (signal: AbortSignal) => Promise<void>

export interface HealthChecks {
  livez: ReadonlyMap<string, Check>
  readyz: ReadonlyMap<string, Check>
}

const timeoutMs = 2000
const text = (status: number, body: string): Answer => ({
  status,
  bytes: Buffer.from(body),
  contentType: 'text/plain; charset=utf-8',
  headers: { 'x-content-type-options': 'nosniff' },
})
export const pageNotFound = (): Answer => text(404, '404 page not found\n')

/** Undefined for paths that are not about health. */
export async function healthAnswer(checks: HealthChecks, request: ApiRequest): Promise<Answer | undefined> {
  const [, name = '', ...rest] = request.info.path.split('/')
  const all = name === 'readyz' ? checks.readyz : name === 'livez' || name === 'healthz' ? checks.livez : undefined
  if (!all) return undefined
  const single = rest.join('/')
  if (single !== '') return await singleAnswer(all.get(single), request)
  const { query } = request.info
  const excluded = new Set(query.getAll('exclude'))
  const lines: string[] = []
  let failed = false
  for (const [check, run] of all) {
    const why = excluded.has(check) ? undefined : await failureOf(run)
    if (why !== undefined) failed = true
    lines.push(
      excluded.has(check) ? `[+]${check} excluded: ok` : why === undefined ? `[+]${check} ok` : `[-]${check} failed: reason withheld`,
    )
    excluded.delete(check)
  }
  const missing = [...excluded].map((check) => JSON.stringify(check)).join(',')
  if (missing !== '') lines.push(`warn: some health checks cannot be excluded: no matches for ${missing}`)
  if (failed) return text(500, `${lines.join('\n')}\n${name} check failed\n`)
  return text(200, query.has('verbose') ? `${lines.join('\n')}\n${name} check passed\n` : 'ok')
}

async function singleAnswer(check: Check | undefined, _request: ApiRequest): Promise<Answer> {
  if (!check) return pageNotFound()
  const why = await failureOf(check)
  return why === undefined ? text(200, 'ok') : text(500, `internal server error: ${why}\n`)
}

async function failureOf(check: Check): Promise<string | undefined> {
  try {
    await check(AbortSignal.timeout(timeoutMs))
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}
