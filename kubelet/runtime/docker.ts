/** The container runtime on Docker: containers through dockerd (the one importer of its client library), pod sandboxes by ourselves. */
import Docker from 'dockerode'
import type { Logger } from '#component/logging.ts'
import { Cni, type CniOptions } from './cni.ts'
import { type Dialer, DockerApi } from './docker-api.ts'
import { DockerRuntime } from './docker-runtime.ts'
import { HelperShell } from './helper-shell.ts'
import type { LogLinksOptions } from './log-links.ts'
import type { SandboxChoice } from './sandbox/choice.ts'

export interface DockerRuntimeOptions {
  /** /var/run/docker.sock unless said. */
  socketPath?: string
  /** Where sandboxes are recorded and pinned; the runtime wrapper knows only /run/typernetes. */
  runDir?: string
  cni?: CniOptions
  logs?: LogLinksOptions
  /** Docker's own rotation of a container's log. */
  logRotation?: { maxSize: string; maxFiles: number }
  /** The kind of sandboxes of new pods; `auto` unless said. */
  sandboxes?: SandboxChoice
  log: Logger
  now?: () => Date
}

export function createDockerRuntime(options: DockerRuntimeOptions): DockerRuntime {
  const runDir = options.runDir ?? '/run/typernetes'
  const helper = new HelperShell(runDir)
  const docker = new Docker({ socketPath: options.socketPath ?? '/var/run/docker.sock' })
  return new DockerRuntime({
    api: new DockerApi(docker.modem as Dialer),
    cni: new Cni({ exec: (argv, how) => helper.exec(argv, how), ...options.cni }),
    helper,
    runDir,
    logs: options.logs ?? {},
    logRotation: options.logRotation ?? { maxSize: '10m', maxFiles: 5 },
    sandboxes: options.sandboxes ?? 'auto',
    log: options.log,
    now: options.now ?? (() => new Date()),
  })
}
