/** The floor that the API server is held against: node:https that answers every path with the same bytes. usage: bare-server.ts CERT KEY CA BODY */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'

const [cert = '', key = '', ca = '', bodyPath = ''] = process.argv.slice(2)
const body = readFileSync(bodyPath)
const tls = { cert: readFileSync(cert), key: readFileSync(key), ca: readFileSync(ca), requestCert: true, rejectUnauthorized: false }
const server = createServer(tls, (_, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
  response.end(body)
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`)
})
