/** Flags of kube-apiserver, by upstream's names and defaults, and what they come to. */
import { networkInterfaces } from 'node:os'
import { parseIp } from '#api/validation/addresses.ts'
import { StartupError } from '#component/daemon.ts'
import { boolFlag, durationFlag, type Flag, type FlagValues, intFlag, listFlag, mapFlag, portFlag, stringFlag } from '#component/flags.ts'
import { type GivenFile, readGiven } from '#component/given-files.ts'
import { readCertificates, readPair } from '#component/tls-files.ts'
import type { ProxyIdentity } from './aggregation/remote-apis.ts'
import { anonymousOf } from './authentication/configuration.ts'
import type { FrontProxy } from './authentication/setup.ts'
import { staticTokens } from './authentication/static-tokens.ts'
import { type TokenKeys, tokenKeysOf } from './authentication/token-keys.ts'
import { yamlToJson } from './endpoints/body.ts'
import type { TokenLimits } from './endpoints/subresources/token.ts'
import { type FeatureGates, featureGatesOf } from './feature-gates.ts'
import type { TlsMaterial } from './http/listener.ts'
import { type ServiceRange, serviceRange } from './registry/allocators/service-range.ts'
import { type StorageBackend, storageBackendOf, storageFlags } from './storage-backend.ts'

/** Like other maps, but a key may stand alone: it is then switched on. */
const runtimeConfigFlag = (help: string): Flag<ReadonlyMap<string, string>> => {
  const flag = mapFlag(help)
  const withValues = (text: string): string =>
    text
      .split(',')
      .map((pair) => (pair === '' || pair.includes('=') ? pair : `${pair}=`))
      .join(',')
  return { ...flag, parse: (text) => flag.parse(withValues(text)) }
}

export const flags = {
  ...storageFlags,
  'bind-address': stringFlag('Address to listen on.', '0.0.0.0'),
  'secure-port': portFlag('Port of HTTPS.', 6443),
  'advertise-address': stringFlag('Address under which nodes reach this server; found by itself where it is not given.'),
  'tls-cert-file': stringFlag('Serving certificate.'),
  'tls-private-key-file': stringFlag('Key of the serving certificate.'),
  'client-ca-file': stringFlag('CA that signs client certificates.'),
  'anonymous-auth': boolFlag('Let requests without credentials pass as system:anonymous.', true),
  'authentication-config': stringFlag('File that says for which paths requests without credentials pass.'),
  'service-account-max-token-expiration': durationFlag('Longest life of a token that is asked for; 0 sets no bound.', 0),
  'service-account-extend-token-expiration': boolFlag('Let default tokens of pods live for a year, and report late use.', true),
  'authorization-mode': listFlag('Authorizers that are asked, in this order: Node and RBAC.', ['Node', 'RBAC']),
  'token-auth-file': stringFlag('File of static tokens: token, user, uid and, quoted, groups.'),
  'service-cluster-ip-range': stringFlag('Address range of services; two, comma separated, for two families.', '10.0.0.0/24'),
  'service-node-port-range': stringFlag('Ports of NodePort services.', '30000-32767'),
  'service-account-issuer': listFlag('Issuer of service-account tokens; the first signs.', []),
  'service-account-key-file': listFlag('Files with public keys of service-account tokens.', []),
  'service-account-signing-key-file': stringFlag('Private key that signs service-account tokens.'),
  'api-audiences': listFlag('Audiences of this server; the issuer where not given.', []),
  'kubelet-client-certificate': stringFlag('Client certificate for kubelets.'),
  'kubelet-client-key': stringFlag('Key of the client certificate for kubelets.'),
  'kubelet-certificate-authority': stringFlag("CA of kubelets' serving certificates."),
  'kubelet-preferred-address-types': listFlag('Which addresses of nodes to dial, the best first.', [
    'Hostname',
    'InternalDNS',
    'InternalIP',
    'ExternalDNS',
    'ExternalIP',
  ]),
  'requestheader-client-ca-file': stringFlag('CA of front proxies, whose headers say whom they stand for.'),
  'requestheader-allowed-names': listFlag('Common names of front proxies; any that the CA signed where empty.', []),
  'requestheader-username-headers': listFlag('Headers that name the user.', []),
  'requestheader-uid-headers': listFlag('Headers that name the uid.', []),
  'requestheader-group-headers': listFlag('Headers that name the groups.', []),
  'requestheader-extra-headers-prefix': listFlag('Prefixes of headers with extra facts.', []),
  'proxy-client-cert-file': stringFlag('Certificate for aggregated servers.'),
  'proxy-client-key-file': stringFlag('Key of the certificate for aggregated servers.'),
  'enable-aggregator-routing': boolFlag('Accepted: aggregated servers are always reached by endpoint.'),
  'enable-bootstrap-token-auth': boolFlag('Take bootstrap tokens: secrets in kube-system with which nodes join.'),
  'enable-admission-plugins': listFlag('Plug-ins to switch on beside the default ones.', []),
  'disable-admission-plugins': listFlag('Plug-ins to switch off.', []),
  'event-ttl': durationFlag('How long events are kept.', 3_600_000),
  'allow-privileged': boolFlag('Allow privileged containers.', false),
  'audit-log-path': stringFlag('Audit log; not there yet.'),
  'audit-policy-file': stringFlag('Audit policy; not there yet.'),
  'feature-gates': mapFlag('Feature gates, as name=true or name=false; those that only serve kinds have an effect.'),
  'runtime-config': runtimeConfigFlag(
    'API versions and resources to switch on or off; api/all, api/ga, api/beta and api/alpha stand for many.',
  ),
  'max-requests-inflight': intFlag('Bound of reads in flight; taken and changes nothing yet.', 400),
  'max-mutating-requests-inflight': intFlag('Bound of writes in flight; taken and changes nothing yet.', 200),
  'watch-cache': boolFlag('The watch cache, which is always on.', true),
  profiling: boolFlag('Profiling pages; not there.', true),
}

