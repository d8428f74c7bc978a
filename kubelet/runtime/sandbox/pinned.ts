/** Sandboxes as namespaces pinned to files: no process holds them, and containers enter through the runtime wrapper. */
import { rmSync, statSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { setImmediate as turnOfLoop } from 'node:timers/promises'
import { type ExecOptions, type ExecResult, exec } from '#component/exec.ts'
import { type PodLink, podLines } from '#kubelet/runtime/bridge/own-network.ts'
import { podMessages } from '#kubelet/runtime/bridge/pod-messages.ts'
import type { Joining } from '#kubelet/runtime/docker-container.ts'
import { type Creation, hostNamespaces, type SandboxDriver } from './driver.ts'
import type { NamespaceMaker, NewNamespaces } from './namespace-maker.ts'
import type { PauseContainers } from './pause-container.ts'
import type { SandboxRecord } from './record.ts'

export const runtimeName = 'typernetes'
const netnsDir = '/run/netns'
const netnsPrefix = 'typernetes-'

export interface PinnedOptions {
  runDir: string
  pauses: PauseContainers
  maker: Pick<NamespaceMaker, 'make' | 'unmount'>
  /** The sandbox's own folder. */
  folder: (id: string) => string
  exec: (argv: readonly string[], options: ExecOptions) => Promise<ExecResult>
  /** Runs the text of a shell script with its words. */
  script: (text: string, args: readonly string[], options: { signal: AbortSignal }) => Promise<ExecResult>
}

/**
 * For where the process that makes namespaces cannot be had.
 * $1 folder for the shared memory, $2 network namespace file or empty, $3 IPC namespace file or empty, $4 commands for ip inside, then sysctls as path
 * and value. Each program more would cost every pod start a millisecond or two, so that there is a shell inside only where sysctls are written.
 */
const createScript = `set -eu
shm=$1 net=$2 ipc=$3 lines=$4; shift 4
if [ -n "$ipc" ]; then mount -t tmpfs -o nosuid,nodev,noexec,mode=1777,size=65536k shm "$shm"; : >"$ipc"; fi
[ -z "$net" ] || : >"$net"
if [ $# -gt 0 ]; then
  inside='set -eu; [ -z "$1" ] || ip -batch -; shift; while [ $# -gt 0 ]; do printf %s "$2" >"/proc/sys/$1"; shift 2; done'
  set -- sh -c "$inside" sh "$net" "$@"
elif [ -n "$net" ]; then set -- ip -batch -
else set -- true
fi
exec unshare \${net:+--net="$net"} \${ipc:+--ipc="$ipc"} "$@" <<END
$lines
END
`

/** Makes the places where namespaces are pinned; once per process. The first is `ip netns`'s own, so that its commands work on pods. */
export async function preparePinning(runDir: string): Promise<void> {
  const script = `set -eu
mkdir -p ${netnsDir} "$1/ipc" "$1/sandboxes" "$1/containers"
chmod 711 "$1"
mount --make-rshared ${netnsDir} 2>/dev/null || { mount --rbind ${netnsDir} ${netnsDir}; mount --make-rshared ${netnsDir}; }
mount --make-rprivate "$1" 2>/dev/null || { mount --rbind "$1" "$1"; mount --make-rprivate "$1"; }
`
  await exec(['sh', '-c', script, 'sh', runDir])
}

export class PinnedDriver implements SandboxDriver {
  readonly kind = 'pinned'
  readonly holdsStarts = true
  readonly #options: PinnedOptions

  constructor(options: PinnedOptions) {
    this.#options = options
  }

  plan(record: SandboxRecord): SandboxRecord {
    const name = record.id.slice(0, 16)
    return {
      ...record,
      ...(record.config.hostNetwork ? {} : { netns: path.join(netnsDir, `${netnsPrefix}${name}`) }),
      ...(record.config.hostIpc ? {} : { ipc: path.join(this.#options.runDir, 'ipc', name) }),
    }
  }

  async create(record: SandboxRecord, { joinable, cgroup, link }: Creation, signal: AbortSignal): Promise<SandboxRecord> {
    // Where they will be is known; containers that see each other's processes join one that is not there before.
    if (!hasPause(record)) {
      joinable()
      // Docker is asked for the containers first: it takes longer than all of this.
      await turnOfLoop()
    }
    await cgroup()
    const { netns = '', ipc = '', config } = record
    const sysctls = Object.entries(config.sysctls).map(([name, value]) => [sysctlPath(name), value] as const)
    if (netns !== '' || ipc !== '') {
      await this.#make({ shm: this.#shm(record), net: netns, ipc, sysctls }, netns === '' ? undefined : await link(), signal)
    }
    const pins = [netns, ipc].filter((file) => file !== '')
    const identities = Object.fromEntries(pins.map((file) => [file, identity(file) ?? '']))
    const made: SandboxRecord = { ...record, identities }
    // Containers that see each other's processes need one that stays to be their init.
    if (!hasPause(record)) return made
    const pauseId = await this.#options.pauses.create(made, { joining: this.joining(made), namespaces: this.wrapped(made) }, signal)
    return { ...made, pauseId }
  }

  async netnsPath(record: SandboxRecord): Promise<string> {
    return record.netns ?? ''
  }

  async alive(record: SandboxRecord, signal: AbortSignal): Promise<boolean> {
    for (const [file, known] of Object.entries(record.identities ?? {})) if (identity(file) !== known) return false
    return record.pauseId === undefined || (await this.#options.pauses.running(record.pauseId, signal))
  }

  async destroy(record: SandboxRecord, signal: AbortSignal): Promise<void> {
    if (hasPause(record)) await this.#options.pauses.removeOf(record.id, signal)
    const files = [record.netns, record.ipc].filter((file) => file !== undefined)
    const pinned = [...files, ...(record.ipc === undefined ? [] : [this.#shm(record)])]
    if (pinned.length > 0 && !(await this.#options.maker.unmount(pinned))) await unpin(pinned, this.#options.exec)
    for (const file of files) rmSync(file, { force: true })
  }

  joining(record: SandboxRecord): Joining {
    const { hostname, hostConfig } = hostNamespaces(record)
    return {
      networkDisabled: !record.config.hostNetwork,
      ...(hostname === undefined ? {} : { hostname }),
      hostConfig: {
        ...hostConfig,
        IpcMode: record.config.hostIpc ? 'host' : 'private',
        // Also where there is nothing to enter: it does more for a container than that.
        Runtime: runtimeName,
        ...(record.config.hostNetwork ? {} : overDockersOwn(record.config.sysctls)),
      },
    }
  }

  wrapped(record: SandboxRecord): Readonly<Record<string, string>> {
    return {
      ...(record.netns === undefined ? {} : { network: record.netns }),
      ...(record.ipc === undefined ? {} : { ipc: record.ipc }),
    }
  }

  async #make(places: Omit<NewNamespaces, 'messages'>, link: PodLink | undefined, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const { shm, net, ipc, sysctls } = places
    const isMade = await this.#options.maker.make({ ...places, messages: podMessages(link) })
    if (!isMade) await this.#options.script(createScript, [shm, net, ipc, podLines(link).join('\n'), ...sysctls.flat()], { signal })
    signal.throwIfAborted()
  }

  #shm(record: SandboxRecord): string {
    return path.join(this.#options.folder(record.id), 'shm')
  }
}

/** Docker writes these two at each start of a container with a network of its own: there the pod's values must stand over Docker's. */
const dockersSysctls = ['net.ipv4.ping_group_range', 'net.ipv4.ip_unprivileged_port_start']

export function overDockersOwn(sysctls: Readonly<Record<string, string>>): { Sysctls?: Record<string, string> } {
  const given = Object.entries(sysctls).map(([name, value]) => [sysctlPath(name).replaceAll('/', '.'), value] as const)
  const own = given.filter(([name]) => dockersSysctls.includes(name))
  return own.length === 0 ? {} : { Sysctls: Object.fromEntries(own) }
}

const hasPause = ({ config }: SandboxRecord): boolean => config.shareProcessNamespace && !config.hostPid

/** At once: the kernel knows, no disk is asked. */
function identity(file: string): string | undefined {
  const found = statSync(file, { throwIfNoEntry: false })
  return found && `${found.dev}:${found.ino}`
}

/** Unmounts those of the paths that are mount points. */
async function unpin(paths: readonly string[], run: PinnedOptions['exec'] = exec): Promise<void> {
  const mounted = new Set((await readFile('/proc/self/mountinfo', 'utf8')).split('\n').map((line) => line.split(' ')[4] ?? ''))
  const there = paths.filter((file) => mounted.has(file))
  if (there.length > 0) await run(['umount', '-l', ...there], {})
}

/** `net.ipv4.ip_forward` → `net/ipv4/ip_forward`; with slashes as separators dots are part of a name, as sysctl(8) has it. */
export function sysctlPath(name: string): string {
  const file = name.includes('/') ? name : name.replaceAll('.', '/')
  if (file.split('/').includes('..')) throw new Error(`bad sysctl name ${JSON.stringify(name)}`)
  return file
}

/** Pinned network namespaces of ours that no record names, as after /run's records were deleted. */
export function strayNamespaces(names: readonly string[], records: readonly SandboxRecord[]): readonly string[] {
  const known = new Set(records.map((record) => record.netns))
  return names
    .filter((name) => name.startsWith(netnsPrefix) && !known.has(path.join(netnsDir, name)))
    .map((name) => path.join(netnsDir, name))
}

export async function removeStray(files: readonly string[]): Promise<void> {
  await unpin(files)
  for (const file of files) await rm(file, { force: true })
}
