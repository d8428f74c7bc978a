/** The kubelet's flags, and what they and the configuration file make together. Flags win. */
import { hostname } from 'node:os'
import { quantityValue } from '#api/meta/quantity.ts'
import { StartupError } from '#component/daemon.ts'
import { boolFlag, type FlagValues, intFlag, listFlag, mapFlag, parseDuration, stringFlag } from '#component/flags.ts'
import { readGiven } from '#component/given-files.ts'
import type { DeadContainerLimits } from '#kubelet/garbage/dead-containers.ts'
import { type SandboxChoice, sandboxChoices } from '#kubelet/runtime/sandbox/choice.ts'
import { type KubeletConfig, parseConfig } from './config-file.ts'
import { configFlags, configOverrides } from './config-flags.ts'
import { nodeFlagProblem } from './node-flags.ts'

export const kubeletFlags = {
  config: stringFlag('File with a KubeletConfiguration of kubelet.config.k8s.io/v1beta1.'),
  kubeconfig: stringFlag('Kubeconfig file with the address of the API server and the credentials of this node.'),
  'bootstrap-kubeconfig': stringFlag('Not supported yet: credentials come from --kubeconfig.'),
  'hostname-override': stringFlag('Name of the node in place of the host name.'),
  'node-ip': stringFlag('Address of the node; found by itself if empty.'),
  'root-dir': stringFlag('Where volumes and the state of pods are kept.', '/var/lib/kubelet'),
  'cert-dir': stringFlag('Where certificates are kept.', '/var/lib/kubelet/pki'),
  'container-runtime-endpoint': stringFlag('Socket of Docker, unix:///var/run/docker.sock if empty.'),
  runtime: stringFlag('docker, or fake for a node that only pretends.', 'docker'),
  'hollow-nodes': intFlag('With --runtime fake: so many nodes in this process, named after --hostname-override with a number.', 1),
  'pod-sandboxes': stringFlag(
    'How pods keep their namespaces: pinned (needs the runtime wrapper in dockerd), pause (a container), or auto.',
    'auto',
  ),
  'node-labels': mapFlag('Labels that the node is registered with, key=value.'),
  'register-with-taints': listFlag('Taints that the node is registered with, key=value:Effect.'),
  'register-node': boolFlag('Register this node with the API server.', true),
  'pod-manifest-path': stringFlag('Directory of static pods; staticPodPath in the configuration file is the same.'),
  'node-capacity': mapFlag('Stated capacity in place of the machine’s, such as cpu=2,memory=4Gi: for nodes that share one machine.'),
  'max-pods': intFlag('Pods that may run on this node; that of the configuration file if 0.', 0),
  ...configFlags,
  'maximum-dead-containers': intFlag('Ended containers that are kept on the node in all; no limit if negative.', -1),
  'maximum-dead-containers-per-container': intFlag('Ended containers that are kept of each container; no limit if negative.', 1),
  'minimum-container-ttl-duration': stringFlag('How long an ended container is kept at least.', '0s'),
  'image-credential-provider-config': stringFlag(
    'File or folder with a CredentialProviderConfig: programs that give registry credentials.',
  ),
  'image-credential-provider-bin-dir': stringFlag('Where these programs are.'),
  'container-log-format': stringFlag(
    'What stands under /var/log/pods: docker for links to Docker’s own files, cri to write the logs once more in the format that most shippers read.',
    'docker',
  ),
  'cni-conf-dir': stringFlag('Where CNI configurations are.', '/etc/cni/net.d'),
} as const

export interface Settings {
  config: KubeletConfig
  kubeconfig: string
  nodeName: string
  nodeIp: string
  rootDir: string
  dockerSocket: string
  runtime: 'docker' | 'fake'
  sandboxes: SandboxChoice
  hollowNodes: number
  labels: ReadonlyMap<string, string>
  taints: readonly { key: string; value?: string | undefined; effect: string }[]
  capacity: ReadonlyMap<string, string>
  staticPodPath: string
  cniConfDir: string
  containerLogFormat: 'docker' | 'cri'
  deadContainers: DeadContainerLimits
  /** Both empty for none. */
  credentialProviders: { config: string; binDir: string }
}

