/** The network that we write for a node, wired by ourselves and by the plug-ins: pods must not tell which it was, and either undoes what the other did. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { type PodLink, podLines } from '#kubelet/runtime/bridge/own-network.ts'
import { podMessages } from '#kubelet/runtime/bridge/pod-messages.ts'
import { type Attachment, Cni } from '#kubelet/runtime/cni.ts'
import { bridgeNetwork } from '#kubelet/runtime/cni-config.ts'
import { NamespaceMaker } from '#kubelet/runtime/sandbox/namespace-maker.ts'
import { whyNot } from './node-with-docker.ts'

/** Ours as it is where there is perl, ours as it is where there is none, and what it must be like. */
const ways = ['ours', 'ours by ip', 'plug-ins'] as const
const isInside = process.env['TYPERNETES_TEST_NETWORK'] !== undefined

if (!isInside) {
  test('pod network', { skip: whyNot() ?? false, timeout: 120_000 }, () => {
    const script = 'mount --make-rprivate / && mount -t tmpfs tmpfs /run && ip link set lo up && exec "$@"'
    const node = [process.execPath, '--test-reporter=spec', '--test-force-exit', import.meta.filename]
    const { status } = spawnSync('setpriv', ['--pdeathsig', 'KILL', 'unshare', '--net', '--mount', 'sh', '-c', script, 'sh', ...node], {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, TYPERNETES_TEST_NETWORK: 'yes', NODE_TEST_CONTEXT: undefined },
    })
    assert.equal(status, 0)
  })
} else {
  for (const way of ways) suite(way)
  makerSuite()
}

