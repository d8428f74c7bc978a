/** `npm run fields` writes docs/fields.md and docs/pod-fields.md from the definitions, support.txt and pod-notes.txt. */
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fieldsPage } from './page.ts'
import { parseNotes, podFieldsPage, strayNotes } from './pod-page.ts'
import { gaps, messagesBelow, parseSupport, tops } from './support.ts'

const checkout = dirname(dirname(import.meta.dirname))
const support = parseSupport(readFileSync(join(import.meta.dirname, 'support.txt'), 'utf8'))
const notes = parseNotes(readFileSync(join(import.meta.dirname, 'pod-notes.txt'), 'utf8'))
const kinds = tops()
const wrong = gaps(
  support,
  kinds.flatMap(({ root }) => [...messagesBelow(root)]),
)
const stray = strayNotes(notes).map((key) => `${key}: no field of a pod, but there is a note of it`)
for (const line of [...wrong, ...stray]) console.error(line)
if (wrong.length + stray.length > 0) process.exitCode = 1
else {
  writeFileSync(join(checkout, 'docs/fields.md'), fieldsPage(support, kinds))
  writeFileSync(join(checkout, 'docs/pod-fields.md'), podFieldsPage(support, notes))
}
