/**
 * npm run bench: starts a cluster of its own, measures, removes it. Figures depend on the machine; the ratios in one run are what counts.
 * `npm run bench -- --write` also writes docs/benchmarks.md, `-- --api` measures only the API server, `-- --pods` only pods. Where
 * TYPERNETES_ORACLE names a folder with upstream's kube-apiserver and etcd, they are measured beside ours.
 */
import { writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { join } from 'node:path'
import { controlPlaneNames } from '#deploy/control-plane/start.ts'
import { checkout, eventually, TestCluster, whyNoCluster } from '#test/harness/cluster.ts'
import { podReadings } from './pod-readings.ts'
import { markdown, type Row } from './report.ts'
import { serverReadings } from './server-readings.ts'
import { pssMb } from './usage.ts'

const isPodsOnly = process.argv.includes('--pods')
const say = (text: string): void => console.error(`bench: ${text}`)

async function timed(work: () => Promise<unknown>): Promise<string> {
  const started = performance.now()
  await work()
  return `${((performance.now() - started) / 1000).toFixed(1)} s`
}

async function startReadings(cluster: TestCluster): Promise<readonly Row[]> {
  say('npm start, nothing there yet')
  const cold = await timed(() => cluster.mustRun('up'))
  const again = await timed(() => cluster.mustRun('up'))
  const stop = await timed(() => cluster.mustRun('stop'))
  say('npm start after a stop')
  const warm = await timed(() => cluster.mustRun('up'))
  const row = (what: string, ours: string): Row => ({ what, ours, peer: '', ratio: undefined })
  return [
    row('npm start, packages installed, no state', cold),
    row('npm start while it runs', again),
    row('npm run stop', stop),
    row('npm start after a stop', warm),
  ]
}

async function memoryReadings(cluster: TestCluster): Promise<readonly Row[]> {
  say('memory of every process, settled')
  const rows: Row[] = []
  let [control, node] = [0, 0]
  const add = async (name: string, where?: string): Promise<number> => {
    const { pid } = await cluster.program(name, where)
    const megabytes = pssMb(pid)
    rows.push({
      what: `memory (PSS) of ${name}${where ? ` on ${where}` : ''}`,
      ours: `${megabytes.toFixed(0)} MB`,
      peer: '',
      ratio: undefined,
    })
    return megabytes
  }
  for (const name of controlPlaneNames(cluster.layout)) control += await add(name)
  for (const name of ['kubelet', 'kube-proxy', 'dockerd']) node += await add(name, 'node-1')
  rows.push({ what: 'memory of the control plane, store included', ours: `${control.toFixed(0)} MB`, peer: '', ratio: undefined })
  rows.push({ what: 'memory of one node’s agents, dockerd included', ours: `${node.toFixed(0)} MB`, peer: '', ratio: undefined })
  return rows
}

/** A cluster of its own, removed before the API servers are measured. */
async function clusterSections(): Promise<readonly string[]> {
  const cluster = await TestCluster.prepare(24_713)
  try {
    if (isPodsOnly) {
      await cluster.mustRun('up')
      return [markdown('Pods', await podReadings(cluster, say))]
    }
    const sections = [markdown('Start', await startReadings(cluster))]
    await eventually('quiet', 60_000, async () => ((await cluster.api.isReady()) ? true : undefined))
    sections.push(markdown('Memory at rest', await memoryReadings(cluster)))
    sections.push(markdown('Pods', await podReadings(cluster, say)))
    return sections
  } finally {
    await cluster.down()
  }
}

const why = whyNoCluster()
const isApiOnly = process.argv.includes('--api')
if (why !== undefined && !isApiOnly) {
  console.error(`bench: cannot run here: ${why}`)
  process.exit(1)
}
const sections = isApiOnly ? [] : [...(await clusterSections())]
if (!isPodsOnly) sections.push(markdown('API server', await serverReadings(say)))
const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, load ${loadavg()
  .map((l) => l.toFixed(1))
  .join(' ')} at the end`
const text = [
  `# Benchmarks`,
  '',
  'Made by `npm run bench -- --write`. Read the ratios: figures differ from machine to machine and from hour to hour.',
  '',
  `Machine: ${machine}.`,
  '',
  ...sections,
].join('\n')
console.log(text)
if (process.argv.includes('--write')) writeFileSync(join(checkout, 'docs/benchmarks.md'), text)
