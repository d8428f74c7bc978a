import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pod } from '#kubelet/pods/pod-fixtures.ts'
import { refuseSysctls } from './sysctls.ts'

const asking = (name: string, extra = {}) => pod({ securityContext: { sysctls: [{ name, value: '1' }] }, ...extra })
const table: [string, ReturnType<typeof pod>, string[], string | undefined][] = [
  ['none', pod(), [], undefined],
  ['a safe one', asking('net.ipv4.tcp_syncookies'), [], undefined],
  ['a safe one with slashes', asking('net/ipv4/tcp_syncookies'), [], undefined],
  ['an unsafe one', asking('kernel.msgmax'), [], '"kernel.msgmax" not allowlisted'],
  ['an unsafe one that the node allows', asking('kernel.msgmax'), ['kernel.msg*'], undefined],
  ['by its full name', asking('net.core.somaxconn'), ['net.core.somaxconn'], undefined],
  ['another one than the node allows', asking('net.core.optmem_max'), ['net.core.somaxconn'], '"net.core.optmem_max" not allowlisted'],
  [
    'of the node',
    asking('net.ipv4.tcp_syncookies', { hostNetwork: true }),
    [],
    '"net.ipv4.tcp_syncookies" not allowed with host Net enabled',
  ],
  [
    'of its messages',
    asking('kernel.shm_rmid_forced', { hostIPC: true }),
    [],
    '"kernel.shm_rmid_forced" not allowed with host IPC enabled',
  ],
]
for (const [story, of, allowed, problem] of table) {
  test(`sysctls: ${story}`, () => {
    const expected = problem === undefined ? undefined : { reason: 'SysctlForbidden', message: `forbidden sysctl: ${problem}` }
    assert.deepEqual(refuseSysctls(of, allowed), expected)
  })
}
