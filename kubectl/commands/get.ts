/** kubectl get: tables as the server makes them, or whole objects in the form of -o; with -w as they change. */
import type { KubeObject } from '#api/resource.ts'
import { queryText, resourcePath } from '#client/resource-path.ts'
import { errorOf } from '#client/rest.ts'
import { linesOf } from '#client/watch-frames.ts'
import { type Ctx, command, type FlagValues, list, number, onOff, text, UsageError } from '#kubectl/command.ts'
import { manifestTargets } from '#kubectl/manifest/locate.ts'
import { alignColumns, ColumnStream } from '#kubectl/print/columns.ts'
import { type ObjectPrinter, printerOf } from '#kubectl/print/objects.ts'
import { compareBy } from '#kubectl/print/sort-by.ts'
import { headerOf, rowOf, type Table, type TableOptions } from '#kubectl/print/table.ts'
import type { ApiResource } from '#kubectl/served-types.ts'
import { type Target, targetsOf } from '#kubectl/targets.ts'

const flags = {
  output: text('Form: json, yaml, name, wide, jsonpath=…, custom-columns=….', { short: 'o' }),
  watch: onOff('After listing, show changes as they happen.', { short: 'w' }),
  'watch-only': onOff('Show changes without listing first.'),
  'output-watch-events': onOff('Show the type of each change.'),
  'all-namespaces': onOff('Objects of all namespaces.', { short: 'A' }),
  selector: text('Only objects whose labels match.', { short: 'l' }),
  'field-selector': text('Only objects whose fields match.'),
  'label-columns': list('Labels to show as columns.', { short: 'L' }),
  'show-labels': onOff('Show all labels in a column.'),
  'show-kind': onOff('Write the kind before each name.'),
  'show-managed-fields': onOff('Keep metadata.managedFields in json and yaml.'),
  'sort-by': text('Order by this JSONPath.'),
  'no-headers': onOff('Leave out the header line.'),
  'ignore-not-found': onOff('An object that is not there is no error.'),
  raw: text('Print what the server answers at this path.'),
  'chunk-size': number('Objects per request.', { fallback: 500 }),
  filename: list('Objects of these manifests.', { short: 'f' }),
  recursive: onOff('Read folders of -f to their bottom.', { short: 'R' }),
  subresource: text('Show this subresource (status, scale).'),
} as const
type Values = FlagValues<typeof flags>

const tableType = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'

export const get = command({
  name: 'get',
  args: '(TYPE[.GROUP] [NAME | -l label] | TYPE/NAME ...)',
  summary: 'Display one or many resources',
  examples: ['kubectl get pods -o wide', 'kubectl get deploy/web svc/web', 'kubectl get pods -A -w'],
  flags,
  async run({ args, flags: values, ctx }) {
    if (values.raw !== '') return printRaw(values.raw, ctx)
    const printer = printerOf(values.output, { showManagedFields: values['show-managed-fields'] })
    const targets = await targetsFor(args, values, ctx)
    if (values.watch || values['watch-only']) return watchTarget(targets, { values, ctx, printer })
    if (printer) return printObjects(targets, { values, ctx, printer })
    return printTables(targets, { values, ctx })
  },
})

async function printRaw(path: string, ctx: Ctx): Promise<void> {
  const response = await ctx.client().raw('GET', path)
  if (response.status >= 400) throw errorOf(response.status, response.body)
  ctx.io.out.write(response.body)
}

/** A namespace that is undefined stands for all, or for none. */
interface Located extends Omit<Target, 'namespace'> {
  namespace?: string | undefined
}

async function targetsFor(args: readonly string[], values: Values, ctx: Ctx): Promise<readonly Located[]> {
  if (values.filename.length > 0) return manifestTargets(values.filename, { recursive: values.recursive, ctx })
  const targets = targetsOf(args, await ctx.types())
  if (values['all-namespaces'] && targets.some((t) => t.names.length > 0))
    throw new UsageError('a resource cannot be retrieved by name across all namespaces')
  if (values.selector !== '' && targets.some((t) => t.names.length > 0))
    throw new UsageError('name cannot be provided when a selector is specified')
  return targets.map((t) => ({ ...t, namespace: t.type.scope === 'Cluster' || values['all-namespaces'] ? undefined : ctx.namespace }))
}

interface Run {
  values: Values
  ctx: Ctx
}

