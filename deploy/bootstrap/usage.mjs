// What `npm start -- --help` and its siblings print: also before anything is installed.

export const defaultPort = 6443
export const maxNodes = 50

export const usage = `usage: npm start -- [--nodes N] [--state DIR] [--port PORT] [--no-example]
  --nodes N           worker nodes, 1 to ${maxNodes} (default 2)
  --state DIR         where the cluster keeps everything (default .typernetes in the checkout)
  --port PORT         port of the API server (default ${defaultPort}; with another one, etcd and the rest take the ports that follow it)
  --store STORE       where the API server keeps its objects: sqlite, a file below the state directory (default), or etcd, which is then started too
  --etcd-servers URLS use this etcd instead (https://host:2379, comma separated), with --etcd-cafile, --etcd-certfile and --etcd-keyfile if it wants them
  --node-cidr CIDR    a free /24 for the nodes (default 10.243.0.0/24)
  --pod-cidr CIDR     a free /16 for the pods (default 10.244.0.0/16)
  --no-example        do not apply the example application
  --extra-arg NAME=FLAG    one more flag for a program, for example kube-controller-manager=--node-monitor-grace-period=20s
  --program NAME=PATH      run this binary in place of ours (kube-apiserver, kube-controller-manager, kube-scheduler, kubelet, kube-proxy, etcd)
npm run stop, npm run down and npm run load take --state too; npm run load -- IMAGE[:TAG] | ARCHIVE.tar | FOLDER --name NAME:TAG`

/** Whether only the usage is asked for. */
export const asksForUsage = (argv) => argv.includes('--help') || argv.includes('-h')
