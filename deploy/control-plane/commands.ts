/** The command lines of the control plane's four processes, with upstream's flags. Pure. */
import { join } from 'node:path'
import type { Layout } from '#deploy/cluster/layout.ts'
import { placeOf, sqliteFile } from '#deploy/cluster/store.ts'
import type { ProgramCommand } from './program.ts'

const issuer = 'https://kubernetes.default.svc.cluster.local'

function etcd(layout: Layout): ProgramCommand {
  const pki = (file: string) => join(layout.pki, 'etcd', file)
  const client = `https://127.0.0.1:${layout.ports.etcdClient}`
  const peer = `https://127.0.0.1:${layout.ports.etcdPeer}`
  return {
    name: 'etcd',
    argv: [
      '--name=typernetes',
      `--data-dir=${join(layout.state, 'etcd')}`,
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=typernetes=${peer}`,
      `--listen-metrics-urls=http://127.0.0.1:${layout.ports.etcdMetrics}`,
      '--client-cert-auth=true',
      '--peer-client-cert-auth=true',
      `--cert-file=${pki('server.crt')}`,
      `--key-file=${pki('server.key')}`,
      `--trusted-ca-file=${pki('ca.crt')}`,
      `--peer-cert-file=${pki('peer.crt')}`,
      `--peer-key-file=${pki('peer.key')}`,
      `--peer-trusted-ca-file=${pki('ca.crt')}`,
      '--logger=zap',
      '--log-level=warn',
    ],
  }
}

/** Upstream's flags for an etcd; ours for the file, which upstream does not have. */
function storeFlags(layout: Layout): readonly string[] {
  const { etcdServers, etcdFiles } = layout.options
  const pki = (file: string) => join(layout.pki, file)
  switch (placeOf(layout.options)) {
    case 'sqlite':
      return ['--storage-backend=sqlite', `--sqlite-file=${sqliteFile(layout.state)}`]
    case 'etcd':
      return [
        `--etcd-servers=https://127.0.0.1:${layout.ports.etcdClient}`,
        `--etcd-cafile=${pki('etcd/ca.crt')}`,
        `--etcd-certfile=${pki('apiserver-etcd-client.crt')}`,
        `--etcd-keyfile=${pki('apiserver-etcd-client.key')}`,
      ]
    case 'elsewhere':
      return [`--etcd-servers=${etcdServers}`, ...Object.entries(etcdFiles ?? {}).map(([name, path]) => `--etcd-${name}file=${path}`)]
  }
}

function apiserver(layout: Layout): ProgramCommand {
  const pki = (file: string) => join(layout.pki, file)
  return {
    name: 'kube-apiserver',
    argv: [
      `--advertise-address=${layout.hostAddress}`,
      `--secure-port=${layout.ports.apiserver}`,
      ...storeFlags(layout),
      `--tls-cert-file=${pki('apiserver.crt')}`,
      `--tls-private-key-file=${pki('apiserver.key')}`,
      `--client-ca-file=${pki('ca.crt')}`,
      `--service-cluster-ip-range=${layout.serviceNetwork}`,
      `--service-account-issuer=${issuer}`,
      `--service-account-key-file=${pki('sa.pub')}`,
      `--service-account-signing-key-file=${pki('sa.key')}`,
      `--kubelet-client-certificate=${pki('apiserver-kubelet-client.crt')}`,
      `--kubelet-client-key=${pki('apiserver-kubelet-client.key')}`,
      `--kubelet-certificate-authority=${pki('ca.crt')}`,
      '--kubelet-preferred-address-types=InternalIP,Hostname',
      `--requestheader-client-ca-file=${pki('front-proxy-ca.crt')}`,
      '--requestheader-allowed-names=front-proxy-client',
      '--requestheader-username-headers=X-Remote-User',
      '--requestheader-group-headers=X-Remote-Group',
      '--requestheader-extra-headers-prefix=X-Remote-Extra-',
      `--proxy-client-cert-file=${pki('front-proxy-client.crt')}`,
      `--proxy-client-key-file=${pki('front-proxy-client.key')}`,
      '--authorization-mode=Node,RBAC',
      '--allow-privileged=true',
    ],
  }
}

function controllerManager(layout: Layout): ProgramCommand {
  const pki = (file: string) => join(layout.pki, file)
  const kubeconfig = join(layout.state, 'controller-manager.conf')
  return {
    name: 'kube-controller-manager',
    argv: [
      `--kubeconfig=${kubeconfig}`,
      `--authentication-kubeconfig=${kubeconfig}`,
      `--authorization-kubeconfig=${kubeconfig}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${layout.ports.controllerManager}`,
      '--leader-elect=true',
      '--allocate-node-cidrs=true',
      `--cluster-cidr=${layout.podNetwork}`,
      `--service-cluster-ip-range=${layout.serviceNetwork}`,
      `--root-ca-file=${pki('ca.crt')}`,
      `--service-account-private-key-file=${pki('sa.key')}`,
      `--cluster-signing-cert-file=${pki('ca.crt')}`,
      `--cluster-signing-key-file=${pki('ca.key')}`,
      '--use-service-account-credentials=true',
    ],
  }
}

function scheduler(layout: Layout): ProgramCommand {
  const kubeconfig = join(layout.state, 'scheduler.conf')
  return {
    name: 'kube-scheduler',
    argv: [
      `--kubeconfig=${kubeconfig}`,
      `--authentication-kubeconfig=${kubeconfig}`,
      `--authorization-kubeconfig=${kubeconfig}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${layout.ports.scheduler}`,
      '--leader-elect=true',
    ],
  }
}

export const controlPlane = { etcd, apiserver, controllerManager, scheduler } as const
