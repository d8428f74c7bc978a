/**
 * The daemons as one file each, made by esbuild when they are first started and kept for as long as no source changes: start time and memory are
 * features, and half of both went into reading a thousand files. Without esbuild the sources run as they are.
 */
import { existsSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Plugin } from 'esbuild'
import { allPids, commandLine } from '#deploy/machine/processes.ts'
import { sourcesState } from './sources.ts'

/** What is run by its own name, and the programs that two of them start beside themselves. Who is needed first is made first. */
export const entries = {
  server: { 'kube-apiserver': 'apiserver/main.ts', 'sqlite-thread': 'apiserver/storage/sqlite-thread.ts' },
  clients: {
    'kube-controller-manager': 'controller-manager/main.ts',
    'kube-scheduler': 'scheduler/main.ts',
    kubelet: 'kubelet/main.ts',
    'kube-proxy': 'kube-proxy/main.ts',
    'port-dialer-child': 'kubelet/runtime/port-dialer-child.ts',
  },
} as const

/** Folders of what is started at the same time; undefined where it could not be bundled: then the sources must do. */
export type Bundles = Readonly<Record<keyof typeof entries, Promise<string | undefined>>>

const keptMs = 24 * 3600 * 1000

/** Makes them if need be, one group after the other. No promise rejects. */
export function bundlePrograms(checkout: string): Bundles {
  const all = join(checkout, 'node_modules/.cache/programs')
  const state = sourcesState(checkout)
  const server = bundle(checkout, 'server', join(all, `${state}-server`))
  const clients = server.then(() => bundle(checkout, 'clients', join(all, `${state}-clients`)))
  return { server, clients }
}

async function bundle(checkout: string, group: keyof typeof entries, folder: string): Promise<string | undefined> {
  if (existsSync(folder)) {
    utimesSync(folder, new Date(), new Date())
    return folder
  }
  const esbuild = await import('esbuild').catch(() => undefined)
  if (!esbuild) return undefined
  const made = `${folder}.${process.pid}`
  try {
    await esbuild.build({
      absWorkingDir: checkout,
      entryPoints: entries[group],
      outdir: made,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node24',
      outExtension: { '.js': '.mjs' },
      // Packages that are CommonJS ask for Node's modules by `require`.
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
      logLevel: 'silent',
      plugins: [startedBeside, withoutUnused, plainBuiltins],
    })
    renameSync(made, folder)
  } catch {
    rmSync(made, { recursive: true, force: true })
    // Another start may have been faster; what is wrong with a source is told best by running it.
    if (!existsSync(folder)) return undefined
  }
  await forgetOld(dirname(folder))
  return folder
}

/** What a process runs stays, however old: its supervisor will start it again from there. */
async function forgetOld(all: string): Promise<void> {
  const old = readdirSync(all)
    .map((name) => join(all, name))
    .filter((folder) => Date.now() - (statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY) > keptMs)
  if (old.length === 0) return
  const running = await Promise.all((await allPids()).map(commandLine))
  for (const folder of old) if (!running.some((line) => line.includes(`${folder}/`))) rmSync(folder, { recursive: true, force: true })
}

/** A thread and a child process are named by their file beside the source: in a bundle they stand beside the bundle. */
const startedBeside: Plugin = {
  name: 'what is started beside',
  setup(build) {
    build.onLoad({ filter: /\/(sqlite|port-dialer)\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8')
      return {
        contents: text.replace(/new URL\('\.\/([a-z-]+)\.ts', import\.meta\.url\)/, "new URL('./$1.mjs', import.meta.url)"),
        loader: 'ts',
      }
    })
  },
}

/**
 * An `import` of one of Node's modules reads all its exports once, and one of node:http's is a whole WebSocket client: `require` does not. Names are
 * then read where they are used.
 */
const plainBuiltins: Plugin = {
  name: 'plain builtins',
  setup(build) {
    build.onResolve({ filter: /^node:/ }, ({ path, kind }) => (kind === 'import-statement' ? { path, namespace: 'builtin' } : undefined))
    build.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({ contents: `module.exports = require('${path}')` }))
  },
}

/** dockerode brings a way over SSH and one for BuildKit, which nothing here uses. */
const withoutUnused: Plugin = {
  name: 'without what is not used',
  setup(build) {
    build.onResolve({ filter: /^(ssh2|@grpc\/grpc-js|@grpc\/proto-loader)$/ }, ({ path }) => ({ path, namespace: 'unused' }))
    build.onLoad({ filter: /.*/, namespace: 'unused' }, () => ({ contents: 'module.exports = {}' }))
  },
}