function suite(way: (typeof ways)[number]): void {
  const isOurs = way !== 'plug-ins'
  const name = (what: string) => `${way}: ${what}`
  const run = (...[program = '', ...args]: string[]): string => execFileSync(program, args, { encoding: 'utf8' })
  const never = new AbortController().signal

  /** A node's network of its own; what is left of it when a test ends is a fault. */
  function rig(t: TestContext, podCidr = '10.79.0.0/24') {
    const dir = mkdtempSync(path.join(tmpdir(), 'network-'))
    const write = (cidr: string) =>
      writeFileSync(path.join(dir, '10.conflist'), bridgeNetwork({ podCidr: cidr, stateDir: path.join(dir, 'networks') }))
    write(podCidr)
    const newCni = () => new Cni({ confDir: dir, stateDir: dir })
    const cni = newCni()
    const maker = new NamespaceMaker()
    let serial = 0
    /** The namespace of a pod and what `begin` wants done there; `add` is still to come. */
    async function begun(byUs = isOurs): Promise<Attachment> {
      serial += 1
      const id = `${serial.toString(16).padStart(8, '0')}${isOurs ? 'aa' : 'bb'}`
      const netns = path.join(dir, `netns-${id}`)
      const attachment = { id, netns, podNamespace: 'default', podName: id, podUid: id, portMappings: [], annotations: {} }
      const link = byUs ? await cni.begin(attachment) : undefined
      assert.equal(link !== undefined, byUs)
      if (way !== 'ours by ip') {
        assert.ok(await maker.make({ shm: '', net: netns, ipc: '', messages: podMessages(link), sysctls: [] }), 'needs perl')
        return attachment
      }
      writeFileSync(netns, '')
      execFileSync('unshare', [`--net=${netns}`, 'ip', '-batch', '-'], { input: podLines(link).join('\n') })
      return attachment
    }
    async function added(byUs?: boolean): Promise<Attachment & { ip: string }> {
      const attachment = await begun(byUs)
      const { ips } = await cni.add(attachment, never)
      return { ...attachment, ip: ips[0] ?? '' }
    }
    const left = () => ({
      addresses: names(path.join(dir, 'networks', 'typernetes')).filter((file) => file !== 'lock' && !file.startsWith('last_')),
      results: names(path.join(dir, 'results')),
      ports: run('ip', '-br', 'link', 'show', 'type', 'veth').trim(),
    })
    t.after(() => {
      cni.close()
      maker.close()
      for (const file of readdirSync(dir).filter((each) => each.startsWith('netns-'))) spawnSync('umount', ['-l', path.join(dir, file)])
      spawnSync('ip', ['link', 'del', 'cni0'], { stdio: 'ignore' })
      removePorts()
      rmSync(dir, { recursive: true })
    })
    return { dir, cni, newCni, begun, added, left, write }
  }
  const nothing = { addresses: [], results: [], ports: '' }
  const inside = (netns: string, ...argv: string[]): string => run('nsenter', `--net=${netns}`, ...argv)
  /** Seconds are waited for an answer only where none comes. */
  const reaches = (netns: string, ip: string, seconds = 20): boolean =>
    spawnSync('nsenter', [`--net=${netns}`, '/bin/busybox', 'ping', '-c', '1', '-W', String(seconds), ip]).status === 0

  test(name('a pod has its address and route, and is reached'), async (t) => {
    const { cni, added, left, dir } = rig(t)
    const [one, two] = [await added(), await added()]
    assert.deepEqual([one.ip, two.ip], ['10.79.0.2', '10.79.0.3'])
    const [eth0] = JSON.parse(inside(one.netns, 'ip', '-j', 'addr', 'show', 'dev', 'eth0')) as Record<string, unknown>[]
    const { operstate, mtu, addr_info } = eth0 as { operstate: string; mtu: number; addr_info: Record<string, unknown>[] }
    assert.deepEqual([operstate, mtu], ['UP', 1500])
    const { local, prefixlen, broadcast, scope } = addr_info[0] ?? {}
    assert.deepEqual(
      { local, prefixlen, broadcast, scope },
      { local: '10.79.0.2', prefixlen: 24, broadcast: '10.79.0.255', scope: 'global' },
    )
    assert.deepEqual(
      inside(one.netns, 'ip', 'route')
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== ''),
      ['default via 10.79.0.1 dev eth0', '10.79.0.0/24 dev eth0 proto kernel scope link src 10.79.0.2'],
    )
    const ports = JSON.parse(run('ip', '-j', '-d', 'link', 'show', 'master', 'cni0')) as {
      linkinfo: { info_slave_data: { hairpin: boolean; state: string } }
    }[]
    assert.deepEqual(
      ports.map(({ linkinfo }) => [linkinfo.info_slave_data.hairpin, linkinfo.info_slave_data.state]),
      [
        [true, 'forwarding'],
        [true, 'forwarding'],
      ],
    )
    assert.match(run('ip', '-4', 'addr', 'show', 'dev', 'cni0'), /inet 10\.79\.0\.1\/24 brd 10\.79\.0\.255 scope global cni0/)
    assert.equal(readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8').trim(), '1')
    assert.equal(readFileSync(path.join(dir, 'networks/typernetes/10.79.0.2'), 'utf8'), `${one.id}\r\neth0`)
    for (const [from, to] of [
      [one.netns, two.ip],
      [two.netns, one.ip],
      [one.netns, one.ip],
      [one.netns, '10.79.0.1'],
    ] as const)
      assert.ok(reaches(from, to), to)
    await cni.check(one.id)
    run('ip', 'link', 'set', 'dev', portOf(dir, one.id), 'nomaster')
    await assert.rejects(cni.check(one.id), /plugin type="bridge" failed \(check\)/)
    await cni.del(two.id)
    await cni.del(two.id)
    await cni.check(two.id)
    assert.ok(!reaches(one.netns, two.ip, 1))
    await cni.del(one.id)
    assert.deepEqual(left(), nothing)
  })

  test(name('the first pods come at once'), async (t) => {
    const { added, cni, left } = rig(t)
    // Before plug-ins are run the bridge is made.
    if (!isOurs) run('ip', 'link', 'add', 'cni0', 'type', 'bridge')
    const pods = await Promise.all([added(), added(), added(), added()])
    assert.equal(new Set(pods.map(({ ip }) => ip)).size, 4)
    for (const { netns, ip } of pods) assert.ok(reaches(netns, '10.79.0.1'), ip)
    for (const { id } of pods) await cni.del(id)
    assert.deepEqual(left(), nothing)
  })

  test(name('pods of both meet, and the plug-ins undo what we did'), async (t) => {
    const { added, newCni, left, dir } = rig(t)
    const [one, two] = [await added(), await added(!isOurs)]
    assert.deepEqual([one.ip, two.ip], ['10.79.0.2', '10.79.0.3'])
    assert.ok(reaches(one.netns, two.ip))
    const next = newCni()
    for (const { id } of [one, two]) {
      const file = recordOf(dir, id)
      const [begun = '', result] = readFileSync(file, 'utf8').split('\n')
      writeFileSync(file, `${JSON.stringify({ ...JSON.parse(begun), isWiredByUs: false })}\n${result}`)
      await next.check(id)
      await next.del(id)
    }
    next.close()
    assert.deepEqual(left(), nothing)
  })

  test(name('what a killed process had begun is undone by the next'), async (t) => {
    const { begun, newCni, left, dir } = rig(t)
    const { id, netns } = await begun()
    // As far as a reservation that was cut off.
    if (isOurs) writeFileSync(path.join(dir, 'networks/typernetes', `new-${id}`), `${id}\r\neth0`)
    // As far as a result that was cut off.
    if (isOurs) appendFileSync(recordOf(dir, id), '\n{"cniVersion":"0.4')
    const next = newCni()
    assert.deepEqual(await next.attached(), isOurs ? [id] : [])
    await next.del(id)
    await next.del(id)
    next.close()
    assert.deepEqual(left(), nothing)
    assert.ok(!inside(netns, 'ip', 'link').includes('eth0'))
  })

  test(name('what is on record without its text, as after a loss of power, is undone by the id'), async (t) => {
    const { added, newCni, left, dir } = rig(t)
    const [kept, lost] = [await added(), await added()]
    writeFileSync(recordOf(dir, lost.id), '')
    const next = newCni()
    await next.check(kept.id)
    await next.del(lost.id)
    assert.deepEqual(await next.attached(), [kept.id])
    assert.equal(existsSync(path.join(dir, 'networks/typernetes', lost.ip)), false)
    // A pod that was never recorded, and one whose name the disk has kept alone.
    if (isOurs) for (const address of ['10.79.0.77', '10.79.0.78']) writeFileSync(path.join(dir, 'networks/typernetes', address), '')
    await next.releaseOthers(new Set([kept.id]))
    if (isOurs) assert.equal(existsSync(path.join(dir, 'networks/typernetes/10.79.0.77')), false)
    assert.ok(existsSync(path.join(dir, 'networks/typernetes', kept.ip)))
    await next.del(kept.id)
    next.close()
    if (isOurs) assert.deepEqual(left(), nothing)
  })

  test(name('a range that is used up, and an address that is used again'), async (t) => {
    const { added, cni, left } = rig(t, '10.79.0.0/29')
    const pods = []
    for (let i = 0; i < 5; i += 1) pods.push(await added())
    await assert.rejects(
      added(),
      /plugin type="bridge" failed \(add\): .*no IP addresses available in range set: 10\.79\.0\.1-10\.79\.0\.6/,
    )
    const [first, second] = pods
    assert.ok(first && second)
    assert.ok(reaches(first.netns, second.ip))
    await cni.del(second.id)
    const again = await added()
    assert.equal(again.ip, second.ip)
    // The plug-in's announcement comes before the bridge takes anything from the port.
    if (isOurs) assert.ok(reaches(first.netns, again.ip), 'from one that still knows the other pod by it')
    for (const id of await cni.attached()) await cni.del(id)
    // The plug-in leaves the pair of a pod that gets no address to the end of its namespace.
    if (isOurs) assert.deepEqual(left(), nothing)
  })

  test(name('a bridge that others change is mended, or told of'), async (t) => {
    const { added, cni, left, write } = rig(t)
    const pods = [await added()]
    for (const harm of ['ip link del cni0', 'ip addr flush dev cni0', 'ip link set cni0 down']) {
      run('sh', '-c', harm)
      const pod = await added()
      assert.ok(reaches(pod.netns, '10.79.0.1'), harm)
      pods.push(pod)
    }
    write('10.80.0.0/24')
    const told =
      /plugin type="bridge" failed \(add\): failed to set bridge addr: "cni0" already has an IP address different from 10\.80\.0\.1\/24/
    await assert.rejects(added(), told)
    for (const id of await cni.attached()) await cni.del(id)
    assert.deepEqual(left(), nothing)
  })

  /** The host's end, as the result says. */
  const portOf = (dir: string, id: string): string => {
    const [, result = ''] = readFileSync(recordOf(dir, id), 'utf8').split('\n')
    return (JSON.parse(result) as { interfaces: { name: string }[] }).interfaces[1]?.name ?? ''
  }
}

