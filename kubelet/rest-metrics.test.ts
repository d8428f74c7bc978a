import assert from 'node:assert/strict'
import { test } from 'node:test'
import { register } from 'prom-client'
import type { Transport } from '#client/transport.ts'
import { measured } from './rest-metrics.ts'

test('requests are counted by what came of them', async () => {
  const answers = [200, 404]
  const plain = {
    request: async () => {
      const status = answers.shift()
      if (status === undefined) throw new Error('away')
      return { status, headers: {}, body: Buffer.alloc(0) }
    },
    stream: async () => ({ status: 200, headers: {}, body: [] }),
    close: () => undefined,
  } as unknown as Transport
  const transport = measured(plain, 'https://10.0.0.1:6443')
  await transport.request({ method: 'GET', path: '/' })
  await transport.request({ method: 'PATCH', path: '/' })
  await transport.stream({ method: 'GET', path: '/' })
  await assert.rejects(transport.request({ method: 'PATCH', path: '/' }), { message: 'away' })
  const told = await register.getSingleMetricAsString('rest_client_requests_total')
  assert.match(told, /\{code="200",method="GET",host="10\.0\.0\.1:6443"\} 2$/m)
  assert.match(told, /\{code="404",method="PATCH",host="10\.0\.0\.1:6443"\} 1$/m)
  assert.match(told, /\{code="<error>",method="PATCH",host="10\.0\.0\.1:6443"\} 1$/m)
})