export type Values = FlagValues<typeof flags>

const withoutEffect = ['audit-log-path', 'audit-policy-file'] as const

/** Flags that were given although nothing follows from them yet: the log says so. */
export const ineffectiveFlags = (values: Values): string[] =>
  withoutEffect.filter((name) => {
    const value: unknown = values[name]
    return value instanceof Map ? value.size > 0 : value !== flags[name].fallback
  })

export interface ServerConfig {
  storage: StorageBackend
  listen: { host: string; port: number }
  advertise: string
  tls: TlsMaterial
  ranges: readonly ServiceRange[]
  nodePorts: { from: number; to: number }
  keys: TokenKeys
  issuers: readonly string[]
  audiences: readonly string[]
  modes: readonly string[]
  runtimeConfig: ReadonlyMap<string, string>
  gates: FeatureGates
  frontProxy: FrontProxy | undefined
  staticTokens: string | undefined
  anonymous: boolean | ((path: string) => boolean)
  tokenLimits: TokenLimits
  proxyIdentity: ProxyIdentity
  kubelet: { tls: { cert?: string; key?: string; ca?: string }; addressTypes: readonly string[] }
}

/** Flags whose value is the path of one file, or empty. */
type FileFlag = { [K in keyof Values]: Values[K] extends string ? K : never }[keyof Values]

const given = (values: Values, flag: FileFlag): GivenFile => ({ name: `--${flag}`, path: values[flag] })

/** The text of a file that a flag names. Throws StartupError. */
const read = (values: Values, flag: FileFlag): string | undefined => (values[flag] === '' ? undefined : readGiven(given(values, flag)))

function require(values: Values, ...flags: FileFlag[]): void {
  const absent = flags.find((flag) => values[flag] === '')
  if (absent !== undefined) throw new StartupError(`--${absent} is required`)
}

const certificates = (values: Values, flag: FileFlag): string | undefined => readCertificates(given(values, flag))
const pair = (values: Values, cert: FileFlag, key: FileFlag) => readPair(given(values, cert), given(values, key))

const orNothing = <K extends string>(key: K, value: string | undefined): { [P in K]?: string } =>
  (value === undefined ? {} : { [key]: value }) as { [P in K]?: string }

/** Reads all files that the flags name. Throws StartupError. */
export function configOf(values: Values): ServerConfig {
  const issuers = values['service-account-issuer']
  if (issuers.length === 0) throw new StartupError('--service-account-issuer is required')
  checkModes(values['authorization-mode'])
  const audiences = values['api-audiences']
  return {
    storage: storageBackendOf(values),
    listen: { host: values['bind-address'], port: values['secure-port'] },
    advertise: reachable(values['advertise-address'] || ownAddress(values['bind-address'])),
    tls: servingOf(values),
    ranges: rangesOf(values['service-cluster-ip-range']),
    nodePorts: portsOf(values['service-node-port-range']),
    keys: keysOf(values),
    issuers,
    audiences: audiences.length > 0 ? audiences : issuers,
    modes: values['authorization-mode'],
    runtimeConfig: values['runtime-config'],
    gates: gatesOf(values),
    frontProxy: frontProxyOf(values),
    staticTokens: staticTokensOf(values),
    anonymous: anonymousFrom(values),
    tokenLimits: tokenLimitsOf(values),
    proxyIdentity: pair(values, 'proxy-client-cert-file', 'proxy-client-key-file') ?? {},
    kubelet: {
      tls: {
        ...pair(values, 'kubelet-client-certificate', 'kubelet-client-key'),
        ...orNothing('ca', certificates(values, 'kubelet-certificate-authority')),
      },
      addressTypes: values['kubelet-preferred-address-types'],
    },
  }
}

function servingOf(values: Values): TlsMaterial {
  require(values, 'tls-cert-file', 'tls-private-key-file')
  const serving = pair(values, 'tls-cert-file', 'tls-private-key-file') ?? { cert: '', key: '' }
  return { ...serving, ...orNothing('clientCa', certificates(values, 'client-ca-file')) }
}

