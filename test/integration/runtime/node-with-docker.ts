/**
 * A node of its own for a test: the test file runs itself again inside new pid, network, mount and uts namespaces with a dockerd there.
 * When it ends, all its processes, mounts and links end with it.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const wrapper = fileURLToPath(new URL('../../../kubelet/runtime/sandbox/typernetes-runc.sh', import.meta.url))

/** Why such a node cannot be made here, or undefined. */
export function whyNot(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root'
  const missing = ['dockerd', 'runc', 'ip', 'unshare', 'setpriv', 'nsenter'].filter((name) => spawnSync('which', [name]).status !== 0)
  if (missing.length > 0) return `needs ${missing.join(', ')}`
  if (!existsSync('/usr/lib/cni/bridge') && !existsSync('/opt/cni/bin/bridge')) return 'needs the CNI plug-ins'
  if (!existsSync('/bin/busybox') || spawnSync('/bin/busybox', ['true']).status !== 0) return 'needs busybox-static'
  return undefined
}

export const inside = process.env['TYPERNETES_TEST_NODE'] !== undefined
/** The node's own folder: docker.sock is in it. */
export const nodeDir = process.env['TYPERNETES_TEST_NODE'] ?? ''
/** Root of the node's cgroups, so that nodes do not meet. */
export const cgroupRoot = `/typernetes-test-${path.basename(nodeDir)}`

const mountTable = (): readonly string[] => readFileSync('/proc/self/mountinfo', 'utf8').split('\n').filter(Boolean)
const inherited = new Set(mountTable())

/** Lines of the node's mount table, without what it has inherited: that is the machine's, or that of other tests there, and may be covered. */
export const ownMounts = (): readonly string[] => mountTable().filter((line) => !inherited.has(line))

const script = `set -eu
mount --make-rprivate /
mount -t tmpfs tmpfs /run
mkdir -p /run/docker "$1/log" "$1/cni" "$1/etc-cni" "$1/docker"
mkdir -p /var/lib/cni /etc/cni /var/log/pods /var/log/containers
mount --bind "$1/cni" /var/lib/cni
mount --bind "$1/etc-cni" /etc/cni
mkdir -p /etc/cni/net.d "$1/log/pods" "$1/log/containers"
mount --bind "$1/log" /var/log
ip link set lo up
runtime=''; [ "$2" = none ] || runtime="--add-runtime typernetes=$2"
echo '{ "features": { "containerd-snapshotter": false } }' >"$1/dockerd.json"
dockerd $runtime --config-file "$1/dockerd.json" --data-root "$1/docker" --exec-root /run/docker/exec -H "unix://$1/docker.sock" -p /run/docker/pid \\
  --bridge=none --iptables=false --ip-forward=false --ip-masq=false --cgroup-parent "$3" >"$1/dockerd.log" 2>&1 &
for i in $(seq 200); do docker -H "unix://$1/docker.sock" version >/dev/null 2>&1 && break; sleep 0.1; done
tar -C / -c bin/busybox | docker -H "unix://$1/docker.sock" import -c 'ENV PATH=/bin' - busybox:test >/dev/null
shift 3
# The shell stays: as the first process it reaps those whose parents have died.
status=0
"$@" || status=$?
exit $status
`

/** Runs the test file inside a new node and answers its exit code. `withRuntime` registers the runtime wrapper with dockerd. */
export async function runInside(testFile: string, options: { withRuntime: boolean; env?: Record<string, string> }): Promise<number> {
  const dir = mkdtempSync(path.join(tmpdir(), 'node-'))
  const name = path.basename(dir)
  const shell = ['sh', '-c', script, 'sh', dir, options.withRuntime ? wrapper : 'none', `/typernetes-test-${name}`]
  // Killed with this process: a test that is killed leaves no node that runs on.
  const namespaces = ['--pdeathsig', 'KILL', 'unshare', '--pid', '--net', '--mount', '--uts', '--fork', '--mount-proc', '--kill-child']
  const child = spawn('setpriv', [...namespaces, ...shell, process.execPath, '--test-reporter=spec', '--test-force-exit', testFile], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...options.env, TYPERNETES_TEST_NODE: dir, NODE_TEST_CONTEXT: undefined },
  })
  const code = await new Promise<number>((resolve) => child.on('close', (exit) => resolve(exit ?? 1)))
  removeCgroups(`typernetes-test-${name}`)
  rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  return code
}

/** Removes the cgroups of that name below every controller; their processes must have ended. */
export function removeCgroups(name: string): void {
  for (const controller of readdirSync('/sys/fs/cgroup')) removeTree(path.join('/sys/fs/cgroup', controller, name))
  removeTree(path.join('/sys/fs/cgroup', name))
}

function removeTree(folder: string): void {
  if (!existsSync(folder)) return
  for (const entry of readdirSync(folder, { withFileTypes: true })) if (entry.isDirectory()) removeTree(path.join(folder, entry.name))
  rmdirSync(folder)
}
