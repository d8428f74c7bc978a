/** Files of variables that containers of a pod leave for one another (fileKeyRef): a narrow part of the shell's own syntax, as upstream reads it. Pure. */

/** The file is not of the form; the message says which line. */
export class EnvFileError extends Error {}

/**
 * Value of `key`, empty where the file does not have it. `NAME='value'`: the value stands in single quotes, as it is, over several lines if
 * need be. Only comments may follow it. What stands behind the key that is looked for is not judged.
 */
export function parseEnvFile(text: string, key: string): string {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''))
  if (lines.at(-1) === '') lines.pop()
  for (let i = 0; i < lines.length; i++) {
    const line = (lines[i] ?? '').replace(/^[ \t]+/, '')
    if (line === '' || line.startsWith('#')) continue
    const { name, rest } = splitAssignment(line, i + 1)
    // As in a shell, a blank after the equals sign ends an empty value.
    if (/^[ \t]/.test(rest) || rest === '') {
      if (rest === '') throw new EnvFileError(`${at(i + 1)}: value must be enclosed in single quotes`)
      if (name === key) return ''
      continue
    }
    const value = quotedValue(lines, i, rest)
    if (name === key) return value.text
    i = value.lastLine
  }
  return ''
}

const at = (line: number): string => `invalid environment variable format at line ${line}`

function splitAssignment(line: string, number: number): { name: string; rest: string } {
  const equals = line.indexOf('=')
  if (equals < 0) throw new EnvFileError(`${at(number)}: missing '='`)
  const name = line.slice(0, equals)
  if (name.trim() === '') throw new EnvFileError(`${at(number)}: empty variable name`)
  if (/[ \t]$/.test(name)) throw new EnvFileError(`${at(number)}: whitespace before '=' is not allowed`)
  return { name, rest: line.slice(equals + 1) }
}

function quotedValue(lines: readonly string[], start: number, rest: string): { text: string; lastLine: number } {
  if (!rest.startsWith("'")) throw new EnvFileError(`${at(start + 1)}: value must be enclosed in single quotes`)
  let text = ''
  for (let i = start, part = rest.slice(1); ; part = lines[++i] ?? '') {
    if (i >= lines.length)
      throw new EnvFileError(`invalid environment variable format starting at line ${start + 1}: unclosed single quote`)
    const end = part.indexOf("'")
    if (end < 0) {
      text += `${part}\n`
      continue
    }
    const after = part.slice(end + 1).replace(/^[ \t]+/, '')
    if (after !== '' && !after.startsWith('#')) throw new EnvFileError(`${at(i + 1)}: unexpected content after closing quote`)
    return { text: text + part.slice(0, end), lastLine: i }
  }
}