function keysOf(values: Values): TokenKeys {
  require(values, 'service-account-signing-key-file')
  const signing = readGiven(given(values, 'service-account-signing-key-file'))
  const verifying = values['service-account-key-file'].map((path) => readGiven({ name: '--service-account-key-file', path }))
  try {
    return tokenKeysOf(signing, verifying)
  } catch (error) {
    throw new StartupError(`the keys of service-account tokens cannot be used: ${(error as Error).message}`)
  }
}

function rangesOf(text: string): ServiceRange[] {
  try {
    const ranges = text.split(',').map((part) => serviceRange(part.trim()))
    if (ranges.length > 2 || ranges[0]?.family === ranges[1]?.family) throw new Error('it is one range, or two of different families')
    if (ranges.some((range) => range.size < 1)) throw new Error('it has no room for an address')
    return ranges
  } catch (error) {
    throw new StartupError(`--service-cluster-ip-range: ${(error as Error).message}`)
  }
}

function portsOf(text: string): { from: number; to: number } {
  const match = /^(\d+)-(\d+)$/.exec(text)
  const [from, to] = [Number(match?.[1]), Number(match?.[2])]
  if (!match || from < 1 || to > 65535 || from > to)
    throw new StartupError(`--service-node-port-range: ${JSON.stringify(text)} is no range of ports`)
  return { from, to }
}

/** Endpoints must not be loopback addresses, and nodes could not use one. */
function reachable(address: string): string {
  const ip = parseIp(address)
  if (!ip) throw new StartupError(`--advertise-address: ${JSON.stringify(address)} is no IP address`)
  if ((ip.family === 4 && ip.bytes[0] === 127) || address === '::1')
    throw new StartupError('--advertise-address is required: nodes cannot reach this server at a loopback address')
  return address
}

/** The address that is listened on, or else the first one of the machine that is not a loopback one. */
function ownAddress(bind: string): string {
  if (bind !== '0.0.0.0' && bind !== '::') return bind
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  const found = all.find((a) => !a.internal && a.family === 'IPv4')
  if (!found) throw new StartupError('--advertise-address is required: this machine has no address but the loopback one')
  return found.address
}

const knownModes = ['AlwaysAllow', 'AlwaysDeny', 'ABAC', 'Webhook', 'RBAC', 'Node']

function checkModes(modes: readonly string[]): void {
  const unknown = modes.find((mode) => !knownModes.includes(mode))
  if (unknown !== undefined) throw new StartupError(`--authorization-mode: ${JSON.stringify(unknown)} is not a valid mode`)
  const absent = modes.find((mode) => mode !== 'Node' && mode !== 'RBAC')
  if (absent !== undefined) throw new StartupError(`--authorization-mode: ${absent} is not supported by this server; it has Node and RBAC`)
  if (new Set(modes).size < modes.length) throw new StartupError('--authorization-mode: a mode is named twice')
}

function gatesOf(values: Values): FeatureGates {
  try {
    return featureGatesOf(values['feature-gates'])
  } catch (error) {
    throw new StartupError((error as Error).message)
  }
}

function frontProxyOf(values: Values): FrontProxy | undefined {
  const ca = certificates(values, 'requestheader-client-ca-file')
  const headers = {
    username: values['requestheader-username-headers'],
    uid: values['requestheader-uid-headers'],
    groups: values['requestheader-group-headers'],
    extraPrefixes: values['requestheader-extra-headers-prefix'],
  }
  return ca === undefined ? undefined : { ca, names: values['requestheader-allowed-names'], headers }
}

function staticTokensOf(values: Values): string | undefined {
  const text = read(values, 'token-auth-file')
  try {
    if (text !== undefined) staticTokens(text, [])
  } catch (error) {
    throw new StartupError(`--token-auth-file: ${(error as Error).message}`)
  }
  return text
}

function anonymousFrom(values: Values): ServerConfig['anonymous'] {
  const text = read(values, 'authentication-config')
  if (text === undefined) return values['anonymous-auth']
  try {
    return anonymousOf(JSON.parse(yamlToJson(Buffer.from(text)).toString('utf8'))) ?? values['anonymous-auth']
  } catch (error) {
    throw new StartupError(`--authentication-config: ${(error as Error).message}`)
  }
}

const [leastMaxMs, mostMaxSeconds] = [3_600_000, 2 ** 32]

function tokenLimitsOf(values: Values): TokenLimits {
  const maxMs = values['service-account-max-token-expiration']
  if (maxMs !== 0 && (maxMs < leastMaxMs || maxMs / 1000 > mostMaxSeconds))
    throw new StartupError('--service-account-max-token-expiration must be between 1 hour and 2^32 seconds')
  return { maxSeconds: Math.floor(maxMs / 1000), extends: values['service-account-extend-token-expiration'] }
}
