/** The flags of `npm start` and its siblings, as a value. Pure. */
import { defaultPort, maxNodes } from '#deploy/bootstrap/usage.mjs'

export interface Options {
  state: string
  nodes: number
  port: number
  /** Host addresses of the nodes' bridge, as a /24; undefined: chosen from the port. */
  nodeCidr?: string
  podCidr?: string
  example: boolean
  /** Undefined in records from before there was a choice: etcd. */
  store?: 'sqlite' | 'etcd'
  /** Endpoints of an etcd that runs elsewhere, comma separated, and the files to reach it with. */
  etcdServers?: string
  etcdFiles?: { ca?: string; cert?: string; key?: string }
  /** Flags that are passed on to a program as they are, for shortened timings in tests. */
  extraArgs: Readonly<Record<string, readonly string[]>>
  /** Binaries to run in place of our programs, for comparing with others. */
  programs: Readonly<Record<string, string>>
}

export class UsageError extends Error {
  override name = 'UsageError'
}

/** The store of a cluster that was started with these options. */
export const storeOf = (options: Options): 'sqlite' | 'etcd' => options.store ?? 'etcd'

const programNames = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy']

function integer(flag: string, text: string, range: { min: number; max: number }): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < range.min || value > range.max) {
    throw new UsageError(`${flag} wants a whole number from ${range.min} to ${range.max}, not "${text}"`)
  }
  return value
}

function cidr(flag: string, text: string, bits: number): string {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.0\/(\d{1,2})$/.exec(text)
  const octets = match?.slice(1, 4).map(Number) ?? []
  const aligned = bits === 24 || octets[2] === 0
  if (!match || Number(match[4]) !== bits || octets.some((octet) => octet > 255) || !aligned) {
    throw new UsageError(`${flag} wants an IPv4 network of /${bits}, not "${text}"`)
  }
  return text
}

function named(flag: string, text: string): [string, string] {
  const at = text.indexOf('=')
  const name = text.slice(0, at)
  if (at < 1 || !programNames.includes(name)) throw new UsageError(`${flag} wants NAME=VALUE with NAME one of ${programNames.join(', ')}`)
  return [name, text.slice(at + 1)]
}

const storeFlags: ReadonlySet<string> = new Set(['--store', '--etcd-servers', '--etcd-cafile', '--etcd-certfile', '--etcd-keyfile'])

function takeStore(options: Options, flag: string, value: string): void {
  if (flag === '--store') {
    if (value !== 'sqlite' && value !== 'etcd') throw new UsageError(`--store is sqlite or etcd, not "${value}"`)
    options.store = value
  } else if (flag === '--etcd-servers') {
    if (!value.split(',').every((url) => /^https?:\/\/[^/]+$/.test(url)))
      throw new UsageError(`--etcd-servers wants https://host:port, not "${value}"`)
    options.etcdServers = value
  } else options.etcdFiles = { ...options.etcdFiles, [flag.slice('--etcd-'.length, -'file'.length)]: value }
}

export interface Parsed {
  options: Options
  /** Words that are no flags. */
  rest: readonly string[]
  given: ReadonlySet<string>
  /** `--name` of load. */
  name?: string
}

/** Reads flags (`--flag value` or `--flag=value`); what is no flag comes back in `rest`. Throws UsageError. */
export function parseOptions(argv: readonly string[], defaultState: string): Parsed {
  const options = { state: defaultState, nodes: 2, port: defaultPort, example: true, store: 'sqlite' } as Options
  const extraArgs: Record<string, string[]> = {}
  const programs: Record<string, string> = {}
  const rest: string[] = []
  const given = new Set<string>()
  let name: string | undefined
  const queue = [...argv]
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    if (!word.startsWith('--')) {
      rest.push(word)
      continue
    }
    const [flag = '', inline] = word.split(/=(.*)/s, 2)
    given.add(flag)
    if (flag === '--no-example') {
      options.example = false
      continue
    }
    const value = inline ?? queue.shift()
    if (value === undefined) throw new UsageError(`${flag} wants a value`)
    if (flag === '--state') options.state = value
    else if (flag === '--nodes') options.nodes = integer(flag, value, { min: 1, max: maxNodes })
    else if (flag === '--port') options.port = integer(flag, value, { min: 1024, max: 65_000 })
    else if (flag === '--node-cidr') options.nodeCidr = cidr(flag, value, 24)
    else if (flag === '--pod-cidr') options.podCidr = cidr(flag, value, 16)
    else if (flag === '--name') name = value
    else if (storeFlags.has(flag)) takeStore(options, flag, value)
    else if (flag === '--program') programs[named(flag, value)[0]] = named(flag, value)[1]
    else if (flag === '--extra-arg') {
      const [name, argument] = named(flag, value)
      extraArgs[name] = [...(extraArgs[name] ?? []), argument]
    } else throw new UsageError(`unknown flag ${flag}`)
  }
  if (options.etcdFiles && options.etcdServers === undefined)
    throw new UsageError('--etcd-cafile, --etcd-certfile and --etcd-keyfile go with --etcd-servers')
  if (options.etcdServers !== undefined && given.has('--store') && options.store !== 'etcd')
    throw new UsageError(`--etcd-servers does not go with --store ${options.store}`)
  if (options.etcdServers !== undefined) options.store = 'etcd'
  return { options: { ...options, extraArgs, programs }, rest, given, ...(name ? { name } : {}) }
}
