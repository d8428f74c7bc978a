/** kube-controller-manager: the loops that make the cluster what its objects say. */
import { gitVersion } from '#api/version.ts'
import { KubeconfigError } from '#client/kubeconfig-file.ts'
import { runDaemon } from '#component/daemon.ts'
import { build } from './build.ts'
import { flags } from './flags.ts'

await runDaemon({ name: 'kube-controller-manager', version: gitVersion, flags, startupErrors: [KubeconfigError], build })
