/** kubelet: runs the pods that are bound to this node. */
import { gitVersion } from '#api/version.ts'
import { connect } from '#client/connect.ts'
import { KubeconfigError } from '#client/kubeconfig-file.ts'
import { runDaemon } from '#component/daemon.ts'
import { failpointOfProcess } from '#component/failpoint.ts'
import { kubeletFlags, logRotation, settingsOf } from './config/config.ts'
import { makeRootDirectory } from './config/root-directory.ts'
import { hollowNodes } from './hollow/hollow-nodes.ts'
import { accessOf, buildKubelet } from './kubelet.ts'
import { cgroupDriver } from './node/cgroup-driver.ts'
import { createDockerRuntime } from './runtime/docker.ts'
import { nodeApi } from './server/node-api.ts'

await runDaemon({
  name: 'kubelet',
  version: gitVersion,
  flags: kubeletFlags,
  startupErrors: [KubeconfigError],
  async build(flags, log) {
    const settings = settingsOf(flags)
    makeRootDirectory(settings.rootDir)
    if (settings.runtime === 'fake') return hollowNodes(settings, settings.hollowNodes, log)
    const runtime = createDockerRuntime({
      socketPath: settings.dockerSocket,
      cni: { confDir: settings.cniConfDir },
      logRotation: logRotation(settings.config),
      logs: { written: settings.containerLogFormat === 'cri' },
      sandboxes: settings.sandboxes,
      log,
    })
    const { client } = await connect(accessOf(settings))
    settings.config.cgroupDriver = await cgroupDriver({
      configured: settings.config.cgroupDriver,
      ask: () => runtime.cgroupDriver(),
      log,
    })
    const failpoint = failpointOfProcess()
    const kubelet = buildKubelet({ settings, runtime, log, ...(failpoint ? { failpoint } : {}) })
    const pods = () => kubelet.pods.list().map(({ pod, status }) => ({ ...pod, status }))
    return [nodeApi({ client, settings, runtime, pods, stats: kubelet.care.stats, log }), ...kubelet.runnables]
  },
})
