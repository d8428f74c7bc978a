/** Reads manifests for -f: files, folders, addresses, standard input; YAML of several documents or JSON; lists are taken apart. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import type { KubeObject } from '#api/resource.ts'
import { type Ctx, UsageError } from '#kubectl/command.ts'

export interface Manifest {
  object: KubeObject
  /** Where it came from, for messages. */
  source: string
}

/** All objects of the named sources in order. Throws UsageError where a source cannot be read or holds no objects. */
export async function readManifests(sources: readonly string[], options: { recursive: boolean; ctx: Ctx }): Promise<readonly Manifest[]> {
  if (sources.length === 0) throw new UsageError('must specify one of -f and -k')
  const manifests: Manifest[] = []
  for (const source of sources) {
    for (const { text, name } of await textsOf(source, options)) manifests.push(...parseManifests(text, name))
  }
  if (manifests.length === 0) throw new UsageError('no objects passed to apply')
  return manifests
}

async function textsOf(
  source: string,
  { recursive, ctx }: { recursive: boolean; ctx: Ctx },
): Promise<readonly { text: string; name: string }[]> {
  if (source === '-') return [{ text: await readStream(ctx.io.in), name: 'STDIN' }]
  if (/^https?:\/\//.test(source)) {
    const response = await fetch(source, { signal: ctx.signal })
    if (!response.ok) throw new UsageError(`unable to read URL "${source}", server reported ${response.status} ${response.statusText}`)
    return [{ text: await response.text(), name: source }]
  }
  return filesBelow(source, recursive, true).map((path) => ({ text: readFileSync(path, 'utf8'), name: path }))
}

function filesBelow(path: string, recursive: boolean, named: boolean): readonly string[] {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats) throw new UsageError(`the path "${path}" does not exist`)
  if (!stats.isDirectory()) return named || /\.(ya?ml|json)$/.test(path) ? [path] : []
  const entries = readdirSync(path, { withFileTypes: true }).sort((a, b) => a.name.localeCompare(b.name))
  return entries.flatMap((entry) => (entry.isDirectory() && !recursive ? [] : filesBelow(join(path, entry.name), recursive, false)))
}

async function readStream(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString('utf8')
}

/** YAML is read as 1.1 without its dates and base-60 numbers, which is how Go reads manifests (`0644` is octal, `22:22` is text). */
export function parseManifests(text: string, source: string): readonly Manifest[] {
  const documents = parseAllDocuments(text, {
    version: '1.1',
    customTags: (tags) =>
      tags.filter(
        (tag) => typeof tag === 'string' || (tag.tag !== 'tag:yaml.org,2002:timestamp' && (tag as { format?: string }).format !== 'TIME'),
      ),
  })
  const manifests: Manifest[] = []
  for (const document of documents) {
    const [error] = 'errors' in document ? document.errors : []
    if (error) throw new UsageError(`error parsing ${source}: ${error.message.split('\n')[0]}`)
    const value: unknown = document.toJS({ maxAliasCount: 100 })
    if (value !== null && value !== undefined) manifests.push(...flattened(value, source))
  }
  return manifests
}

function flattened(value: unknown, source: string): readonly Manifest[] {
  const object = value as Partial<KubeObject> & { items?: unknown[] }
  if (typeof value !== 'object' || Array.isArray(value))
    throw new UsageError(`${source}: a manifest must be a mapping with apiVersion and kind`)
  for (const field of ['apiVersion', 'kind'] as const) {
    if (typeof object[field] !== 'string' || object[field] === '')
      throw new UsageError(
        `error validating "${source}": error validating data: ${field} not set; if you choose to ignore these errors, turn validation off with --validate=false`,
      )
  }
  if (object.kind?.endsWith('List') && Array.isArray(object.items)) return object.items.flatMap((item) => flattened(item, source))
  return [{ object: { ...object, metadata: object.metadata ?? {} } as KubeObject, source }]
}
