/** The Docker runtime against a real dockerd: sandboxes of both kinds, containers, exec, images, events and what a killed kubelet leaves. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { createLogger } from '#component/logging.ts'
import { bridgeNetwork } from '#kubelet/runtime/cni-config.ts'
import { createDockerRuntime } from '#kubelet/runtime/docker.ts'
import type { Container, ContainerConfig, ContainerRuntime, RuntimeEvent, Sandbox, SandboxConfig } from '#kubelet/runtime/runtime.ts'
import { cgroupRoot, inside, nodeDir, ownMounts, runInside, whyNot } from './node-with-docker.ts'

const reason = whyNot()

if (!inside) {
  for (const withRuntime of [true, false]) {
    test(`docker runtime with ${withRuntime ? 'pinned namespaces' : 'pause containers'}`, {
      skip: reason ?? false,
      timeout: 290_000,
    }, async () => {
      assert.equal(await runInside(import.meta.filename, { withRuntime, env: { WITH_RUNTIME: String(withRuntime) } }), 0)
    })
  }
} else suite()

function suite(): void {
  const pinned = process.env['WITH_RUNTIME'] === 'true'
  const signal = AbortSignal.timeout(270_000)
  const log = createLogger({ name: 'test', verbosity: 0, format: 'text' })
  const newRuntime = () => createDockerRuntime({ socketPath: path.join(nodeDir, 'docker.sock'), log })
  const runtime = newRuntime()
  let imageId = ''
  let serial = 0

  const sandboxConfig = (over: Partial<SandboxConfig> = {}): SandboxConfig => {
    serial += 1
    return {
      podUid: `uid-${serial}`,
      namespace: 'default',
      name: `pod-${serial}`,
      attempt: 0,
      hostname: `host-${serial}`,
      hostNetwork: false,
      hostPid: false,
      hostIpc: false,
      shareProcessNamespace: false,
      dns: { servers: ['10.96.0.10'], searches: ['default.svc.cluster.local'], options: ['ndots:5'] },
      portMappings: [],
      sysctls: {},
      cgroupParent: `${cgroupRoot}/pod-${serial}`,
      labels: { app: 'web' },
      annotations: {},
      ...over,
    }
  }
  const containerConfig = (sandbox: Sandbox, shell: string, over: Partial<ContainerConfig> = {}): ContainerConfig => ({
    podUid: sandbox.podUid,
    name: 'app',
    attempt: 0,
    imageId,
    image: 'busybox:test',
    command: ['busybox', 'sh', '-c', shell],
    env: [{ name: 'GREETING', value: 'hello world' }],
    mounts: [],
    devices: [],
    resources: { oomScoreAdj: -997, memoryLimitBytes: 64 * 1024 * 1024, cpuShares: 102 },
    security: {
      privileged: false,
      readOnlyRootFilesystem: false,
      noNewPrivileges: false,
      supplementalGroups: [],
      addCapabilities: [],
      dropCapabilities: [],
      seccomp: { type: 'RuntimeDefault' },
      unmaskedProc: false,
    },
    tty: false,
    stdin: false,
    stdinOnce: false,
    labels: { 'io.kubernetes.container.hash': 'abc' },
    ...over,
  })

  async function started(sandbox: Sandbox, shell: string, over: Partial<ContainerConfig> = {}): Promise<string> {
    const id = await runtime.createContainer(sandbox, containerConfig(sandbox, shell, over), signal)
    await runtime.startContainer(id, signal)
    return id
  }
  const find = async (id: string, from: ContainerRuntime = runtime): Promise<Container | undefined> =>
    (await from.listContainers({}, signal)).find((container) => container.id === id)
  async function exited(id: string): Promise<Container> {
    for (;;) {
      const container = await find(id)
      if (container?.state === 'exited') return container
      signal.throwIfAborted()
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  const sh = (command: string) => execFileSync('sh', ['-c', command], { encoding: 'utf8' })
  const inContainer = async (id: string, command: string): Promise<string> =>
    (await runtime.execSync(id, ['busybox', 'sh', '-c', command], 10_000)).output.trim()
  const gone = async () => {
    for (const sandbox of await runtime.listSandboxes(signal)) await runtime.removeSandbox(sandbox.id, signal)
  }
  /** Everything of pods that the node has. */
  const left = () => ({
    netns: readdirSync('/run/netns').filter((name) => name.startsWith('typernetes-')),
    records: readdirSync('/run/typernetes/sandboxes'),
    ipc: readdirSync('/run/typernetes/ipc'),
    files: readdirSync('/run/typernetes/containers'),
    mounts: ownMounts()
      .filter((line) => line.includes('typernetes-') || line.includes('/shm rw'))
      .filter((line) => line.includes('/run/')),
    veths: sh('ip -br link show type veth').trim(),
    addresses: sh('ls /var/lib/cni/networks/typernetes 2>/dev/null | grep -E "^10\\." || true').trim(),
    attachments: sh('ls /var/lib/cni/results 2>/dev/null || true').trim(),
    containers: sh(`docker -H unix://${nodeDir}/docker.sock ps -aq`).trim(),
    logs: sh('find /var/log/pods /var/log/containers -mindepth 1').trim(),
  })
  const nothing = {
    netns: [],
    records: [],
    ipc: [],
    files: [],
    mounts: [],
    veths: '',
    addresses: '',
    attachments: '',
    containers: '',
    logs: '',
  }
  /** The kernel takes links down a moment after their namespace. */
  async function nothingLeft(): Promise<void> {
    for (let attempt = 0; attempt < 400 && left().veths !== ''; attempt += 1) await new Promise((resolve) => setTimeout(resolve, 50))
    assert.deepEqual(left(), nothing)
  }

  before(async () => {
    mkdirSync('/etc/cni/net.d', { recursive: true })
    writeFileSync('/etc/cni/net.d/10-typernetes.conflist', bridgeNetwork({ podCidr: '10.77.0.0/24' }))
    imageId = (await runtime.imageStatus('busybox:test', signal))?.id ?? ''
  })
  after(() => runtime.close())

  test('an image is known by every form of its name', async () => {
    for (const name of ['busybox:test', 'docker.io/library/busybox:test', 'docker.io/busybox:test', imageId]) {
      assert.equal((await runtime.imageStatus(name, signal))?.id, imageId, name)
    }
    assert.equal(await runtime.imageStatus('nothing:here', signal), undefined)
    assert.deepEqual((await runtime.listImages(signal)).find((i) => i.id === imageId)?.repoTags, ['docker.io/library/busybox:test'])
  })

  test('a pod: address, names, shared memory, limits, environment, log, exec, stop', async () => {
    const sandbox = await runtime.runSandbox(sandboxConfig(), signal)
    assert.match(sandbox.ips[0] ?? '', /^10\.77\.0\.\d+$/)
    const id = await started(sandbox, 'echo out; echo err >&2; trap "exit 7" TERM; while :; do busybox sleep 0.1; done')
    const second = await started(sandbox, 'busybox sleep 1000', { name: 'side' })
    assert.equal(await inContainer(id, 'busybox hostname'), sandbox.name.replace('pod', 'host'))
    assert.equal(await inContainer(id, 'echo $GREETING'), 'hello world')
    // What the runtime itself is told stays with it.
    assert.equal(await inContainer(id, 'echo "$GOMAXPROCS"; grep -c GOMAXPROCS /proc/1/environ || true'), '0')
    assert.match(
      await inContainer(id, 'busybox cat /etc/resolv.conf'),
      /^nameserver 10\.96\.0\.10\nsearch default\.svc\.cluster\.local\noptions ndots:5$/,
    )
    assert.match(await inContainer(id, 'busybox ip -4 addr show eth0'), new RegExp(`inet ${sandbox.ips[0]}/24`))
    assert.match(await inContainer(second, 'busybox ip -4 addr show eth0'), new RegExp(`inet ${sandbox.ips[0]}/24`))
    assert.match(await inContainer(id, 'busybox ip addr show lo'), /inet 127\.0\.0\.1/)
    await inContainer(id, 'echo shared > /dev/shm/x')
    assert.equal(await inContainer(second, 'busybox cat /dev/shm/x'), 'shared')
    assert.equal(
      await inContainer(id, 'busybox readlink /proc/self/ns/ipc'),
      await inContainer(second, 'busybox readlink /proc/self/ns/ipc'),
    )
    assert.notEqual(
      await inContainer(id, 'busybox readlink /proc/self/ns/pid'),
      await inContainer(second, 'busybox readlink /proc/self/ns/pid'),
    )
    const container = await find(id)
    assert.equal(container?.state, 'running')
    assert.equal(container?.image, 'docker.io/library/busybox:test')
    assert.equal(container?.imageRef, imageId)
    assert.match(readFileSync(`/proc/${container?.pid}/cgroup`, 'utf8'), new RegExp(`${cgroupRoot}/pod-\\d+/${id}`))
    const log = await runtime.logFile(id)
    assert.match(readFileSync(log.path, 'utf8'), /"log":"out\\n","stream":"stdout"/)
    const links = `/var/log/containers/${sandbox.name}_default_app-${id}.log`
    assert.equal(readFileSync(links, 'utf8'), readFileSync(log.path, 'utf8'))
    assert.ok(readFileSync(`/var/log/pods/default_${sandbox.name}_${sandbox.podUid}/app/0.log`, 'utf8').length > 0)
    await runtime.stopContainer(id, 10, signal)
    const ended = await exited(id)
    assert.deepEqual([ended.exitCode, ended.reason], [7, 'Error'])
    await runtime.removeSandbox(sandbox.id, signal)
    await nothingLeft()
  })

  test('exits: completed, killed for memory, cannot run', async () => {
    const sandbox = await runtime.runSandbox(sandboxConfig(), signal)
    const good = await exited(await started(sandbox, 'exit 0', { name: 'good' }))
    assert.deepEqual([good.exitCode, good.reason, good.oomKilled], [0, 'Completed', false])
    const oom = await exited(await started(sandbox, 'a=x; while :; do a=$a$a$a$a; done', { name: 'oom' }))
    assert.deepEqual([oom.exitCode, oom.reason, oom.oomKilled], [137, 'OOMKilled', true])
    const config = containerConfig(sandbox, '', { name: 'missing', command: ['/no/such/program'] })
    const missing = await runtime.createContainer(sandbox, config, signal)
    await assert.rejects(runtime.startContainer(missing, signal), { code: 'startFailed', message: /no such file or directory/ })
    const failed = await find(missing)
    assert.deepEqual([failed?.state, failed?.exitCode, failed?.reason], ['exited', 128, 'StartError'])
    await gone()
    await nothingLeft()
  })

  test('exec: streams apart, exit code, stdin to its end, time-out kills', async () => {
    const sandbox = await runtime.runSandbox(sandboxConfig(), signal)
    const id = await started(sandbox, 'busybox sleep 1000')
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
    const outcome = runtime.exec(
      id,
      ['busybox', 'sh', '-c', 'busybox wc -c; echo oops >&2; exit 5'],
      { stdin, stdout, stderr, tty: false },
      signal,
    )
    stdin.end('x'.repeat(100_000))
    assert.deepEqual(await outcome, { exitCode: 5 })
    stdout.end()
    stderr.end()
    assert.deepEqual([(await text(stdout)).trim(), await text(stderr)], ['100000', 'oops\n'])
    const slow = await runtime.execSync(id, ['busybox', 'sh', '-c', 'echo begun; exec busybox sleep 4321'], 4000)
    assert.deepEqual([slow.timedOut, slow.output], [true, 'begun\n'])
    while (/sleep 4321/.test(sh('ps ax -o args'))) {
      signal.throwIfAborted()
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    // Docker says why on the stream and has the shell's code for it; here it is an error, as with every other runtime.
    const absent = new PassThrough()
    const message =
      /^failed to exec in container: failed to start exec "[0-9a-f]{64}": OCI runtime exec failed: .*no such file or directory/
    await assert.rejects(runtime.exec(id, ['/no/such'], { stdout: absent, tty: false }, signal), { code: 'startFailed', message })
    await assert.rejects(runtime.execSync(id, ['/no/such'], 10_000), { code: 'startFailed', message })
    absent.end()
    assert.equal(await text(absent), '')
    const own = new PassThrough()
    const words = ['busybox', 'sh', '-c', 'echo OCI runtime exec failed; exit 126']
    assert.deepEqual(await runtime.exec(id, words, { stdout: own, tty: false }, signal), { exitCode: 126 })
    own.end()
    assert.equal(await text(own), 'OCI runtime exec failed\n')
    await gone()
  })

  test('attach with stdin, and a terminal with its size', async () => {
    const sandbox = await runtime.runSandbox(sandboxConfig(), signal)
    const id = await started(sandbox, 'while read line; do echo "got $line"; done', { stdin: true, stdinOnce: true })
    const [stdin, stdout] = [new PassThrough(), new PassThrough()]
    const attached = runtime.attach(id, { stdin, stdout, tty: false }, signal)
    stdin.write('one\n')
    stdin.end('two\n')
    await attached
    stdout.end()
    assert.equal(await text(stdout), 'got one\ngot two\n')
    assert.equal((await exited(id)).exitCode, 0)
    const terminal = await started(sandbox, 'while read line; do echo "saw $line"; done', { name: 'terminal', stdin: true, tty: true })
    const [keys, screen] = [new PassThrough(), new PassThrough()]
    const watching = runtime.attach(terminal, { stdin: keys, stdout: screen, tty: false }, signal)
    keys.write('three\n')
    let shown = ''
    screen.on('data', (data: Buffer) => {
      shown += data.toString()
      if (shown.includes('saw three\r\n')) keys.end('\x04')
    })
    await watching
    assert.match(shown, /saw three\r\n/)
    const shell = await started(sandbox, 'busybox sleep 1000', { name: 'shell' })
    async function* sizes() {
      yield { width: 123, height: 45 }
    }
    const tty = new PassThrough()
    await runtime.exec(
      shell,
      // The size comes a moment after the session.
      ['busybox', 'sh', '-c', 'until size=$(busybox stty size) && [ "$size" ]; do busybox sleep 0.1; done 2>/dev/null; echo $size'],
      { stdout: tty, tty: true, resize: sizes() },
      signal,
    )
    tty.end()
    assert.equal((await text(tty)).trim(), '45 123')
    await gone()
  })

  test('attach to a container that has ended, as when it ends just before: an error, no wait for another start', async () => {
    const sandbox = await runtime.runSandbox(sandboxConfig(), signal)
    const id = await started(sandbox, 'echo done')
    await exited(id)
    const stdout = new PassThrough()
    await assert.rejects(runtime.attach(id, { stdout, tty: false }, AbortSignal.timeout(20_000)), {
      code: 'conflict',
      message: 'container is in CONTAINER_EXITED state',
    })
    await gone()
  })

  test('port-forward reaches a server on loopback inside the pod', async () => {
    const sandbox = await runtime.runSandbox(sandboxConfig(), signal)
    await started(sandbox, 'busybox nc -l -p 8080 -e busybox echo served')
    const socket = await (async () => {
      for (;;) {
        try {
          return await runtime.portForward(sandbox.id, 8080)
        } catch (error) {
          if (!/connection refused/.test(String(error)) || signal.aborted) throw error
        }
      }
    })()
    assert.equal(await text(socket), 'served\n')
    await assert.rejects(runtime.portForward(sandbox.id, 9999), /connection refused/)
    await gone()
  })

  test('the pod may share processes, or use the host namespaces', async () => {
    const shared = await runtime.runSandbox(sandboxConfig({ shareProcessNamespace: true }), signal)
    const one = await started(shared, 'busybox sleep 1234')
    const two = await started(shared, 'busybox sleep 1000', { name: 'two' })
    assert.match(await inContainer(two, 'busybox ps'), /1 .*\/pause[\s\S]*sleep 1234/)
    assert.equal(await inContainer(one, 'busybox hostname'), shared.name.replace('pod', 'host'))
    const host = await runtime.runSandbox(sandboxConfig({ hostNetwork: true, hostPid: true, hostIpc: true }), signal)
    assert.deepEqual(host.ips, [])
    const id = await started(host, 'busybox sleep 1000')
    for (const type of ['net', 'pid', 'ipc']) {
      assert.equal(await inContainer(id, `busybox readlink /proc/self/ns/${type}`), sh(`readlink /proc/1/ns/${type}`).trim(), type)
    }
    await gone()
    await nothingLeft()
  })

  test('a host port leads to the pod', async () => {
    const mapping = { containerPort: 80, hostPort: 8123, protocol: 'TCP' as const, hostIp: '' }
    const sandbox = await runtime.runSandbox(sandboxConfig({ portMappings: [mapping] }), signal)
    await started(sandbox, 'while :; do busybox nc -l -p 80 -e busybox echo here; done')
    assert.match(sh('iptables -t nat -S'), /dport 8123 .*to-destination 10\.77\.0\.\d+:80/)
    await gone()
    assert.doesNotMatch(sh('iptables -t nat -S'), /8123/)
  })

  test('sysctls of the pod', async () => {
    const sandbox = await runtime.runSandbox(
      sandboxConfig({
        sysctls: { 'net.ipv4.ip_local_port_range': '40000 41000', 'net.ipv4.ping_group_range': '1 3', 'kernel.shmmax': '123456' },
      }),
      signal,
    )
    const id = await started(sandbox, 'busybox sleep 1000')
    assert.match(await inContainer(id, 'busybox cat /proc/sys/net/ipv4/ip_local_port_range'), /40000\s+41000/)
    // One that Docker writes itself unless it is told otherwise.
    assert.match(await inContainer(id, 'busybox cat /proc/sys/net/ipv4/ping_group_range'), /1\s+3/)
    assert.equal(await inContainer(id, 'busybox cat /proc/sys/kernel/shmmax'), '123456')
    await gone()
  })

  test('events come in order and a second process finds everything by observing', async () => {
    const stop = new AbortController()
    const events: RuntimeEvent[] = []
    const reading = (async () => {
      for await (const event of runtime.events(stop.signal)) events.push(event)
    })()
    const sandbox = await runtime.runSandbox(sandboxConfig(), signal)
    const id = await started(sandbox, 'busybox sleep 1000')
    const other = newRuntime()
    assert.deepEqual(await other.listSandboxes(signal), [sandbox])
    assert.deepEqual(await find(id, other), await find(id))
    assert.deepEqual((await find(id, other))?.labels['io.kubernetes.container.hash'], 'abc')
    await runtime.stopContainer(id, 0, signal)
    await runtime.removeContainer(id, signal)
    while (!events.some((event) => event.type === 'removed' && event.containerId === id))
      await new Promise((resolve) => setTimeout(resolve, 10))
    assert.deepEqual(
      events.filter((event) => event.type !== 'resync' && event.containerId === id).map((event) => event.type),
      ['started', 'died', 'removed'],
    )
    stop.abort()
    await reading
    other.close()
    await gone()
    await nothingLeft()
  })

  test('a sandbox that lost its network namespace is not ready', { skip: !pinned }, async () => {
    const sandbox = await runtime.runSandbox(sandboxConfig(), signal)
    sh('umount -l /run/netns/typernetes-*')
    assert.equal((await runtime.listSandboxes(signal))[0]?.ready, false)
    await gone()
    assert.equal(sandbox.ready, true)
    await nothingLeft()
  })

  test('a kubelet killed at any instant of a pod start leaves nothing that the next does not find or remove', async () => {
    const program = `
      import { createDockerRuntime } from ${JSON.stringify(import.meta.resolve('#kubelet/runtime/docker.ts'))}
      import { createLogger } from ${JSON.stringify(import.meta.resolve('#component/logging.ts'))}
      const log = createLogger({ name: 'victim', verbosity: 0, format: 'text', destination: { write() {} } })
      const runtime = createDockerRuntime({ socketPath: ${JSON.stringify(path.join(nodeDir, 'docker.sock'))}, log })
      const signal = AbortSignal.timeout(20000)
      await runtime.listSandboxes(signal)
      process.stdout.write('go')
      setTimeout(() => process.kill(process.pid, 'SIGKILL'), Number(process.env.KILL_AFTER_MS))
      const sandbox = await runtime.runSandbox(${JSON.stringify(sandboxConfig())}, signal)
      const config = ${JSON.stringify(containerConfig({ podUid: 'victim' } as Sandbox, 'busybox sleep 1000'))}
      await runtime.startContainer(await runtime.createContainer(sandbox, { ...config, podUid: sandbox.podUid }, signal), signal)
      await new Promise((r) => setTimeout(r, 1000))`
    const file = path.join(nodeDir, 'victim.ts')
    writeFileSync(file, program)
    for (let ms = 0; ms <= 190; ms += ms < 40 ? 8 : 22) {
      try {
        execFileSync(process.execPath, [file], { env: { ...process.env, KILL_AFTER_MS: String(ms) }, stdio: 'ignore' })
      } catch {
        // Killed, as arranged.
      }
      await settled()
      const next = newRuntime()
      // dockerd may still be at what the killed process had asked for, even after a look that found nothing: audits go on, as a kubelet's do.
      let found = left()
      for (let audit = 0; audit < 200 && !isDeepStrictEqual(found, nothing); audit += 1) {
        for (const sandbox of await next.listSandboxes(signal)) await next.removeSandbox(sandbox.id, signal)
        await new Promise((resolve) => setTimeout(resolve, 100))
        found = left()
      }
      assert.deepEqual(found, nothing)
      next.close()
    }
  })

  /** What the killed process had started ends by itself within a moment. */
  async function settled(): Promise<void> {
    while (/unshare|\/bridge|host-local|portmap/.test(sh('ps ax -o args | grep -v grep'))) {
      signal.throwIfAborted()
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}
