/** A kubelet as its own process on a test node, beside an apiserver in the test's process; and questions about what is there. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Pod, Pods } from '#api/core/pod.ts'
import type { PodSpec } from '#api/core/pod-spec.ts'
import { ApiError } from '#api/meta/status.ts'
import { loadKubeconfig } from '#client/kubeconfig.ts'
import { Client } from '#client/rest.ts'
import { startTestApiServer, type TestApiServer } from '#test/harness/apiserver.ts'
import { cgroupRoot, nodeDir, ownMounts } from '#test/integration/runtime/node-with-docker.ts'

export const nodeName = 'node-1'
export const image = 'busybox:test'
const main = path.join(import.meta.dirname, '../../../kubelet/main.ts')
const rootDir = path.join(nodeDir, 'kubelet')
export const manifests = path.join(nodeDir, 'manifests')

/** Waits until `look` answers something; throws with what it waited for and what it saw last. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 120_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs
  let problem: unknown
  while (Date.now() < deadline) {
    try {
      const seen = await look()
      if (seen !== undefined && seen !== false) return seen
    } catch (error) {
      problem = error
    }
    await delay(25)
  }
  throw new Error(`${what}: not within ${timeoutMs / 1000} s`, { cause: problem })
}

export class Rig {
  readonly api: TestApiServer
  readonly client: Client
  #kubelet: ChildProcess | undefined
  #exited: Promise<number | null> = Promise.resolve(0)

  private constructor(api: TestApiServer) {
    this.api = api
    this.client = new Client(loadKubeconfig(api.kubeconfigFile))
  }

  static async start(): Promise<Rig> {
    const api = await startTestApiServer()
    mkdirSync(rootDir, { recursive: true })
    mkdirSync(manifests, { recursive: true })
    writeFileSync(path.join(nodeDir, 'kubelet.conf'), await api.kubeconfig(`system:node:${nodeName}`, 'system:nodes'))
    const config = {
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      kind: 'KubeletConfiguration',
      podCIDR: '10.201.0.0/24',
      cgroupRoot,
      healthzPort: 0,
      port: 0,
      clusterDomain: 'cluster.local',
      staticPodPath: manifests,
      evictionHard: { 'memory.available': '1Mi', 'nodefs.available': '0%', 'nodefs.inodesFree': '0%', 'imagefs.available': '0%' },
    }
    writeFileSync(path.join(nodeDir, 'kubelet.yaml'), JSON.stringify(config))
    return new Rig(api)
  }

  startKubelet(failpoint = ''): void {
    const log = openSync(path.join(nodeDir, 'kubelet.log'), 'a')
    const argv = [
      main,
      `--config=${path.join(nodeDir, 'kubelet.yaml')}`,
      `--kubeconfig=${path.join(nodeDir, 'kubelet.conf')}`,
      `--hostname-override=${nodeName}`,
      '--node-ip=127.0.0.1',
      `--root-dir=${rootDir}`,
      `--container-runtime-endpoint=unix://${path.join(nodeDir, 'docker.sock')}`,
      '--v=2',
    ]
    const child = spawn(process.execPath, argv, {
      stdio: ['ignore', log, log],
      env: { ...process.env, TYPERNETES_FAILPOINT: failpoint, NODE_TEST_CONTEXT: undefined },
    })
    this.#kubelet = child
    this.#exited = new Promise((resolve) => child.on('exit', (code) => resolve(code)))
  }

  /** Resolves with the exit code, null for a process that was killed. */
  exited(): Promise<number | null> {
    const late = new AbortController()
    const never = delay(120_000, undefined, { signal: late.signal }).then(() =>
      Promise.reject(new Error('the kubelet did not end within two minutes')),
    )
    return Promise.race([this.#exited, never]).finally(() => late.abort())
  }

  async killKubelet(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.#kubelet?.kill(signal)
    await this.#exited
  }

  async dispose(): Promise<void> {
    await this.killKubelet()
    this.client.close()
    await this.api[Symbol.asyncDispose]()
  }

  async create(name: string, spec: Partial<PodSpec>, metadata: Partial<Pod['metadata']> = {}): Promise<Pod> {
    const whole = { nodeName, terminationGracePeriodSeconds: 2, automountServiceAccountToken: false, containers: [], ...spec }
    return this.client.create(Pods, { metadata: { name, namespace: 'default', ...metadata }, spec: whole })
  }

  get(name: string): Promise<Pod> {
    return this.client.get(Pods, { namespace: 'default', name })
  }

  /** The pod once it satisfies the condition. */
  until(name: string, what: string, condition: (pod: Pod) => boolean, timeoutMs?: number): Promise<Pod> {
    return eventually(
      `pod ${name} ${what}`,
      async () => {
        const pod = await this.get(name)
        return condition(pod) && pod
      },
      timeoutMs,
    )
  }

  running(name: string): Promise<Pod> {
    return this.until(name, 'runs', (pod) => pod.status?.conditions?.find((each) => each.type === 'Ready')?.status === 'True')
  }

  async delete(name: string, gracePeriodSeconds?: number): Promise<void> {
    await this.client.delete(Pods, { namespace: 'default', name }, gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds })
  }

  gone(name: string): Promise<true> {
    return eventually(`pod ${name} is gone`, async () => {
      try {
        await this.get(name)
        return false
      } catch (error) {
        if (error instanceof ApiError && error.code === 404) return true
        throw error
      }
    })
  }

  log(): string {
    return readFileSync(path.join(nodeDir, 'kubelet.log'), 'utf8')
  }
}

