/** /logs/: the node's log files, as a file server shows them. Who may see them needs the permission for nodes/log. */
import { createReadStream } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import type { FastifyReply } from 'fastify'
import { ServerError } from './host.ts'

export const systemLogDir = '/var/log'

/** `path` is what stands behind /logs/, decoded. */
export async function serveSystemLogs(directory: string, path: string, reply: FastifyReply): Promise<FastifyReply> {
  const file = await inside(directory, path)
  const found = await stat(file)
  if (found.isDirectory()) {
    if (path !== '' && !path.endsWith('/')) return reply.redirect(`${path.slice(path.lastIndexOf('/') + 1)}/`, 301)
    return reply.type('text/html; charset=utf-8').send(await listing(file))
  }
  if (!found.isFile()) throw missing()
  return reply.type('text/plain; charset=utf-8').header('last-modified', found.mtime.toUTCString()).send(createReadStream(file))
}

/** Links may lead anywhere below the folder, and to nothing outside of it. */
async function inside(directory: string, path: string): Promise<string> {
  const root = await realpath(directory)
  const file = await realpath(join(root, path)).catch((error: NodeJS.ErrnoException) => {
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'ERR_INVALID_ARG_VALUE'].includes(error.code ?? '')) throw missing()
    throw error
  })
  if (file !== root && !file.startsWith(root + sep)) throw missing()
  return file
}

const missing = (): ServerError => new ServerError(404, '404 page not found\n')

async function listing(directory: string): Promise<string> {
  const entries = await readdir(directory, { withFileTypes: true })
  const names = entries.map((entry) => `${entry.name}${entry.isDirectory() ? '/' : ''}`).sort()
  const escaped = (name: string): string => name.replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`)
  const links = names.map((name) => `<a href="${name.split('/').map(encodeURIComponent).join('/')}">${escaped(name)}</a>\n`)
  return `<!doctype html>\n<meta name="viewport" content="width=device-width">\n<pre>\n${links.join('')}</pre>\n`
}
