// node_modules: compares what is installed with the lock file, and runs `npm ci` only when they differ.
import { existsSync, lchownSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { BootstrapError, command } from './command.mjs'

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

/** Is everything that the lock file wants for this machine in node_modules? `dev`: with the tools for tests. */
export function modulesComplete(checkout, { dev }) {
  const wanted = readJson(join(checkout, 'package-lock.json'))?.packages
  const present = readJson(join(checkout, 'node_modules/.package-lock.json'))?.packages
  if (!wanted || !present || !existsSync(join(checkout, 'node_modules/.bin/node'))) return false
  return Object.entries(wanted).every(([path, entry]) => {
    // Optional ones are for other processors or systems; whether ours is there shows in the check of node itself.
    if (path === '' || entry.optional || (!dev && (entry.dev || entry.devOptional))) return true
    return present[path]?.version === entry.version
  })
}

/**
 * What npm is run with. Without install scripts: none of ours needs one, and one of the packages would compile for half a minute. `npm ci` starts
 * from nothing, so the tools for tests that an install before brought are asked for again.
 */
export function installArguments(checkout, { dev }) {
  const present = readJson(join(checkout, 'node_modules/.package-lock.json'))?.packages ?? {}
  const tools = dev || Object.values(present).some((entry) => entry.dev === true)
  return ['ci', '--ignore-scripts', '--no-audit', '--no-fund', ...(tools ? [] : ['--omit=dev'])]
}

/** Older npms leave out the commands of optional packages: the project's Node gets its place among the commands here. */
function linkNode(checkout) {
  const link = join(checkout, 'node_modules/.bin/node')
  const architecture = { x64: 'x64', arm64: 'arm64' }[process.arch]
  const target = join('..', `node-linux-${architecture}`, 'bin/node')
  if (existsSync(link) || !existsSync(join(dirname(link), target))) return
  mkdirSync(dirname(link), { recursive: true })
  rmSync(link, { force: true })
  symlinkSync(target, link)
  const owner = otherOwner(checkout)
  if (owner) lchownSync(link, owner.uid, owner.gid)
}

/** The user who owns the checkout, if this is root and that is not: npm run as root must not leave root's files in it. */
function otherOwner(checkout) {
  const { uid, gid } = statSync(checkout)
  return process.getuid?.() !== 0 || uid === 0 ? undefined : { uid, gid }
}

/** What root's programs keep in node_modules is the owner's to remove: npm empties node_modules as the owner, and folders of root's would stop it. */
export function giveToOwner(checkout) {
  const owner = otherOwner(checkout)
  if (!owner) return
  const give = (folder) => {
    try {
      lchownSync(folder, owner.uid, owner.gid)
      for (const entry of readdirSync(folder, { withFileTypes: true })) if (entry.isDirectory()) give(join(folder, entry.name))
    } catch (error) {
      // Another start may remove what it no longer needs.
      if (error.code !== 'ENOENT') throw error
    }
  }
  give(join(checkout, 'node_modules/.cache'))
}

/** How npm is run as the owner. */
function asOwner(checkout) {
  const owner = otherOwner(checkout)
  if (!owner) return {}
  const { uid, gid } = owner
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.split(':')[2] === String(uid))
  const home = line?.split(':')[5] || '/tmp'
  return { uid, gid, env: { ...process.env, HOME: home } }
}

/** Answers true if something was installed. */
export async function installModules(checkout, { dev, say }) {
  if (modulesComplete(checkout, { dev })) return false
  giveToOwner(checkout)
  say('npm ci')
  const result = await command('npm', installArguments(checkout, { dev }), { cwd: checkout, ...asOwner(checkout) })
  if (result.code !== 0) {
    throw new BootstrapError({
      what: 'the npm packages could not be installed',
      why: result.output.trimEnd().split('\n').slice(-8).join('\n'),
      remedy: `cd ${checkout} && npm ci --ignore-scripts`,
    })
  }
  linkNode(checkout)
  const node = await command(join(checkout, 'node_modules/.bin/node'), ['--version'])
  if (node.code !== 0) {
    throw new BootstrapError({
      what: "the project's own Node does not run here",
      why: node.output || 'node_modules/.bin/node is missing',
      remedy: `uname -sm   (Linux on x86_64 or aarch64 with glibc is needed)`,
    })
  }
  return true
}