export function docker(...argv: string[]): string {
  return execFileSync('docker', ['-H', `unix://${path.join(nodeDir, 'docker.sock')}`, ...argv], { encoding: 'utf8' }).trim()
}

/** Ids of the containers of a pod, running ones only unless said. */
export function containersOf(pod: string, all = false): string[] {
  const text = docker('ps', '-q', '--no-trunc', ...(all ? ['-a'] : []), '--filter', `label=io.kubernetes.pod.name=${pod}`)
  return text === '' ? [] : text.split('\n')
}

/** Everything on the node that belongs to pods; empty when all is clean. */
export function leftovers(): string[] {
  const found: string[] = []
  const names = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : [])
  for (const uid of names(path.join(rootDir, 'pods'))) found.push(`directory ${uid}`)
  for (const uid of names(path.join(rootDir, 'memory'))) found.push(`memory ${uid}`)
  for (const id of docker('ps', '-aq').split('\n')) if (id !== '') found.push(`container ${id}`)
  for (const name of names('/run/netns')) found.push(`namespace ${name}`)
  for (const name of names('/var/log/pods')) found.push(`log ${name}`)
  for (const line of ownMounts()) {
    const [, , , , at = ''] = line.split(' ')
    if (at.startsWith(`${rootDir}/pods/`) || /^\/run\/(netns|typernetes)\/./.test(at)) found.push(`mount ${at}`)
  }
  for (const controller of ['cpu', 'memory', 'pids', 'unified', '']) {
    for (const qos of ['', 'burstable', 'besteffort']) {
      for (const name of names(path.join('/sys/fs/cgroup', controller, cgroupRoot, 'kubepods', qos)))
        if (name.startsWith('pod')) found.push(`cgroup ${name}`)
    }
  }
  for (const file of names('/var/lib/cni/networks/typernetes')) if (/^(\d|new-)/.test(file)) found.push(`address ${file}`)
  for (const folder of [
    '/var/lib/cni/results',
    '/var/log/containers',
    ...['sandboxes', 'ipc', 'containers'].map((kind) => `/run/typernetes/${kind}`),
  ])
    for (const name of names(folder)) found.push(`file ${path.join(folder, name)}`)
  for (const link of execFileSync('ip', ['-br', 'link', 'show', 'type', 'veth'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    .split('\n')
    .filter(Boolean))
    found.push(`link ${link.split(' ')[0]}`)
  const rules = existsSync('/usr/sbin/iptables-save') ? execFileSync('/usr/sbin/iptables-save', ['-t', 'nat'], { encoding: 'utf8' }) : ''
  for (const [chain] of rules.matchAll(/^:CNI-(DN|SN)-\S+/gm)) found.push(`chain ${chain}`)
  return found
}

export async function clean(): Promise<void> {
  await eventually('the node is clean', () => {
    const left = leftovers()
    if (left.length > 0) throw new Error(left.join(', '))
    return true
  })
}
