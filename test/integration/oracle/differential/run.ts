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
import { setTimeout as delay } from 'node:timers/promises'
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

/** Asks for the object until both servers answer like this, for a few seconds at most. */
async function untilBoth({ item }: KindCorpus, ours: Target, holds: (replies: readonly [Reply, Reply]) => boolean): Promise<void> {
  const deadline = Date.now() + 5000
  while (Date.now() < deadline) {
    if (holds(await both(ours, { method: 'GET', path: item }))) return
    await delay(50)
  }
}

/** Asks all questions of a kind; tells of each difference. */
export async function compareKind(corpus: KindCorpus, ours: Target, tell: (difference: object) => void): Promise<Rate> {
  // what another run left may still be going
  await untilBoth(corpus, ours, (replies) => replies.every(({ code }) => code === 404))
  const made = await both(ours, { method: 'POST', path: corpus.collection, text: JSON.stringify(corpus.seed) })
  if (made.some(({ code }) => code !== 201 && code !== 409)) {
    tell({ kind: corpus.id, title: 'the seed itself', ours: made[0].body, upstream: made[1].body })
    if (made[1].code >= 400) return { id: corpus.id, asked: 0, equal: 0 }
  }
  // controllers inside of the servers may have a word about the new object
  await untilBoth(corpus, ours, ([mine, theirs]) => differenceOf(mine, theirs) === undefined)
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

export const unfinishedBelow = 95

export const percentOf = ({ asked, equal }: Rate): number => (asked === 0 ? 0 : (100 * equal) / asked)

/** The page of docs/: what was asked, what counts as equal, and the rate of each kind. */
export function pageOf(rates: readonly Rate[]): string {
  const row = (rate: Rate): string => {
    const percent = percentOf(rate)
    return `| ${rate.id} | ${rate.asked} | ${percent.toFixed(2)} | ${percent < unfinishedBelow ? 'unfinished' : ''} |`
  }
  const total = rates.reduce((sum, { asked, equal }) => ({ id: '**all**', asked: sum.asked + asked, equal: sum.equal + equal }), {
    id: '**all**',
    asked: 0,
    equal: 0,
  })
  return [introduction, '| kind | requests | equal answers, % | |', '|---|---|---|---|', ...rates.map(row), row(total), ''].join('\n')
}

const introduction = `# Beside upstream, answer by answer

Made by \`node test/integration/oracle/differential/run.ts --table=docs/equality.md\`, which plays the same requests to our API server and to upstream's
kube-apiserver v1.35.4 with its default settings. The corpus is not picked by hand: from the definition of each kind, each field is left out, set to null, to its zero value,
to a value of another type, to each value of its enumeration and one that is none, and to values at and beyond limits; each of these is created, written as an update of an existing
object, and sent as a merge patch, strategic merge patch, JSON patch or applied configuration in turn. All are dry runs. What spans fields and requests is compared by the other files of
test/integration/oracle/.

Two answers are equal where code, reason, causes (message where there are none) and the resulting object with its managed fields agree. Left out of the comparison, each for a reason:

- times, UIDs, resource versions, generated names: no two servers share them;
- how often a cause is told, and in which order: upstream repeats what several of its layers find, and some order is that of Go's maps;
- what follows the sentence that a field is immutable: upstream prints a difference of two Go structs;
- the echo of a patched document in the message of a patch that does not fit: its order is that of Go's maps;
- entries of field managers that are controllers inside of upstream's server; and the time of a transition, where a server saw it just now.

What is left is accepted, each for a reason:

- a map that is written with nothing in it counts as absent, and so do bytes of nothing: the few rules of upstream that compare Go's structs (parameters of storage classes, generations
  of network policies and webhook configurations, capacity of volumes, overhead of pods, \`dependencies\` of schemas) tell them apart. Lists are told apart, as there many rules do;
- \`conditions: []\` of a definition's status is stored as null: definitions are the one kind that upstream stores as JSON;
- an \`items\` of a schema that is neither schema nor list is dropped, where upstream keeps a schema of nothing;
- entries of null in the managedFields of an applied configuration are refused like others;
- admission (admin access to devices) is asked once the object is valid, so that its cause does not stand beside others.

Beside the corpus: reads, verbs, field validation, subresources, published schemas, quotas and stories of apply have tests of their own, of which these differences are accepted: the managed
fields of answers that are not stored (tokens, reviews) and of what the server counts itself; apply's faults of one map come in Go's order; custom resources know no HEAD; JSON deeper than
1,000 levels is refused (upstream: 10,000), as every engine recurses; the annotation of old that daemon sets carry is shown with metadata alone as well.

Controllers (garbage collection, the end of namespaces, deployments and replica sets, endpoints and slices, quotas, tokens), conversion by webhook, proxied requests and the verbs of every
kind were played beside upstream's kube-apiserver and kube-controller-manager, and mended where they differed. Accepted there: the hash in the names of replica sets and pods is of the template's
JSON (upstream: of a printed Go struct); subsets of Endpoints have an order of their own; conversion happens on reading, so that lists fail while a converter fails (upstream's lists show what was
converted before); a namespace is emptied at once (upstream waits five seconds); quotas give back what is only counted (secrets,
custom resources) after one to four seconds; links inside of proxied HTML are not rewritten.

A kind below ${unfinishedBelow} % is unfinished.
`

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
  if (values.table !== undefined) await writeFile(values.table, pageOf(rates))
}

if (import.meta.main) await main()