async function fetchJson(ctx: Ctx, path: string, accept: string): Promise<unknown> {
  const response = await ctx.client().raw('GET', path, { headers: { Accept: accept }, signal: ctx.signal })
  if (response.status >= 400) throw errorOf(response.status, response.body)
  return JSON.parse(response.body.toString('utf8'))
}

/** Every page of a target; names come one by one. An object that is not there is collected as an error, and the others are still shown. */
async function* pagesOf(target: Located, run: Run, accept: string): AsyncIterable<unknown | { failed: unknown }> {
  const { values, ctx } = run
  const subresource = values.subresource || undefined
  for (const name of target.names) {
    try {
      yield await fetchJson(ctx, resourcePath(target.type, { namespace: target.namespace, name }, subresource), accept)
    } catch (error) {
      yield { failed: error }
    }
  }
  if (target.names.length > 0) return
  let next: string | undefined = ''
  while (next !== undefined) {
    const query = {
      labelSelector: values.selector,
      fieldSelector: values['field-selector'],
      limit: values['chunk-size'] || undefined,
      continue: next,
      ...(values['sort-by'] !== '' && accept === tableType ? { includeObject: 'Object' } : {}),
    }
    const page = (await fetchJson(ctx, `${resourcePath(target.type, { namespace: target.namespace })}${queryText(query)}`, accept)) as {
      metadata?: { continue?: string }
    }
    yield page
    next = page.metadata?.continue || undefined
  }
}

/** Keeps failures until everything else is shown; `--ignore-not-found` forgets those. */
class Failures {
  readonly #errors: unknown[] = []
  readonly #ignoreNotFound: boolean

  constructor(ignoreNotFound: boolean) {
    this.#ignoreNotFound = ignoreNotFound
  }

