/** Runs one check: an HTTP request, a connection, a command in the container or a gRPC health call. */
import { connect } from 'node:net'
import type { ProbeHandler } from '#api/core/probe.ts'
import { expand } from '#kubelet/environment/expansion.ts'
import type { ContainerRuntime } from '#kubelet/runtime/runtime.ts'
import { checkGrpc } from './grpc-check.ts'
import { checkHttp } from './http-check.ts'
import { type CheckResult, type CheckTarget, hostText, portNumber, socketText } from './target.ts'

/** Rejects where the check could not be made at all: that is no verdict on the container. */
export async function runCheck(
  handler: ProbeHandler,
  target: CheckTarget,
  timeoutMs: number,
  runtime: Pick<ContainerRuntime, 'execSync'>,
): Promise<CheckResult> {
  if (handler.exec) return checkExec(handler.exec.command ?? [], target, timeoutMs, runtime)
  if (handler.httpGet) return checkHttp(handler.httpGet, target, timeoutMs)
  if (handler.tcpSocket) {
    const { host, port } = handler.tcpSocket
    return checkTcp(host || target.podIp, portNumber(port, target.container), timeoutMs)
  }
  if (handler.grpc) return checkGrpc(target.podIp, handler.grpc, timeoutMs, 'kube-probe/1.35')
  throw new Error(`missing probe handler for ${target.container.name}`)
}

async function checkExec(
  command: readonly string[],
  target: CheckTarget,
  timeoutMs: number,
  runtime: Pick<ContainerRuntime, 'execSync'>,
): Promise<CheckResult> {
  // As upstream only variables with a plain value are known here.
  const plain = new Map((target.container.env ?? []).filter(({ valueFrom }) => !valueFrom).map(({ name, value }) => [name, value ?? '']))
  const words = command.map((word) => expand(word, (name) => plain.get(name)))
  const { exitCode, output, timedOut } = await runtime.execSync(target.containerId, words, timeoutMs)
  if (timedOut) return { ok: false, output: `command timed out: ${JSON.stringify(words.join(' '))} timed out after ${timeoutMs / 1000}s` }
  return { ok: exitCode === 0, output }
}

function checkTcp(host: string, port: number, timeoutMs: number): Promise<CheckResult> {
  const address = `${hostText(host)}:${port}`
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    const finish = (result: CheckResult): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(result)
    }
    const timer = setTimeout(() => finish({ ok: false, output: `dial tcp ${address}: i/o timeout` }), timeoutMs)
    socket.once('connect', () => finish({ ok: true, output: '' }))
    socket.once('error', (error: NodeJS.ErrnoException) => finish({ ok: false, output: socketText(error, address) }))
  })
}
