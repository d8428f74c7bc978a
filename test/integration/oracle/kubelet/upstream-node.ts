/** A cluster of two nodes, of which the second runs upstream's own kubelet over containerd in place of ours over Docker. */
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { archiveFolder } from '#deploy/example/image.ts'
import { run } from '#deploy/machine/exec.ts'
import { checkout, TestCluster, whyNoCluster } from '#test/harness/cluster.ts'
import { loadToolImage, toolImage } from '#test/harness/tool-image.ts'

const containerdSocket = '/run/containerd/containerd.sock'
const pauseImage = 'typernetes.local/pause:1'
const kubelet = process.env['TYPERNETES_ORACLE_KUBELET'] ?? ''
const needed = ['/usr/bin/containerd', '/usr/bin/ctr', '/usr/sbin/runc', '/usr/lib/cni/bridge']

/** Why the two cannot be compared here, or undefined. */
export function whyNotBoth(): string | undefined {
  if (!existsSync(kubelet)) return "set TYPERNETES_ORACLE_KUBELET to upstream's kubelet; takes minutes"
  const missing = needed.filter((path) => !existsSync(path))
  return missing.length > 0 ? `not installed: ${missing.join(', ')}` : whyNoCluster()
}

const containerdConfig = (root: string): string => `version = 2
root = "${root}"
state = "/run/containerd"
[grpc]
  address = "${containerdSocket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "/etc/cni/net.d"
`

/** Runs in the node, in place of our kubelet. The kubelet's flags come as they are. */
const script = (folder: string): string => `#!/bin/sh
set -eu
if [ "$(hostname)" != node-2 ]; then exec ${checkout}/node_modules/.bin/node ${checkout}/kubelet/main.ts "$@"; fi
mkdir -p /etc/cni/net.d
[ -S ${containerdSocket} ] || containerd -c ${folder}/containerd.toml >>${folder}/containerd.log 2>&1 &
until ctr -a ${containerdSocket} version >/dev/null 2>&1; do sleep 0.2; done
config=$(printf '%s\\n' "$@" | sed -n 's/^--config=//p')
sed 's#unix:///run/docker.sock#unix://${containerdSocket}#' "$config" >${folder}/kubelet.yaml
cat >/etc/cni/net.d/10-bridge.conflist <<END
{"cniVersion":"0.4.0","name":"bridge","plugins":[{"type":"bridge","bridge":"cni0","isGateway":true,"hairpinMode":true,"ipam":
{"type":"host-local","ranges":[[{"subnet":"10.99.99.0/24"}]],"routes":[{"dst":"0.0.0.0/0"}]}}]}
END
exec ${kubelet} "$@" --config=${folder}/kubelet.yaml
`

/** Takes the images that our node has over into containerd, and the one that holds a pod's namespaces there. */
async function importImages(cluster: TestCluster, folder: string): Promise<void> {
  const archive = join(folder, 'tools.tar')
  await cluster.inNode('node-2', 'docker', '-H', 'unix:///run/docker.sock', 'save', '-o', archive, toolImage)
  const pause = await archiveFolder({
    name: pauseImage,
    root: join(folder, 'image'),
    command: ['/bin/busybox', 'sleep', '1000000'],
    workFolder: join(folder, 'pause'),
  })
  for (const file of [archive, pause])
    await cluster.inNode('node-2', 'ctr', '-a', containerdSocket, '-n', 'k8s.io', 'images', 'import', file)
}

/** The cluster, up, with the tool image on both nodes. */
export async function startBoth(port: number, folder: string): Promise<TestCluster> {
  const program = join(folder, 'kubelet.sh')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'containerd.toml'), containerdConfig(join(folder, 'containerd')))
  await writeFile(program, script(folder), { mode: 0o755 })
  const cluster = await TestCluster.prepare(port, '--nodes', '2', '--no-example', '--program', `kubelet=${program}`)
  await cluster.mustRun('up')
  await loadToolImage(cluster, join(folder, 'image'))
  await importImages(cluster, folder)
  return cluster
}

/** containerd's shims outlive their node's first process only as long as it takes the kernel to end the namespace; their mounts go with it. */
export async function stopBoth(cluster: TestCluster, folder: string): Promise<void> {
  await cluster.down()
  await run(['rm', '-rf', folder])
}
