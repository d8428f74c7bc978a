/** kube-controller-manager: the loops that make the cluster what its objects say. */
import { runDaemon } from '#component/daemon.ts'
import { build } from './build.ts'
import { flags } from './flags.ts'

await runDaemon({ name: 'kube-controller-manager', version: 'v1.35.0+typernetes', flags, build })
