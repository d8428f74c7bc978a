/**
 * Plays the corpus of the differential comparison to both servers.
 *
 *   node test/integration/oracle/differential/run.ts [--kinds=pods/v1,…] [--every=N] [--differences=FILE] [--table=FILE]
 *
 * Needs upstream's server (TYPERNETES_ORACLE_URL); starts our own. Prints a rate for each kind; writes each difference as one line of JSON,
 * and the table that docs/ shows.
 */
import { createWriteStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import type { Resource } from '#api/resource.ts'
import { resources } from '#api/scheme.ts'
import { startTestApiServer } from '#test/harness/apiserver.ts'
import { type Reply, send, type Target, upstream } from '#test/integration/oracle/upstream.ts'
import { differenceOf } from './judge.ts'
import { corpusOf, idOf, type KindCorpus, type Question } from './requests.ts'

export interface Rate {
  id: string
  asked: number
  equal: number
}

const atOnce = 12

async function both(ours: Target, sent: Parameters<typeof send>[0]): Promise<[Reply, Reply]> {
  return await Promise.all([send(sent, ours), send(sent, upstream)])
}

/** Asks all questions of a kind; tells of each difference. */
export async function compareKind(corpus: KindCorpus, ours: Target, tell: (difference: object) => void): Promise<Rate> {
  const made = await both(ours, { method: 'POST', path: corpus.collection, text: JSON.stringify(corpus.seed) })
  if (made.some(({ code }) => code !== 201 && code !== 409)) {
    tell({ kind: corpus.id, title: 'the seed itself', ours: made[0].body, upstream: made[1].body })
    if (made[1].code >= 400) return { id: corpus.id, asked: 0, equal: 0 }
  }
  let equal = 0
  const waiting = [...corpus.questions]
  const ask = async (question: Question): Promise<void> => {
    const { method, path, contentType, body: text } = question
    const [mine, theirs] = await both(ours, { method, path, text, contentType })
    const difference = differenceOf(mine, theirs)
    if (difference === undefined) equal++
    else tell({ kind: corpus.id, title: question.title, path, ...difference, body: text })
  }
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await ask(next)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  await both(ours, { method: 'DELETE', path: `${corpus.item}?gracePeriodSeconds=0` })
  return { id: corpus.id, asked: corpus.questions.length, equal }
}

const unfinishedBelow = 95

export function tableOf(rates: readonly Rate[]): string {
  const percent = ({ asked, equal }: Rate): number => (asked === 0 ? 0 : (100 * equal) / asked)
  const rows = rates.map(
    (rate) => `| ${rate.id} | ${rate.asked} | ${percent(rate).toFixed(1)} |${percent(rate) < unfinishedBelow ? ' unfinished |' : ' |'}`,
  )
  const total = rates.reduce((sum, { asked, equal }) => ({ id: 'all', asked: sum.asked + asked, equal: sum.equal + equal }), {
    id: 'all',
    asked: 0,
    equal: 0,
  })
  return [
    '| kind | requests | equal answers, % | |',
    '|---|---|---|---|',
    ...rows,
    `| **all** | ${total.asked} | **${percent(total).toFixed(1)}** | |`,
    '',
  ].join('\n')
}

/** Makes a namespace on both servers in which the comparison happens. */
export async function withNamespace<T>(ours: Target, name: string, run: () => Promise<T>): Promise<T> {
  await both(ours, { method: 'POST', path: '/api/v1/namespaces', text: JSON.stringify({ metadata: { name } }) })
  await both(ours, {
    method: 'POST',
    path: `/api/v1/namespaces/${name}/serviceaccounts`,
    text: JSON.stringify({ metadata: { name: 'default' } }),
  })
  try {
    return await run()
  } finally {
    await both(ours, { method: 'DELETE', path: `/api/v1/namespaces/${name}` })
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { kinds: { type: 'string' }, every: { type: 'string' }, differences: { type: 'string' }, table: { type: 'string' } },
  })
  const wanted = values.kinds?.split(',')
  const chosen = resources.filter((resource: Resource) => wanted === undefined || wanted.includes(idOf(resource)))
  const file = values.differences === undefined ? undefined : createWriteStream(values.differences)
  await using server = await startTestApiServer()
  const { certificate: cert, key } = await server.identity('admin', 'system:masters')
  const ours = { origin: server.url, cert, key }
  const namespace = `differs-${process.pid}`
  const rates: Rate[] = []
  await withNamespace(ours, namespace, async () => {
    for (const resource of chosen) {
      const corpus = corpusOf(resource, namespace, Number(values.every ?? 1))
      if (corpus === undefined) {
        console.log(`${idOf(resource)}: no seed`)
        continue
      }
      const rate = await compareKind(corpus, ours, (difference) => file?.write(`${JSON.stringify(difference)}\n`))
      rates.push(rate)
      console.log(`${rate.id}: ${rate.equal} of ${rate.asked} (${((100 * rate.equal) / Math.max(rate.asked, 1)).toFixed(1)} %)`)
    }
  })
  file?.end()
  if (values.table !== undefined) await writeFile(values.table, tableOf(rates))
}

if (import.meta.main) await main()
