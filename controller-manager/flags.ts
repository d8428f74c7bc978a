/** The flags of kube-controller-manager. Those of controllers that are not here yet are refused, not ignored, but for a few that change nothing. */
import { boolFlag, durationFlag, type Flag, type FlagValues, intFlag, listFlag, portFlag, stringFlag } from '#component/flags.ts'
import { servingFlags } from '#component/tls-files.ts'

/** Without a worker a controller would look alive and do nothing. */
const syncs = (what: string, fallback: number): Flag<number> => {
  const number = intFlag(`How many ${what} are handled at the same time.`, fallback)
  return {
    ...number,
    parse: (text) => {
      const workers = number.parse(text)
      if (workers < 1) throw new Error('it must be at least 1')
      return workers
    },
  }
}

export const flags = {
  kubeconfig: stringFlag(
    'File with the address of the API server and the credentials for it; inside a pod its service account by default.',
  ),
  master: stringFlag('Address of the API server; overrides the one in the kubeconfig.'),
  controllers: listFlag('Controllers to run: "*" all, "name" that one, "-name" all but that one.', ['*']),
  'leader-elect': boolFlag('Wait for the lease before doing anything.', true),
  'leader-elect-lease-duration': durationFlag('How long others wait before they take over a lease that is not renewed.', 15_000),
  'leader-elect-renew-deadline': durationFlag('How long the leader tries to renew before it stops.', 10_000),
  'leader-elect-retry-period': durationFlag('Time between two attempts to take or renew the lease.', 2_000),
  'leader-elect-resource-lock': stringFlag('Kind of the lock: leases.', 'leases'),
  'leader-elect-resource-name': stringFlag('Name of the Lease.', 'kube-controller-manager'),
  'leader-elect-resource-namespace': stringFlag('Namespace of the Lease.', 'kube-system'),
  'bind-address': stringFlag('Address of the health and metrics port.', '0.0.0.0'),
  'secure-port': portFlag('HTTPS port for health and metrics; 0 serves none.', 10257),
  ...servingFlags,
  'authentication-kubeconfig': stringFlag('Accepted and unused: clients of the secure port are known by certificate.'),
  'authorization-kubeconfig': stringFlag('Accepted and unused.'),
  'use-service-account-credentials': boolFlag('Let each controller act as a service account of its own.'),
  'service-account-private-key-file': stringFlag('Accepted; service account tokens are signed by the API server.'),
  'root-ca-file': stringFlag('CA bundle that is published as kube-root-ca.crt; by default the one of the kubeconfig.'),
  'cluster-name': stringFlag('Accepted and unused.', 'kubernetes'),
  'cluster-signing-cert-file': stringFlag('Accepted; certificate signing requests are not handled yet.'),
  'cluster-signing-key-file': stringFlag('Accepted; certificate signing requests are not handled yet.'),
  'requestheader-client-ca-file': stringFlag('Accepted and unused.'),
  'service-cluster-ip-range': stringFlag('Accepted: service addresses are not handed out to nodes by this program.'),
  'cluster-cidr': listFlag('Range from which nodes get their pod CIDRs.'),
  'allocate-node-cidrs': boolFlag('Give each node a pod CIDR from --cluster-cidr.'),
  'node-cidr-mask-size': intFlag('Prefix length of a node’s pod CIDR; 24 for IPv4 and 64 for IPv6 by default.', 0),
  'node-cidr-mask-size-ipv4': intFlag('The same for IPv4.', 0),
  'node-cidr-mask-size-ipv6': intFlag('The same for IPv6.', 0),
  'node-monitor-period': durationFlag('Time between two looks at the nodes’ health.', 5_000),
  'node-monitor-grace-period': durationFlag('How long a node may be silent before it counts as unhealthy.', 50_000),
  'node-startup-grace-period': durationFlag('The same for a node that has just been registered.', 60_000),
  'node-eviction-rate': stringFlag('Nodes per second whose pods are evicted while the zone is healthy.', '0.1'),
  'secondary-node-eviction-rate': stringFlag('The same while much of the zone is unhealthy.', '0.01'),
  'large-cluster-size-threshold': intFlag('In smaller zones the secondary rate is 0.', 50),
  'unhealthy-zone-threshold': stringFlag('Share of unhealthy nodes from which on a zone counts as unhealthy.', '0.55'),
  'terminated-pod-gc-threshold': intFlag('How many terminated pods may exist before the oldest are deleted; 0 keeps all.', 12_500),
  'pod-gc-period': durationFlag('Time between two looks for pods to clean up.', 20_000),
  'enable-garbage-collector': boolFlag('Delete objects whose owners are gone.', true),
  'garbage-collector-sync-period': durationFlag('Time between two looks for new kinds to watch.', 30_000),
  'max-endpoints-per-slice': intFlag('How many endpoints an EndpointSlice may hold.', 100),
  'concurrent-deployment-syncs': syncs('deployments', 5),
  'concurrent-replicaset-syncs': syncs('replica sets', 5),
  'concurrent-endpoint-syncs': syncs('endpoints', 5),
  'concurrent-service-endpoint-syncs': syncs('services by the EndpointSlice controller', 5),
  'mirroring-concurrent-service-endpoint-syncs': syncs('Endpoints by the mirroring controller', 5),
  'concurrent-resource-quota-syncs': syncs('resource quotas', 5),
  'concurrent-namespace-syncs': syncs('namespaces', 10),
  'concurrent-serviceaccount-token-syncs': syncs('service account tokens (accepted and unused)', 5),
  'concurrent-gc-syncs': syncs('garbage collector deletions', 20),
  'kube-api-qps': intFlag('Accepted and unused: the API server limits its clients itself.', 0),
  'kube-api-burst': intFlag('Accepted and unused.', 0),
} as const

export type Config = FlagValues<typeof flags>
