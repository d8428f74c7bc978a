/** Header values as text: clients of upstream write UTF-8, HTTP of Node gives and takes one character a byte (pure). */

const isAscii = (text: string): boolean => !/[^\x20-\x7e\t]/.test(text)

export const headerText = (value: string): string => (isAscii(value) ? value : Buffer.from(value, 'latin1').toString('utf8'))

export const headerBytes = (text: string): string => (isAscii(text) ? text : Buffer.from(text, 'utf8').toString('latin1'))
