/** kube-apiserver: the one program that talks to etcd, and the one that all others talk to. */

import { gitVersion } from '#api/version.ts'
import { runDaemon } from '#component/daemon.ts'
import { flags } from './config.ts'
import { build } from './run.ts'

await runDaemon({ name: 'kube-apiserver', version: gitVersion, flags, build })
