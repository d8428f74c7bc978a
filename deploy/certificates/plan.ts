/** Which certificates a cluster has: kubeadm's file names, upstream's subjects. Pure. */
import { isIP } from 'node:net'
import type { Layout } from '#deploy/cluster/layout.ts'
import { placeOf } from '#deploy/cluster/store.ts'

export interface AuthorityPlan {
  /** Path below the pki folder, without extension. */
  file: string
  commonName: string
}

export interface LeafPlan {
  file: string
  authority: string
  commonName: string
  organization?: string
  usages: readonly ('client' | 'server')[]
  /** DNS names and addresses. */
  names: readonly string[]
}

export const planAuthorities = (layout: Layout): readonly AuthorityPlan[] => [
  { file: 'ca', commonName: 'kubernetes' },
  ...(placeOf(layout.options) === 'etcd' ? [{ file: 'etcd/ca', commonName: 'etcd-ca' }] : []),
  { file: 'front-proxy-ca', commonName: 'front-proxy-ca' },
]

const loopback = ['localhost', '127.0.0.1', '::1']

/** `hostAddresses` are the machine's own addresses and host name, under which users may reach the API server. */
export function planLeaves(layout: Layout, hostAddresses: readonly string[]): readonly LeafPlan[] {
  const apiserverNames = [
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    'kubernetes.default.svc.cluster.local',
    layout.serviceAddress,
    layout.hostAddress,
    ...loopback,
    ...hostAddresses,
  ]
  const server = (file: string, authority: string, commonName: string, names: readonly string[]): LeafPlan => ({
    file,
    authority,
    commonName,
    usages: ['server'],
    names: [...new Set(names)],
  })
  const client = (file: string, commonName: string, organization?: string, authority = 'ca'): LeafPlan => ({
    file,
    authority,
    commonName,
    usages: ['client'],
    names: [],
    ...(organization ? { organization } : {}),
  })
  const etcd = (name: string): LeafPlan => ({ ...server(`etcd/${name}`, 'etcd/ca', 'typernetes', loopback), usages: ['server', 'client'] })
  const ofEtcd = [
    client('apiserver-etcd-client', 'kube-apiserver-etcd-client', undefined, 'etcd/ca'),
    etcd('server'),
    etcd('peer'),
    client('etcd/healthcheck-client', 'kube-etcd-healthcheck-client', undefined, 'etcd/ca'),
  ]
  return [
    ...(placeOf(layout.options) === 'etcd' ? ofEtcd : []),
    server('apiserver', 'ca', 'kube-apiserver', apiserverNames),
    client('apiserver-kubelet-client', 'kube-apiserver-kubelet-client', 'system:masters'),
    client('front-proxy-client', 'front-proxy-client', undefined, 'front-proxy-ca'),
    client('admin', 'kubernetes-admin', 'system:masters'),
    client('controller-manager', 'system:kube-controller-manager'),
    client('scheduler', 'system:kube-scheduler'),
    client('kube-proxy', 'system:kube-proxy', 'system:node-proxier'),
    ...layout.nodes.flatMap((node): LeafPlan[] => [
      client(`nodes/${node.name}/kubelet-client`, `system:node:${node.name}`, 'system:nodes'),
      {
        ...server(`nodes/${node.name}/kubelet`, 'ca', `system:node:${node.name}`, [node.name, node.address, '127.0.0.1', 'localhost']),
        organization: 'system:nodes',
      },
    ]),
  ]
}

/** Splits names into what a certificate calls DNS and IP entries. */
export function alternativeNames(names: readonly string[]): readonly { type: 'dns' | 'ip'; value: string }[] {
  return names.map((value) => ({ type: isIP(value) ? 'ip' : 'dns', value }))
}
