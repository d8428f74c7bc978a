/** docs/pod-fields.md: each field of a pod, who does something about it, and what a reader should know beside. Pure. */
import { podSpecSchema } from '#api/core/pod-spec.ts'
import { type MessageNode, treeOf } from '#api/tree.ts'
import { messagesBelow, nameIn, type Support } from './support.ts'

type Supports = ReadonlyMap<string, Support>

const opening = `# The fields of a pod

Made by \`npm run fields\` from the definitions, from \`test/fields/support.txt\` (who acts on a field) and \`test/fields/pod-notes.txt\` (what is particular
here). A field without a note does what the API's own documentation says of it. What a node cannot do is refused in an event, and the pod does not run as
if the field had not been there; *stored only* means that nothing here acts on the field.
`

/** Notes by \`Definition.field\`. Throws Error for a line that is none, or that stands twice. */
export function parseNotes(text: string): ReadonlyMap<string, string> {
  const notes = new Map<string, string>()
  for (const [i, line] of text.split('\n').entries()) {
    if (line === '') continue
    const [, key = '', note = ''] = /^(\w+\.\w+): (.+)$/.exec(line) ?? []
    if (note === '' || notes.has(key)) throw new Error(`line ${i + 1}: not understood, or said before`)
    notes.set(key, note)
  }
  return notes
}

function actors(supports: Supports, message: MessageNode, field: string): string {
  const { uses = [] } = supports.get(nameIn(supports, message.name)) ?? {}
  const by = (deed: string): string[] =>
    uses.flatMap((use) => (use.deed === deed && use.fields.includes(field) ? [use.program as string] : []))
  const refused = by('refuses').map((program) => `refused by ${program}`)
  return [...by('acts'), ...refused].join(', ') || 'stored only'
}

function section(supports: Supports, notes: ReadonlyMap<string, string>, message: MessageNode): string[] {
  const rows = message.fields.map((field) => {
    const note = notes.get(`${message.goName}.${field.name}`) ?? ''
    return `| ${field.name} | ${field.description} | ${actors(supports, message, field.name)} | ${note} |`
  })
  return [`## ${message.goName}`, '', '| field | meaning | acted on by | here |', '| --- | --- | --- | --- |', ...rows, '']
}

/** The definitions that a pod's spec is made of, itself first. */
const ofPods = (): readonly MessageNode[] => [...messagesBelow(treeOf(podSpecSchema))]

/** Notes about fields that no pod has. */
export function strayNotes(notes: ReadonlyMap<string, string>): readonly string[] {
  const known = new Set(ofPods().flatMap(({ goName, fields }) => fields.map(({ name }) => `${goName}.${name}`)))
  return [...notes.keys()].filter((key) => !known.has(key))
}

export const podFieldsPage = (supports: Supports, notes: ReadonlyMap<string, string>): string =>
  [opening, ...ofPods().flatMap((message) => section(supports, notes, message))].join('\n')
