// Runs a command of the bootstrap, keeping the end of its output for the message when it fails.
import { spawn } from 'node:child_process'

/**
 * `onLine`: hears every line of output; `statusFd`: hears the lines that the command writes to descriptor 3; `own`: in a session of its own,
 * so that Ctrl-C at the terminal does not cut it in the middle. Resolves with { code, output, stdout }, output being the last 40 lines.
 */
export function command(file, args, { env, cwd, uid, gid, onLine, onStatus, own = false } = {}) {
  return new Promise((resolve) => {
    const lines = []
    let stdout = ''
    const child = spawn(file, args, {
      env: env ?? process.env,
      ...(cwd ? { cwd } : {}),
      ...(uid === undefined ? {} : { uid, gid }),
      detached: own,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    })
    const hear = (stream, listen) => {
      let rest = ''
      stream.setEncoding('utf8')
      stream.on('data', (chunk) => {
        const parts = (rest + chunk).split(/\r?\n/)
        rest = parts.pop() ?? ''
        for (const line of parts) listen(line)
      })
      stream.on('end', () => rest && listen(rest))
    }
    const keep = (line) => {
      lines.push(line)
      if (lines.length > 40) lines.shift()
      onLine?.(line)
    }
    hear(child.stdout, (line) => {
      stdout += `${line}\n`
      keep(line)
    })
    hear(child.stderr, keep)
    hear(child.stdio[3], (line) => onStatus?.(line))
    child.on('error', (error) => resolve({ code: -1, output: error.message, stdout: '' }))
    child.on('close', (code, signal) => resolve({ code: signal ? -1 : code, output: lines.join('\n'), stdout }))
  })
}

/** A failure that is shown as it is: what, why, what to run. */
export class BootstrapError extends Error {
  constructor({ what, why, remedy }) {
    super(what)
    this.what = what
    this.why = why
    this.remedy = remedy
  }
}