/** What was begun, and in the second line what came of it. */
const recordOf = (dir: string, id: string): string => path.join(dir, 'results', `typernetes-${id}.json`)

/** The kernel takes them away some time after their pod's namespace, and the next test gives the same names. */
function removePorts(): void {
  const ports = execFileSync('ip', ['-j', 'link', 'show', 'type', 'veth'], { encoding: 'utf8' })
  // One that goes meanwhile is gone as well.
  for (const { ifname } of JSON.parse(ports) as { ifname?: string }[])
    if (ifname !== undefined) spawnSync('ip', ['link', 'del', ifname], { stdio: 'ignore' })
}

function names(folder: string): readonly string[] {
  mkdirSync(folder, { recursive: true })
  return readdirSync(folder)
}

function makerSuite(): void {
  const dir = '/run/pins'
  const places = (name: string) => ({ shm: `${dir}/${name}-shm`, net: `${dir}/${name}-net`, ipc: `${dir}/${name}-ipc` })
  const mounted = () =>
    readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[4] ?? '')
      .filter((file) => file.startsWith(`${dir}/`))
      .toSorted()

  function rig(t: TestContext) {
    execFileSync('sh', ['-c', 'mkdir -p "$1" && mount -t tmpfs tmpfs "$1" && mount --make-private "$1"', 'sh', dir])
    const maker = new NamespaceMaker()
    t.after(() => {
      maker.close()
      execFileSync('umount', ['-l', dir])
      removePorts()
    })
    const make = (name: string, more: { link?: PodLink; sysctls?: [string, string][] } = {}) => {
      mkdirSync(places(name).shm)
      return maker.make({ ...places(name), messages: podMessages(more.link), sysctls: more.sysctls ?? [] })
    }
    return { maker, make }
  }
  const link = { hostEnd: 'vethmaker', hostPid: process.pid, mac: '0a:58:0a:4f:00:02', mtu: 1400 }
  const withAddress: PodLink = { ...link, address: '10.79.0.2', prefix: 24, broadcast: '10.79.0.255', gateway: '10.79.0.1' }

  test('namespaces are pinned with their settings, and taken away', async (t) => {
    const { maker, make } = rig(t)
    assert.equal(
      await make('a', {
        link: withAddress,
        sysctls: [
          ['kernel/shmmni', '1234'],
          ['net/ipv4/ip_unprivileged_port_start', '99'],
        ],
      }),
      true,
    )
    assert.deepEqual(mounted(), Object.values(places('a')).toSorted())
    const { net, ipc, shm } = places('a')
    const inside = execFileSync('nsenter', [
      `--net=${net}`,
      `--ipc=${ipc}`,
      'cat',
      '/proc/sys/kernel/shmmni',
      '/proc/sys/net/ipv4/ip_unprivileged_port_start',
    ])
    assert.equal(String(inside), '1234\n99\n')
    assert.equal(execFileSync('stat', ['-c', '%a', shm], { encoding: 'utf8' }), '1777\n')
    await maker.unmount([...Object.values(places('a')), `${dir}/not-there`])
    assert.deepEqual(mounted(), [])
    await maker.unmount(Object.values(places('a')))
  })

  test('what the kernel refuses is told, and the next is made in its own namespaces', async (t) => {
    const { make } = rig(t)
    execFileSync('ip', ['link', 'add', 'vethmaker', 'type', 'bridge'])
    await assert.rejects(make('a', { link: withAddress }), /^Error: ip link add eth0: File exists$/)
    execFileSync('ip', ['link', 'del', 'vethmaker'])
    await assert.rejects(make('b', { sysctls: [['kernel/shmmni', 'many']] }), /^Error: \/proc\/sys\/kernel\/shmmni: Invalid argument$/)
    await assert.rejects(make('c', { sysctls: [['net/no/such', '1']] }), /^Error: \/proc\/sys\/net\/no\/such: No such file or directory$/)
    assert.equal(await make('d', { link: withAddress }), true)
    assert.match(execFileSync('ip', ['link', 'show', 'vethmaker'], { encoding: 'utf8' }), /mtu 1400/)
    execFileSync('ip', ['link', 'del', 'vethmaker'])
  })

  test('its process may end, and be missing', async (t) => {
    const { make } = rig(t)
    // Those of tests before may still be about to end.
    const makers = (): string[] =>
      spawnSync('pgrep', ['-P', String(process.pid), '-x', 'typernetes-name'], { encoding: 'utf8' }).stdout.split('\n')
    const before = makers()
    assert.equal(await make('a'), true)
    const perl = Number(makers().find((pid) => !before.includes(pid)))
    process.kill(perl, 'SIGSTOP')
    const lost = assert.rejects(make('b'), /has ended/)
    process.kill(perl, 'SIGKILL')
    await lost
    assert.equal(await make('c'), true)
    const { PATH } = process.env
    process.env['PATH'] = dir
    t.after(() => {
      process.env['PATH'] = PATH
    })
    const none = new NamespaceMaker()
    assert.equal(await none.make({ ...places('e'), messages: [], sysctls: [] }), false)
    assert.equal(await none.unmount([dir]), false)
    process.env['PATH'] = PATH
  })
}
