import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fastify from 'fastify'
import { ServerError } from './host.ts'
import { serveSystemLogs } from './system-logs.ts'

const root = mkdtempSync(join(tmpdir(), 'logs-'))
after(() => rmSync(root, { recursive: true }))
const logs = join(root, 'log')
mkdirSync(join(logs, 'sub'), { recursive: true })
writeFileSync(join(logs, 'syslog'), 'a line\n')
writeFileSync(join(logs, 'a<b'), '')
writeFileSync(join(root, 'secret'), 'secret')
symlinkSync('../secret', join(logs, 'out'))
symlinkSync('syslog', join(logs, 'in'))

const app = fastify()
app.setErrorHandler((error, _request, reply) => reply.code(error instanceof ServerError ? error.code : 500).send((error as Error).message))
app.get('/logs/*', (request, reply) => serveSystemLogs(logs, (request.params as { '*': string })['*'], reply))

const table: [string, number, RegExp][] = [
  ['/logs/', 200, /<pre>\n<a href="a%3Cb">a&#60;b<\/a>\n<a href="in">in<\/a>\n<a href="out">out<\/a>\n<a href="sub\/">sub\/<\/a>\n/],
  ['/logs/syslog', 200, /^a line\n$/],
  ['/logs/in', 200, /^a line\n$/],
  ['/logs/out', 404, /not found/],
  ['/logs/..%2fsecret', 404, /not found/],
  ['/logs/%00', 404, /not found/],
  ['/logs/gone', 404, /not found/],
  ['/logs/sub', 301, /^$/],
  ['/logs/sub/', 200, /<pre>/],
]
for (const [url, code, body] of table) {
  test(`the node's logs: ${url}`, async () => {
    const response = await app.inject(url)
    assert.equal(response.statusCode, code)
    assert.match(response.body, body)
  })
}
