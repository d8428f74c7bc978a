// Debian and Ubuntu packages: finds what is missing and installs it without starting or enabling any service.
import { accessSync, constants, existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BootstrapError, command } from './command.mjs'

const folders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

function isCommand(name) {
  return folders.some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return statSync(join(folder, name)).isFile()
    } catch {
      return false
    }
  })
}

/** What a cluster needs of the machine: how to see that it is there, and which package brings it. */
const needs = [
  { what: 'dockerd', package: 'docker.io', there: () => isCommand('dockerd') && isCommand('containerd') && isCommand('runc') },
  { what: 'etcd', package: 'etcd-server', there: () => isCommand('etcd') },
  { what: 'iptables', package: 'iptables', there: () => isCommand('iptables') },
  { what: 'ip', package: 'iproute2', there: () => isCommand('ip') },
  { what: 'conntrack', package: 'conntrack', there: () => isCommand('conntrack') },
  { what: 'busybox', package: 'busybox-static', there: () => isCommand('busybox') },
  {
    what: 'the CNI plug-ins',
    package: 'containernetworking-plugins',
    there: () => ['/usr/lib/cni/bridge', '/opt/cni/bin/bridge'].some((path) => existsSync(path)),
  },
  { what: 'unshare and nsenter', package: 'util-linux', there: () => isCommand('unshare') && isCommand('nsenter') },
]

/** etcd is asked for only by clusters that run one, and by the tests. */
export function missingPackages({ etcd }) {
  return needs.filter((need) => (etcd || need.what !== 'etcd') && !need.there())
}

const policyFile = '/usr/sbin/policy-rc.d'
const policyBackup = '/usr/sbin/policy-rc.d.before-typernetes'
const policyMark = '# written by typernetes while it installs packages'

/** Services of packages start on install unless this file says 101. Answers the function that puts things back as they were. */
export function forbidServiceStarts() {
  restoreServiceStarts()
  if (existsSync(policyFile)) renameSync(policyFile, policyBackup)
  writeFileSync(policyFile, `#!/bin/sh\n${policyMark}\nexit 101\n`, { mode: 0o755 })
  process.once('exit', restoreServiceStarts)
  return restoreServiceStarts
}

/** Also mends what a bootstrap that was killed has left. */
export function restoreServiceStarts() {
  if (existsSync(policyFile) && readFileSync(policyFile, 'utf8').includes(policyMark)) rmSync(policyFile)
  if (existsSync(policyBackup) && !existsSync(policyFile)) renameSync(policyBackup, policyFile)
}

const aptEnvironment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_MODE: 'l', LC_ALL: 'C' }
const aptOptions = ['-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120', '-o', 'APT::Status-Fd=3', '-o', 'Dpkg::Use-Pty=0']

function hasPackageLists() {
  try {
    return readdirSync('/var/lib/apt/lists').some((name) => name.endsWith('_Packages') || name.includes('_Packages.'))
  } catch {
    return false
  }
}

/** apt's status lines, `pmstatus:docker.io:45.0:Unpacking docker.io`, as a short text. */
function statusText(line) {
  const [kind, name, percent] = line.split(':')
  if (kind === 'dlstatus') return `downloading ${Math.round(Number(percent) || 0)} %`
  if (kind === 'pmstatus') return `installing ${name} ${Math.round(Number(percent) || 0)} %`
  return undefined
}

function apt(args, say) {
  return command('apt-get', [...aptOptions, ...args], {
    env: aptEnvironment,
    own: true,
    onStatus: (line) => {
      const text = statusText(line)
      if (text) say(text)
    },
  })
}

async function update(say) {
  say('apt-get update')
  const result = await apt(['update'], say)
  if (result.code !== 0) {
    throw new BootstrapError({ what: 'the package lists could not be fetched', why: lastLines(result.output), remedy: 'apt-get update' })
  }
}

const lastLines = (text) => text.trimEnd().split('\n').slice(-6).join('\n')

/** Units that an install has enabled would start on the next boot and take ports and rules: they are the user's to enable. */
async function disableUnits(packages) {
  if (!isCommand('systemctl')) return
  const units = { 'docker.io': ['docker.service', 'docker.socket', 'containerd.service'], 'etcd-server': ['etcd.service'] }
  const names = packages.flatMap((name) => units[name] ?? [])
  // Without a running systemd this only removes links; a unit that a package does not have is no matter.
  for (const name of names) await command('systemctl', ['disable', name])
}

/** Installs what is missing. Answers { installed, downloadMs, installMs }. `optional` packages are tried and may fail. */
export async function installPackages(missing, say) {
  restoreServiceStarts()
  if (missing.length === 0) return { installed: [], downloadMs: 0, installMs: 0 }
  const packages = missing.map((need) => need.package)
  if (!isCommand('apt-get')) {
    throw new BootstrapError({
      what: `${missing.map((need) => need.what).join(', ')} not found`,
      why: 'this is neither Debian nor Ubuntu, and Typernetes installs packages only there',
      remedy: `install what gives ${missing.map((need) => need.what).join(', ')} and run npm start again`,
    })
  }
  const since = Date.now()
  // An install that was cut off leaves dpkg in the middle: it wants this before anything else.
  if (readdirSync('/var/lib/dpkg/updates').length > 0) await command('dpkg', ['--configure', '-a'], { env: aptEnvironment, own: true })
  if (!hasPackageLists()) await update(say)
  say('downloading')
  let download = await apt(['install', '--download-only', ...packages], say)
  if (download.code !== 0) {
    // Old lists name files that the mirror has no more.
    await update(say)
    download = await apt(['install', '--download-only', ...packages], say)
  }
  if (download.code !== 0) {
    throw new BootstrapError({
      what: `packages could not be downloaded: ${packages.join(', ')}`,
      why: lastLines(download.output),
      remedy: `apt-get update && apt-get install ${packages.join(' ')}`,
    })
  }
  const downloaded = Date.now()
  say('installing')
  const restore = forbidServiceStarts()
  try {
    const result = await apt(['install', ...packages], say)
    if (result.code !== 0) {
      throw new BootstrapError({
        what: `packages could not be installed: ${packages.join(', ')}`,
        why: lastLines(result.output),
        remedy: `dpkg --configure -a; apt-get install ${packages.join(' ')}`,
      })
    }
    await disableUnits(packages)
  } finally {
    restore()
  }
  const left = missing.filter((need) => !need.there())
  if (left.length > 0) {
    throw new BootstrapError({
      what: `${left.map((need) => need.what).join(', ')} still not found`,
      why: `the packages ${left.map((need) => need.package).join(', ')} are installed but do not bring it`,
      remedy: `dpkg -L ${left.map((need) => need.package).join(' ')}`,
    })
  }
  return { installed: packages, downloadMs: downloaded - since, installMs: Date.now() - downloaded }
}

/** Packages that make more tests possible; one that is not to be had is no failure. */
export async function tryPackages(names, say) {
  const restore = forbidServiceStarts()
  try {
    const result = await apt(['install', ...names], say)
    if (result.code === 0) return true
    // One that this distribution does not have must not keep the others away.
    for (const name of names) await apt(['install', name], say)
    return false
  } finally {
    restore()
  }
}
