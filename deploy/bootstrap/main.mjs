// The part of `npm start` and `npm test` that runs on a machine where nothing is installed yet: plain JavaScript, no packages, Node 18 or newer.
// Looks at the machine, installs Debian packages and npm packages side by side, then hands over to the project's own Node.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, statfsSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BootstrapError } from './command.mjs'
import { giveToOwner, installModules } from './modules.mjs'
import { installPackages, missingPackages, tryPackages } from './packages.mjs'
import { createProgress, seconds } from './progress.mjs'
import { wantsOwnEtcd } from './store.mjs'
import { asksForUsage, usage } from './usage.mjs'

const checkout = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const startedAt = Date.now()
const [verb = 'up', ...argv] = process.argv.slice(2)
const root = process.getuid?.() === 0

if (verb !== 'test' && asksForUsage(argv)) {
  process.stdout.write(`${usage}\n`)
  process.exit(0)
}

/** What tests use beyond what a cluster needs. */
const testPackages = [
  { name: 'kubernetes-client', file: '/usr/bin/kubectl' },
  // A package of its own from Debian 13 on; clusters speak to dockerd without it.
  { name: 'docker-cli', file: '/usr/bin/docker' },
  { name: 'procps', file: '/usr/bin/ps' },
  { name: 'curl', file: '/usr/bin/curl' },
  { name: 'docker-registry', file: '/usr/bin/docker-registry' },
]

const gigabytes = (bytes) => `${Math.round(bytes / 2 ** 30)} GB`

function distribution() {
  const text = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : ''
  return /^PRETTY_NAME="?([^"\n]*)/m.exec(text)?.[1] ?? 'an unknown Linux'
}

/** Root of a container is often none: told before anything is installed. */
function checkRights() {
  if (!/^\S+ \S+ \S+ \S+ \/sys\/fs\/cgroup[/ ].* - cgroup2? /m.test(readFileSync('/proc/self/mountinfo', 'utf8'))) {
    throw new BootstrapError({
      what: 'no cgroups are mounted at /sys/fs/cgroup',
      why: 'nodes and pods are held in cgroups',
      remedy: 'mount -t cgroup2 cgroup2 /sys/fs/cgroup   (systemd does it at boot; in a container: docker run --privileged)',
    })
  }
  const held = BigInt(`0x${/^CapEff:\s*(\w+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`)
  const missing = Object.entries({ CAP_NET_ADMIN: 12n, CAP_SYS_ADMIN: 21n }).filter(([, bit]) => ((held >> bit) & 1n) === 0n)
  if (missing.length === 0) return
  throw new BootstrapError({
    what: 'root may not make namespaces, network links and rules here',
    why: `it has no ${missing.map(([name]) => name).join(' and no ')}: this is a container without rights`,
    remedy: 'a real or virtual machine, or a container with rights: docker run --privileged',
  })
}

/** What a cluster cannot do without and no package brings. */
function checkMachine() {
  if (process.platform !== 'linux') {
    throw new BootstrapError({
      what: 'Typernetes runs on Linux',
      why: `this is ${process.platform}`,
      remedy: 'use a Debian or Ubuntu machine, real or virtual',
    })
  }
  if (!existsSync('/proc/self/ns/cgroup') || !existsSync('/sys/fs/cgroup')) {
    throw new BootstrapError({
      what: 'the kernel has no cgroup namespaces',
      why: 'nodes are made of namespaces',
      remedy: 'uname -r   (4.6 or newer is needed)',
    })
  }
  if (root && verb === 'up') checkRights()
  const free = typeof statfsSync === 'function' ? statfsSync(checkout) : undefined
  if (free && free.bavail * free.bsize < 2 ** 30) {
    throw new BootstrapError({
      what: 'less than 1 GB of disk is free',
      why: `images and logs live in ${checkout}`,
      remedy: `df -h ${checkout}`,
    })
  }
}

