/**
 * Writes a small file again, in its place: who has it mounted or open sees the new text. A file that is emptied first, as `writeFileSync` does, ext4 writes
 * to the disk as soon as it is closed, and the next who does so waits for that: ten times what all else here takes.
 */
import { closeSync, constants, fstatSync, ftruncateSync, openSync, writeFileSync } from 'node:fs'

/** `mode` is that of a file which was not there. */
export function rewriteSync(file: string, text: string, mode = 0o666): void {
  const bytes = Buffer.from(text)
  const open = openSync(file, constants.O_WRONLY | constants.O_CREAT, mode)
  try {
    writeFileSync(open, bytes)
    if (fstatSync(open).size > bytes.length) ftruncateSync(open, bytes.length)
  } finally {
    closeSync(open)
  }
}
