import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { bridgeNetwork, parseNetwork } from '#kubelet/runtime/cni-config.ts'
import { Addresses } from './addresses.ts'
import { replyOf } from './ip-batch.ts'
import { linksOf } from './links.ts'
import { hardwareAddress, ownNetwork, podLines, podLink } from './own-network.ts'
import { podMessages } from './pod-messages.ts'
import { addressOf, candidates, numberOf, type Subnet, subnetOf } from './subnet.ts'

const subnet = (cidr: string): Subnet => {
  const found = subnetOf(cidr)
  assert.ok(found)
  return found
}

test('addresses of a subnet, in turn', () => {
  for (const odd of ['10.1.0.1/24', '10.1.0.0/31', '10.1.0.0', '10.1.0/24', '10.1.0.256/32', 'fd00::/64', '10.1.0.0/x', '010.1.0.0/24'])
    assert.equal(subnetOf(odd), undefined, odd)
  assert.equal(addressOf(numberOf('255.254.253.252') ?? 0), '255.254.253.252')
  const order = (last?: string) => [...candidates(subnet('10.1.0.8/29'), last === undefined ? undefined : numberOf(last))].map(addressOf)
  assert.deepEqual(order(), ['10.1.0.10', '10.1.0.11', '10.1.0.12', '10.1.0.13', '10.1.0.14'])
  assert.deepEqual(order('10.1.0.12'), ['10.1.0.13', '10.1.0.14', '10.1.0.10', '10.1.0.11', '10.1.0.12'])
  assert.deepEqual(order('10.1.0.14'), order())
  assert.deepEqual(order('10.9.0.14'), order())
})

test('our own network is known to the last field', () => {
  const of = (text: string) => ownNetwork(parseNetwork(text, 'test'))
  const own = of(bridgeNetwork({ podCidr: '10.1.0.0/24', mtu: 1400, stateDir: '/tmp/x' }))
  assert.deepEqual(own, {
    name: 'typernetes',
    cniVersion: '0.4.0',
    bridge: 'cni0',
    mtu: 1400,
    subnet: subnet('10.1.0.0/24'),
    addressDir: '/tmp/x/typernetes',
  })
  assert.equal(of(bridgeNetwork({ podCidr: '10.1.0.0/24' }))?.addressDir, '/var/lib/cni/networks/typernetes')
  const text = bridgeNetwork({ podCidr: '10.1.0.0/24' })
  for (const [from, to] of [
    ['"ipMasq": false', '"ipMasq": true'],
    ['"hairpinMode": true', '"hairpinMode": true, "vlan": 7'],
    ['"name": "typernetes"', '"name": "mine"'],
    ['"bridge": "cni0"', '"bridge": "a b"'],
    ['"type": "host-local"', '"type": "dhcp"'],
    ['10.1.0.0/24', 'fd00::/64'],
    ['"snat": true', '"snat": false'],
  ] as const) {
    assert.ok(text.includes(from), from)
    assert.equal(of(text.replace(from, to)), undefined, to)
  }
})

test('what ip is told inside a pod', () => {
  const own = ownNetwork(parseNetwork(bridgeNetwork({ podCidr: '10.1.0.0/24', mtu: 1400 }), 'test'))
  assert.ok(own)
  assert.equal(hardwareAddress('10.1.0.255'), '0a:58:0a:01:00:ff')
  assert.deepEqual(podLines(podLink(own, { sandboxId: '0123456789abcdef', address: '10.1.0.7', hostPid: 1 })), [
    'link set lo up',
    'link add eth0 mtu 1400 address 0a:58:0a:01:00:07 type veth peer name veth01234567 mtu 1400 netns /proc/1/ns/net',
    'addr add 10.1.0.7/24 brd 10.1.0.255 dev eth0',
    'link set eth0 up',
    'route add default via 10.1.0.1 dev eth0',
  ])
})

test('what the kernel is told inside a pod', () => {
  const own = ownNetwork(parseNetwork(bridgeNetwork({ podCidr: '10.1.0.0/24', mtu: 1400 }), 'test'))
  assert.ok(own)
  const messages = podMessages(podLink(own, { sandboxId: '0123456789abcdef', address: '10.1.0.7', hostPid: 258 }))
  const header = (length: string, type: string, flags: string, number: string) => `${length}000000${type}00${flags}${number}00000000000000`
  assert.deepEqual(
    messages.map(({ what, bytes }) => [what, bytes.toString('hex')]),
    [
      ['link set lo up', `${header('20', '10', '0500', '01')}00000000010000000100000001000000`],
      [
        'link add eth0',
        `${header('8c', '10', '0506', '02')}00000000200000000000000000000000${[
          '09000300657468300000000008000400780500000a0001000a580a0100070000', // eth0, mtu 1400, its hardware address
          '4c0012000900010076657468000000003c00020038000100', // veth, with a peer
          '00000000000000000000000000000000110003007665746830313233343536370000000008000400780500000800130002010000',
        ].join('')}`,
      ],
      ['addr add', `${header('30', '14', '0506', '03')}0218000020000000080002000a010007080001000a010007080004000a0100ff`],
      ['link set eth0 up', `${header('20', '10', '0500', '04')}00000000200000000100000001000000`],
      ['route add default', `${header('2c', '18', '0506', '05')}02000000fe03000100000000080005000a0100010800040020000000`],
    ],
  )
  assert.deepEqual(podMessages(undefined), messages.slice(0, 1))
})

