/** kube-apiserver: the one program that talks to etcd, and the one that all others talk to. */
import { runDaemon } from '#component/daemon.ts'
import { flags } from './config.ts'
import { gitVersion } from './endpoints/version.ts'
import { build } from './run.ts'

await runDaemon({ name: 'kube-apiserver', version: gitVersion, flags, build })