  /** True where `page` is a failure and was taken. */
  take(page: unknown): boolean {
    if (typeof page !== 'object' || page === null || !('failed' in page)) return false
    if (!(this.#ignoreNotFound && (page.failed as { code?: number }).code === 404)) this.#errors.push(page.failed)
    return true
  }

  throwAny(): void {
    if (this.#errors.length === 1) throw this.#errors[0]
    if (this.#errors.length > 1) throw new AggregateError(this.#errors)
  }

  get some(): boolean {
    return this.#errors.length > 0
  }
}

async function printObjects(targets: readonly Located[], { values, ctx, printer }: Run & { printer: ObjectPrinter }): Promise<void> {
  const failures = new Failures(values['ignore-not-found'])
  const items: KubeObject[] = []
  for (const target of targets) {
    for await (const page of pagesOf(target, { values, ctx }, 'application/json')) {
      if (failures.take(page)) continue
      const { items: listed, apiVersion, kind } = page as { items?: KubeObject[]; apiVersion: string; kind: string }
      if (Array.isArray(listed))
        items.push(
          ...listed.map((item) => ({ ...item, apiVersion: item.apiVersion ?? apiVersion, kind: item.kind ?? kind.replace(/List$/, '') })),
        )
      else items.push(page as KubeObject)
    }
  }
  if (values['sort-by'] !== '') items.sort((a, b) => compareBy(values['sort-by'], a, b))
  const single = targets.length === 1 && targets[0]?.names.length === 1
  if (items.length > 0 || !single) {
    const whole = single ? items[0] : { apiVersion: 'v1', items, kind: 'List', metadata: { resourceVersion: '' } }
    if (!(items.length === 0 && values.output === 'name')) ctx.io.out.write(printer(whole))
  }
  failures.throwAny()
}

function tableOptions(type: ApiResource, values: Values, severalKinds: boolean): TableOptions {
  const name = `${type.singular || type.kind.toLowerCase()}${type.group === '' ? '' : `.${type.group}`}/`
  return {
    wide: values.output === 'wide',
    withNamespace: values['all-namespaces'] && type.scope === 'Namespaced',
    showLabels: values['show-labels'],
    labelColumns: values['label-columns'],
    namePrefix: severalKinds || values['show-kind'] ? name : '',
  }
}

async function printTables(targets: readonly Located[], { values, ctx }: Run): Promise<void> {
  const failures = new Failures(values['ignore-not-found'])
  const several = targets.length > 1
  let printed = 0
  const sortBy = values['sort-by']
  for (const target of targets) {
    const options = tableOptions(target.type, values, several)
    const rows: (readonly string[])[] = []
    let header: readonly string[] | undefined
    const found: Table['rows'][number][] = []
    let shape: Table | undefined
    for await (const page of pagesOf(target, { values, ctx }, tableType)) {
      if (failures.take(page)) continue
      shape = tableFrom(page, shape)
      header ??= headerOf(shape, options)
      found.push(...(page as Table).rows)
    }
    if (!shape || found.length === 0) continue
    if (sortBy !== '') found.sort((a, b) => compareBy(sortBy, a.object, b.object))
    for (const row of found) rows.push(rowOf(shape, row, options))
    if (printed++ > 0) ctx.io.out.write('\n')
    ctx.io.out.write(alignColumns(values['no-headers'] || !header ? rows : [header, ...rows]))
  }
  if (printed === 0 && !failures.some && !values['ignore-not-found']) {
    const scope = values['all-namespaces'] || targets.every((t) => t.type.scope === 'Cluster') ? '' : ` in ${ctx.namespace} namespace`
    ctx.io.err.write(`No resources found${scope}${scope === '' ? '' : '.'}\n`)
  }
  failures.throwAny()
}

/** Later pages leave out the column definitions. */
function tableFrom(page: unknown, before: Table | undefined): Table {
  const table = page as Table
  if (table.kind !== 'Table') throw new UsageError('the server did not answer with a table: use -o yaml')
  return before && (table.columnDefinitions ?? []).length === 0 ? before : table
}

async function watchTarget(
  targets: readonly Located[],
  { values, ctx, printer }: Run & { printer: ObjectPrinter | undefined },
): Promise<void> {
  const [target] = targets
  if (!target || targets.length > 1)
    throw new UsageError('watch is only supported on individual resources and resource collections - more than 1 resource was found')
  const columns = new ColumnStream()
  const options = tableOptions(target.type, values, false)
  const field = target.names[0] === undefined ? values['field-selector'] : `metadata.name=${target.names[0]}`
  const query = { labelSelector: values.selector, fieldSelector: field }
  const path = resourcePath(target.type, { namespace: target.namespace })
  const accept = printer ? 'application/json' : tableType
  const first = (await fetchJson(ctx, `${path}${queryText(query)}`, accept)) as Table & {
    items?: KubeObject[]
    apiVersion: string
    kind: string
  }
  let shape = first
  let headed = false
  const show = (event: string, page: Table | KubeObject): void => {
    if (printer)
      ctx.io.out.write(values['output-watch-events'] && values.output !== 'name' ? printer({ type: event, object: page }) : printer(page))
    else {
      const table = page as Table
      if ((table.columnDefinitions ?? []).length > 0) shape = table as typeof first
      const lead = values['output-watch-events']
      const rows = table.rows.map((row) => [...(lead ? [event] : []), ...rowOf(shape, row, options)])
      if (!headed && !values['no-headers']) {
        const header = [...(lead ? ['EVENT'] : []), ...headerOf(shape, options)]
        columns.fit([header, ...rows])
        ctx.io.out.write(columns.write(header))
      }
      headed = true
      for (const row of rows) ctx.io.out.write(columns.write(row))
    }
  }
  if (!values['watch-only']) {
    const kind = String(first.kind).replace(/List$/, '')
    if (printer)
      for (const item of first.items ?? [])
        show('ADDED', { ...item, apiVersion: item.apiVersion ?? first.apiVersion, kind: item.kind ?? kind })
    else if (first.rows.length > 0) show('ADDED', first)
  }
  const resourceVersion = first.metadata?.resourceVersion ?? ''
  for await (const event of watchPages(ctx, `${path}${queryText({ ...query, watch: true, resourceVersion })}`, accept))
    show(event.type, event.object)
}

async function* watchPages(ctx: Ctx, path: string, accept: string): AsyncIterable<{ type: string; object: Table | KubeObject }> {
  for await (const line of linesOf(await ctx.client().stream(path, { headers: { Accept: accept }, signal: ctx.signal }))) {
    if (line.length === 0) continue
    const event = JSON.parse(line.toString('utf8')) as { type: string; object: Table | KubeObject }
    if (event.type === 'ERROR') throw errorOf((event.object as unknown as { code: number }).code, Buffer.from(JSON.stringify(event.object)))
    if (event.type !== 'BOOKMARK') yield event
  }
}
