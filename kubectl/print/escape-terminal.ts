/** Text of others on its way to a terminal: what the terminal would act upon is shown instead (upstream: cli-runtime, terminal.EscapeTerminal). Pure. */

const shown = (char: string): string => {
  if (char === '\u001b') return '^['
  if (char === '\r') return '\\r'
  return `\\x${(char.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}`
}

/** Line ends and tabs stay. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what this is about
export const escapeTerminal = (text: string): string => text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, shown)
