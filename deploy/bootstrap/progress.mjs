// Numbered steps with elapsed time: a spinner on a terminal, plain lines elsewhere. Plain JavaScript without packages, because it runs
// before anything is installed, under any Node from 18 on.
const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']

/** Seconds with one digit: 0.4 s, 12.3 s; minutes from 100 s on. */
export function seconds(ms) {
  return ms < 100_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.floor(ms / 60_000)} m ${Math.round((ms % 60_000) / 1000)} s`
}

/**
 * `first`: number of the first step; `total`: number of all; `startedAt`: Date.now() of the very beginning; `out`: where to write.
 * A step that takes longer than `quietMs` on a plain output says that it is at work, and again every 10 s.
 */
export function createProgress({ first = 1, total, startedAt = Date.now(), out = process.stdout, quietMs = 3000 }) {
  const tty = Boolean(out.isTTY) && process.env.TERM !== 'dumb' && !process.env.CI
  const color = tty && !process.env.NO_COLOR
  const paint = (code, text) => (color ? `\u001b[${code}m${text}\u001b[0m` : text)
  let number = first - 1
  let current
  // What came before the first step is another process's.
  const times = first > 1 ? [{ title: 'software', ms: Date.now() - startedAt }] : []

  const clear = () => {
    if (tty) out.write('\r\u001b[K')
  }
  const draw = () => {
    if (!current || !tty) return
    const width = (out.columns || 80) - 1
    const frame = frames[Math.floor(Date.now() / 80) % frames.length]
    const line = `${frame} [${number}/${total}] ${current.title}${current.text ? `: ${current.text}` : ''} (${seconds(Date.now() - current.since)})`
    out.write(`\r\u001b[K${line.slice(0, width)}`)
  }
  const speak = () => {
    if (!current || tty) return
    const since = Date.now() - current.since
    if (since < current.nextWord) return
    current.nextWord = since + 10_000
    out.write(`[${number}/${total}] ${current.title} ... ${current.text || 'at work'} (${seconds(since)})\n`)
  }
  const timer = setInterval(tty ? draw : speak, tty ? 80 : 500)
  timer.unref()

  return {
    step(title) {
      number += 1
      const mine = { title, text: '', since: Date.now(), nextWord: quietMs }
      current = mine
      draw()
      return {
        update(text) {
          mine.text = text
          draw()
        },
        done(result) {
          const took = Date.now() - mine.since
          times.push({ title, ms: took })
          if (current === mine) current = undefined
          clear()
          out.write(`${paint(32, '✓')} [${number}/${total}] ${title}: ${result} ${paint(2, `(${seconds(took)})`)}\n`)
        },
      }
    },
    /** A line between the steps. */
    line(text = '') {
      clear()
      out.write(`${text}\n`)
      draw()
    },
    /** What went wrong, why, and what to run. */
    fail({ what, why, remedy }) {
      clear()
      const where = current ? `[${number}/${total}] ${current.title}\n\n  ` : ''
      current = undefined
      out.write(`${paint(31, '✗')} ${where}${paint(1, what)}\n`)
      if (why) out.write(`  why: ${why.replaceAll('\n', '\n       ')}\n`)
      if (remedy) out.write(`  run: ${remedy.replaceAll('\n', '\n       ')}\n`)
    },
    elapsed: () => seconds(Date.now() - startedAt),
    times: () => times,
    stop() {
      clearInterval(timer)
      clear()
      current = undefined
    },
  }
}