test('what ip says belongs to its commands', () => {
  const shown = [
    '3: cni0: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 qdisc noqueue state DOWN group default qlen 1000',
    '    link/ether 1e:21:6c:57:f7:19 brd ff:ff:ff:ff:ff:ff',
    '    inet 10.1.0.1/24 brd 10.1.0.255 scope global cni0',
    '       valid_lft forever preferred_lft forever',
    '    inet6 fe80::dcfb:dff:fe17:d8f5/64 scope link tentative ',
  ]
  const port = [
    '7: veth01@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue master cni0 state UP group default',
    '    link/ether 66:70:74:95:39:04 brd ff:ff:ff:ff:ff:ff link-netnsid 0',
  ]
  const said = [
    'RTNETLINK answers: File exists',
    'Command failed -:11',
    ...shown,
    'Error: argument "x" is wrong: Device',
    'Command failed -:13',
  ]
  const { output, failed } = replyOf([...said, ...port], { first: 11 })
  assert.deepEqual(output, [...shown, ...port])
  assert.deepEqual(
    [...failed],
    [
      [0, 'File exists'],
      [2, 'argument "x" is wrong: Device'],
    ],
  )
  assert.deepEqual(
    [...linksOf(output).values()],
    [
      { name: 'cni0', isUp: true, state: 'DOWN', master: undefined, mac: '1e:21:6c:57:f7:19', addresses: ['10.1.0.1/24'] },
      { name: 'veth01', isUp: true, state: 'UP', master: 'cni0', mac: '66:70:74:95:39:04', addresses: [] },
    ],
  )
})

test("addresses in use are host-local's files", (t) => {
  const dir = mkdtempSync(path.join(tmpdir(), 'addresses-'))
  t.after(() => rmSync(dir, { recursive: true }))
  const folder = path.join(dir, 'net')
  const addresses = new Addresses(folder, subnet('10.1.0.8/29'))
  assert.deepEqual(
    ['a', 'b', 'c'].map((id) => addresses.reserve(id, 'eth0')),
    ['10.1.0.10', '10.1.0.11', '10.1.0.12'],
  )
  assert.equal(readFileSync(path.join(folder, '10.1.0.11'), 'utf8'), 'b\r\neth0')
  assert.equal(readFileSync(path.join(folder, 'last_reserved_ip.0'), 'utf8'), '10.1.0.12')
  // One of another owner stays, as does one whose owner is not known.
  addresses.release('a', 'eth0', '10.1.0.11')
  writeFileSync(path.join(folder, '10.1.0.13'), '')
  addresses.release('b', 'eth0')
  addresses.release('b', 'eth0')
  addresses.release('none', 'eth0', '10.1.0.14')
  assert.deepEqual(readdirSync(folder).sort(), ['10.1.0.10', '10.1.0.12', '10.1.0.13', 'last_reserved_ip.0'])
  // In turn, rather than the one that has just become free.
  assert.deepEqual(
    ['d', 'e'].map((id) => addresses.reserve(id, 'eth0')),
    ['10.1.0.14', '10.1.0.11'],
  )
  const none = /failed to allocate for range 0: no IP addresses available in range set: 10\.1\.0\.9-10\.1\.0\.14/
  assert.throws(() => addresses.reserve('f', 'eth0'), none)
  // What a kill between the two steps of a reservation leaves.
  writeFileSync(path.join(folder, 'new-e'), 'e\r\neth0')
  addresses.release('e', 'eth0')
  assert.deepEqual(readdirSync(folder).sort(), ['10.1.0.10', '10.1.0.12', '10.1.0.13', '10.1.0.14', 'last_reserved_ip.0'])
  // What a machine that lost its power has kept of files.
  writeFileSync(path.join(folder, 'new-g'), '')
  addresses.releaseOthers(new Set(['d']))
  assert.deepEqual(readdirSync(folder).sort(), ['10.1.0.14', 'last_reserved_ip.0'])
})
