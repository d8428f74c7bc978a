/** `npm run fields` writes docs/fields.md from the definitions and support.txt. */
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fieldsPage } from './page.ts'
import { gaps, messagesBelow, parseSupport, tops } from './support.ts'

const checkout = dirname(dirname(import.meta.dirname))
const support = parseSupport(readFileSync(join(import.meta.dirname, 'support.txt'), 'utf8'))
const kinds = tops()
const wrong = gaps(
  support,
  kinds.flatMap(({ root }) => [...messagesBelow(root)]),
)
for (const line of wrong) console.error(line)
if (wrong.length > 0) process.exitCode = 1
else writeFileSync(join(checkout, 'docs/fields.md'), fieldsPage(support, kinds))