/** Throws StartupError for what cannot be. */
export function settingsOf(flags: FlagValues<typeof kubeletFlags>): Settings {
  const config = parseConfig(
    flags.config === '' ? '' : readGiven({ name: '--config', path: flags.config }),
    flags.config || 'flags',
    configOverrides(flags),
  )
  if (flags['max-pods'] < 0) throw new StartupError(`--max-pods is 0 or more, not ${flags['max-pods']}`)
  if (flags['max-pods'] > 0) config.maxPods = flags['max-pods']
  if (!flags['register-node']) config.registerNode = false
  if (flags['bootstrap-kubeconfig'] !== '')
    throw new StartupError('--bootstrap-kubeconfig is not supported yet: give the node’s credentials with --kubeconfig')
  if (flags.kubeconfig === '')
    throw new StartupError('--kubeconfig is needed: the file with the API server’s address and this node’s credentials')
  if (flags.runtime !== 'docker' && flags.runtime !== 'fake') throw new StartupError(`--runtime is docker or fake, not "${flags.runtime}"`)
  const node = {
    nodeName: (flags['hostname-override'] || hostname()).toLowerCase().trim(),
    nodeIp: flags['node-ip'],
    labels: flags['node-labels'],
    capacity: flags['node-capacity'],
  }
  const problem = nodeFlagProblem(node)
  if (problem !== undefined) throw new StartupError(problem)
  return {
    config,
    ...node,
    kubeconfig: flags.kubeconfig,
    rootDir: flags['root-dir'],
    dockerSocket: socketOf(flags['container-runtime-endpoint'] || config.containerRuntimeEndpoint),
    runtime: flags.runtime,
    hollowNodes: hollowNodes(flags),
    sandboxes: sandboxChoice(flags['pod-sandboxes']),
    taints: flags['register-with-taints'].length > 0 ? flags['register-with-taints'].map(parseTaint) : config.registerWithTaints,
    staticPodPath: flags['pod-manifest-path'] || config.staticPodPath,
    cniConfDir: flags['cni-conf-dir'],
    containerLogFormat: logFormatOf(flags['container-log-format']),
    deadContainers: {
      total: flags['maximum-dead-containers'],
      perContainer: flags['maximum-dead-containers-per-container'],
      minAgeMs: durationOf(flags['minimum-container-ttl-duration'], 'minimum-container-ttl-duration'),
    },
    credentialProviders: { config: flags['image-credential-provider-config'], binDir: flags['image-credential-provider-bin-dir'] },
  }
}

function durationOf(text: string, flag: string): number {
  try {
    return parseDuration(text)
  } catch (error) {
    throw new StartupError(`--${flag}: ${(error as Error).message}`)
  }
}

function hollowNodes({ runtime, 'hollow-nodes': count }: FlagValues<typeof kubeletFlags>): number {
  if (count < 1) throw new StartupError(`--hollow-nodes is 1 or more, not ${count}`)
  if (count > 1 && runtime !== 'fake') throw new StartupError('--hollow-nodes needs --runtime fake')
  return count
}

function sandboxChoice(text: string): SandboxChoice {
  const choice = sandboxChoices.find((each) => each === text)
  if (choice === undefined) throw new StartupError(`--pod-sandboxes is one of ${sandboxChoices.join(', ')}, not "${text}"`)
  return choice
}

/** Docker rotates the logs itself; it takes bytes. */
export function logRotation(config: Pick<KubeletConfig, 'containerLogMaxSize' | 'containerLogMaxFiles'>): {
  maxSize: string
  maxFiles: number
} {
  return { maxSize: String(quantityValue(config.containerLogMaxSize)), maxFiles: config.containerLogMaxFiles }
}

function logFormatOf(text: string): 'docker' | 'cri' {
  if (text === 'docker' || text === 'cri') return text
  throw new StartupError(`--container-log-format is docker or cri, not "${text}"`)
}

function socketOf(endpoint: string): string {
  if (endpoint === '') return '/var/run/docker.sock'
  const match = /^(?:unix:\/\/)?(\/.*)$/.exec(endpoint)
  if (!match)
    throw new StartupError(`the container runtime endpoint must be a unix socket such as unix:///var/run/docker.sock, not "${endpoint}"`)
  return match[1] ?? ''
}

/** `key=value:Effect` or `key:Effect`. */
export function parseTaint(text: string): { key: string; value?: string; effect: string } {
  const match = /^([^=:]+)(?:=([^:]*))?:(NoSchedule|PreferNoSchedule|NoExecute)$/.exec(text)
  if (!match) throw new StartupError(`--register-with-taints: "${text}" is not key=value:Effect`)
  const [, key = '', value, effect = ''] = match
  return { key, ...(value ? { value } : {}), effect }
}
