import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Node } from '#api/core/node.ts'
import { nodeRoutes } from './routes.ts'

const other = {
  metadata: { name: 'b' },
  spec: { podCIDR: '10.1.0.0/24' },
  status: { addresses: [{ type: 'InternalIP', address: '192.0.2.2' }] },
}

test('a node on another network is told of once, and tried again; what fails does not end the kubelet', async () => {
  const controller = new AbortController()
  const did: string[] = []
  const logged: string[] = []
  let changed = (_now: Node | undefined, _was: Node | undefined): void => undefined
  const runnable = nodeRoutes({
    nodes: {
      list: () => [other as Node],
      onChange(listener) {
        changed = listener
      },
      synced: Promise.resolve(),
    },
    nodeName: 'a',
    log: { info: () => undefined, warn: (fields: object) => void logged.push(JSON.stringify(fields)) } as never,
    async run(argv) {
      did.push(argv.slice(0, 4).join(' '))
      if (did.length === 6) controller.abort()
      const failing = did.length === 5 || argv.includes('replace')
      // Only what has changed brings the next look at once.
      if (failing) setImmediate(() => changed({ ...other, spec: { podCIDR: `10.${did.length}.0.0/24` } } as Node, other as Node))
      if (failing) throw new Error(did.length === 5 ? 'timed out' : 'Nexthop has invalid gateway.')
      return { stdout: '' }
    },
  })
  setTimeout(() => controller.abort(), 5000).unref()
  await runnable.run(controller.signal)
  assert.deepEqual(did.slice(0, 4), [
    'ip -j route show',
    'ip route replace 10.1.0.0/24',
    'ip -j route show',
    'ip route replace 10.1.0.0/24',
  ])
  const [gateway, timeout] = ['{"error":"Nexthop has invalid gateway."}', '{"error":"timed out"}']
  assert.deepEqual(logged, [gateway, timeout, gateway], 'the second of two that are alike is not told')
})