/** Debian packages and npm packages at the same time, with the progress of both. */
async function installAll(step, { dev, packages, etcd }) {
  const texts = { packages: '', modules: '' }
  const say = (which) => (text) => {
    texts[which] = text
    step.update([texts.packages && `packages: ${texts.packages}`, texts.modules && `modules: ${texts.modules}`].filter(Boolean).join('; '))
  }
  const modulesSince = Date.now()
  const modules = installModules(checkout, { dev, say: say('modules') }).then((installed) => {
    const took = Date.now() - modulesSince
    say('modules')(installed ? 'done' : '')
    return installed ? `npm packages in ${seconds(took)}` : 'npm packages were there'
  })
  const debian = packages
    ? installPackages(missingPackages({ etcd }), say('packages')).then(({ installed, downloadMs, installMs }) => {
        say('packages')(installed.length > 0 ? 'done' : '')
        if (installed.length === 0) return 'Debian packages were there'
        return `${installed.join(' ')} (download ${seconds(downloadMs)}, install ${seconds(installMs)})`
      })
    : Promise.resolve('no Debian packages without root')
  // Both are waited for even if one fails: an install that is cut off is harder to mend than one that is complete.
  const results = await Promise.allSettled([debian, modules])
  const failed = results.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
  return results.map((result) => result.value).join('; ')
}

/** The rest runs under the Node that came with the project. */
function handOver(file, args, environment) {
  const node = join(checkout, 'node_modules/.bin/node')
  const child = spawn(node, [join(checkout, file), ...args], {
    stdio: 'inherit',
    env: {
      ...process.env,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(checkout, 'node_modules/.cache/compile'),
      ...environment,
    },
  })
  // Ctrl-C reaches the child by the terminal; this process only waits for its answer.
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.removeAllListeners(signal)
    process.on(signal, () => {
      if (signal === 'SIGTERM') child.kill(signal)
    })
  }
  child.on('exit', (code, signal) => {
    giveToOwner(checkout)
    process.exit(signal ? 1 : (code ?? 1))
  })
}

async function bootstrap(progress) {
  const testing = verb === 'test'
  const look = progress.step('Machine')
  checkMachine()
  look.done(`${distribution()}, ${cpus().length} CPUs, ${gigabytes(totalmem())} memory, Node ${process.versions.node}`)
  const install = progress.step('Software')
  let interrupted = false
  const onSignal = () => {
    if (interrupted) return
    interrupted = true
    progress.line('\nInterrupted: the install that is under way is brought to its end ...')
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  const etcd = testing || wantsOwnEtcd(argv, { folder: process.env.INIT_CWD ?? process.cwd(), checkout })
  const summary = await installAll(install, { dev: testing, packages: root, etcd })
  if (testing && root) {
    const wanted = testPackages.filter(({ file }) => !existsSync(file)).map(({ name }) => name)
    if (wanted.length > 0) await tryPackages(wanted, install.update)
  }
  install.done(summary)
  if (interrupted) process.exit(130)
}

const progress = createProgress({ total: verb === 'test' ? 2 : argv.includes('--no-example') ? 5 : 7, startedAt })
try {
  if (verb === 'up' || verb === 'test') await bootstrap(progress)
  else if (!existsSync(join(checkout, 'node_modules/.bin/node'))) {
    throw new BootstrapError({
      what: `nothing to ${verb}`,
      why: 'the npm packages are not installed, so no cluster was started here',
      remedy: 'npm start',
    })
  }
  progress.stop()
  const environment = {
    TYPERNETES_FIRST_STEP: '3',
    TYPERNETES_STEPS: argv.includes('--no-example') ? '5' : '7',
    TYPERNETES_STARTED_AT: String(startedAt),
  }
  if (verb === 'test') handOver('test/run.ts', argv, {})
  else handOver('deploy/cluster/main.ts', [verb, ...argv], verb === 'up' ? environment : {})
} catch (error) {
  if (error instanceof BootstrapError) progress.fail(error)
  else progress.fail({ what: 'something unforeseen', why: error instanceof Error ? error.stack : String(error), remedy: '' })
  progress.stop()
  process.exitCode = 1
}
