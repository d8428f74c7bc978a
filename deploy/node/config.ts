/** The files that make a node: environment and mounts for its first process, command lines, kubelet and kube-proxy configuration. Pure. */
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { Layout, NodeLayout } from '#deploy/cluster/layout.ts'
import { fullArgv, type ProgramCommand } from '#deploy/control-plane/program.ts'
import { type CgroupHost, cgroupFolders } from './cgroups.ts'

export interface MachineSize {
  cpus: number
  memoryBytes: number
}

/** Folders that are a node's own: where they stand in the node, and their name in its folder. */
export const privateFolders: readonly { target: string; name: string }[] = [
  { target: '/var/lib/kubelet', name: 'kubelet' },
  { target: '/var/lib/cni', name: 'cni' },
  { target: '/etc/cni', name: 'etc-cni' },
  { target: '/var/log/pods', name: 'pod-logs' },
  { target: '/var/log/containers', name: 'container-logs' },
]

const shellQuote = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)

/** What dockerd is told: no rules, forwarding or masquerade of its own, and the runtime that joins pinned namespaces. */
function dockerdConfig(layout: Layout, node: NodeLayout): string {
  return JSON.stringify(
    {
      'data-root': join(node.folder, 'docker'),
      'exec-root': '/run/docker',
      pidfile: '/run/docker.pid',
      hosts: ['unix:///run/docker.sock'],
      bridge: 'none',
      iptables: false,
      ip6tables: false,
      'ip-forward': false,
      'ip-masq': false,
      'live-restore': true,
      'log-driver': 'json-file',
      'log-level': 'warn',
      'exec-opts': ['native.cgroupdriver=cgroupfs'],
      // Docker 29 keeps images in containerd unless told: then nobody says where a container's own layer is, which is counted and bounded here.
      features: { 'containerd-snapshotter': false },
      runtimes: { typernetes: { path: join(layout.checkout, 'kubelet/runtime/sandbox/typernetes-runc.sh') } },
    },
    undefined,
    2,
  )
}

/**
 * The node's stated share of the machine: all nodes see the whole machine as capacity, so each reserves what belongs to the others, and
 * what is left to be allocated adds up to the machine.
 */
export function reservedFor(size: MachineSize, nodes: number): { cpu: string; memory: string } {
  const others = (nodes - 1) / nodes
  return { cpu: `${Math.round(size.cpus * 1000 * others)}m`, memory: `${Math.floor((size.memoryBytes * others) / 1024)}Ki` }
}

/**
 * The nodes have the machine's disk together with everything else on it: a machine that upstream's defaults (10 and 15 % free) find too full is an
 * ordinary one to work on. Only a disk that is really about to be full is told, and images are kept until then.
 */
const sharedDisk = {
  evictionHard: {
    'memory.available': '100Mi',
    'nodefs.available': '3%',
    'nodefs.inodesFree': '3%',
    'imagefs.available': '3%',
    'imagefs.inodesFree': '3%',
  },
  imageGCHighThresholdPercent: 97,
  imageGCLowThresholdPercent: 95,
}

function kubeletConfig(layout: Layout, node: NodeLayout, size: MachineSize): string {
  const pki = (file: string) => join(layout.pki, file)
  return stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: '0.0.0.0',
    authentication: { anonymous: { enabled: false }, webhook: { enabled: true }, x509: { clientCAFile: pki('ca.crt') } },
    authorization: { mode: 'Webhook' },
    tlsCertFile: pki(`nodes/${node.name}/kubelet.crt`),
    tlsPrivateKeyFile: pki(`nodes/${node.name}/kubelet.key`),
    containerRuntimeEndpoint: 'unix:///run/docker.sock',
    cgroupDriver: 'cgroupfs',
    failCgroupV1: false,
    failSwapOn: false,
    clusterDomain: 'cluster.local',
    resolvConf: '/etc/resolv.conf',
    systemReserved: reservedFor(size, layout.options.nodes),
    ...sharedDisk,
  })
}

function programs(node: NodeLayout): Readonly<Record<'dockerd' | 'kubelet' | 'kube-proxy', ProgramCommand>> {
  return {
    dockerd: { name: 'dockerd', argv: ['dockerd', `--config-file=${join(node.folder, 'dockerd.json')}`] },
    kubelet: {
      name: 'kubelet',
      argv: [
        `--config=${join(node.folder, 'kubelet.yaml')}`,
        `--kubeconfig=${join(node.folder, 'kubelet.conf')}`,
        `--hostname-override=${node.name}`,
        `--node-ip=${node.address}`,
      ],
    },
    'kube-proxy': {
      name: 'kube-proxy',
      argv: [`--config=${join(node.folder, 'kube-proxy.yaml')}`, `--hostname-override=${node.name}`],
    },
  }
}

function kubeProxyConfig(layout: Layout, node: NodeLayout): string {
  return stringify({
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'iptables',
    clusterCIDR: layout.podNetwork,
    clientConnection: { kubeconfig: join(node.folder, 'kube-proxy.conf') },
  })
}

/** The shell line that becomes a program's supervisor. */
function startLine(layout: Layout, node: NodeLayout, name: keyof ReturnType<typeof programs>): string {
  const command = programs(node)[name]
  const argv = name === 'dockerd' ? command.argv : fullArgv(layout, command)
  const log = join(node.logs, `${name}.log`)
  const words = ['exec', 'sh', join(layout.checkout, 'deploy/supervise.sh'), name, join(layout.run, node.name), log, ...argv]
  return `${words.map(shellQuote).join(' ')}\n`
}

/** What the node runs once it is released. File name in the node's folder → text. */
export function releaseFiles(layout: Layout, node: NodeLayout): Readonly<Record<string, string>> {
  return { 'start-kubelet': startLine(layout, node, 'kubelet'), 'start-kube-proxy': startLine(layout, node, 'kube-proxy') }
}

/** What the node is made of. File name in the node's folder → text. */
export function nodeFiles(
  layout: Layout,
  node: NodeLayout,
  host: { cgroups: CgroupHost; size: MachineSize; resolvConf: string },
): Readonly<Record<string, string>> {
  const environment = {
    NODE_NAME: node.name,
    NODE_DIR: node.folder,
    NODE_ADDRESS: node.address,
    GATEWAY: layout.hostAddress,
    DEPLOY: join(layout.checkout, 'deploy'),
    CGROUP_VERSION: String(host.cgroups.version),
    CGROUP_FOLDERS: cgroupFolders(host.cgroups, node.cgroup).join(' '),
  }
  return {
    'node.env': Object.entries(environment)
      .map(([name, value]) => `${name}=${shellQuote(value)}\n`)
      .join(''),
    mounts: privateFolders.map(({ name, target }) => `${join(node.folder, name)} ${target}\n`).join(''),
    cgroups: host.cgroups.version === 1 ? host.cgroups.mounts.map((mount) => `${mount.folder} ${mount.options}\n`).join('') : '',
    'resolv.conf': host.resolvConf,
    'dockerd.json': dockerdConfig(layout, node),
    'kubelet.yaml': kubeletConfig(layout, node, host.size),
    'kube-proxy.yaml': kubeProxyConfig(layout, node),
    'start-dockerd': startLine(layout, node, 'dockerd'),
  }
}
