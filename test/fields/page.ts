/** docs/fields.md: every kind with its verbs, every definition with its fields, and what the project does with them. Pure. */
import { optionalResources } from '#api/optional-kinds.ts'
import { apiVersionOf, type Resource } from '#api/resource.ts'
import { resources } from '#api/scheme.ts'
import { type MessageNode, treeOf } from '#api/tree.ts'
import { catalogOf, postOnly, type ResourceEntry } from '#apiserver/endpoints/catalog.ts'
import { messagesBelow, nameIn, programs, type Support, type Top, type Use } from './support.ts'

type Supports = ReadonlyMap<string, Support>

const opening = `# Kinds, verbs and fields

Made by \`npm run fields\` from the definitions in \`api/\` and from \`test/fields/support.txt\`; a test fails where a field is missing in either. All kinds and
fields of v1.35 are decoded, defaulted, validated, stored, served, published and told apart by patches and server-side apply. This page says what happens
beyond that:

- **acted on**: a program of the project decides something by the field. *set by*: a program writes it. *refused by*: a program says, in an event or
  in a condition, that it cannot do what the field asks for, and does not act as if it had not been there.
- **stored only**: nothing here does anything because of it. Programs of others (operators, drivers, ingress controllers) may.

A field is told where its definition stands, whichever kind holds it: the kubelet acts on a pod's containers, and a kind that is stored only may
hold the same definition without any effect until something makes pods of it. Custom resources have the verbs and subresources that their definition gives
them, and are stored; what acts on them is their own controller.
`

const allVerbs = 'create, delete, deletecollection, get, list, patch, update, watch'
const verbsText = (verbs: readonly string[]): string => (verbs.join(', ') === allVerbs ? 'all' : verbs.join(', '))

/** What stands on every kind, and is said once. */
const everywhere = new Set(['apiVersion', 'kind', 'metadata'])

function actors(supports: Supports, message: MessageNode): string {
  const uses = supports.get(nameIn(supports, message.name))?.uses ?? []
  const busy = programs.filter((program) => uses.some((use) => use.program === program && use.fields.some((name) => !everywhere.has(name))))
  return busy.length === 0 ? 'stored only' : busy.join(', ')
}

function kindLine(supports: Supports, entry: ResourceEntry, message: MessageNode | undefined, notes: string): string {
  const subs = entry.subresources.map((sub) => `${sub.name} (${verbsText(sub.verbs)})`).join('; ')
  const cells = [
    `${apiVersionOf(entry)}`,
    entry.kind,
    entry.plural,
    verbsText(entry.verbs),
    subs,
    message ? actors(supports, message) : 'apiserver',
  ]
  return `| ${cells.join(' | ')}${notes} |`
}

function kindsTable(supports: Supports): string {
  const lines = (served: readonly Resource[], notes: string): string[] => {
    const posted = new Set(postOnly.map((entry) => `${entry.group}/${entry.kind}`))
    const byPlural = new Map(served.map((resource) => [`${apiVersionOf(resource)}/${resource.plural}`, resource]))
    return catalogOf({ all: () => served, isCustom: () => false }, () => '')
      .filter((entry) => notes === '' || !posted.has(`${entry.group}/${entry.kind}`))
      .sort((a, b) => (apiVersionOf(a) === apiVersionOf(b) ? 0 : apiVersionOf(a) < apiVersionOf(b) ? -1 : 1))
      .map((entry) => {
        const resource = byPlural.get(`${apiVersionOf(entry)}/${entry.plural}`)
        return kindLine(supports, entry, resource ? treeOf(resource.schema) : undefined, notes)
      })
  }
  const head = [
    `\`all\` stands for ${allVerbs}.`,
    '',
    '| version | kind | resource | verbs | subresources | who acts on it |',
    '| --- | --- | --- | --- | --- | --- |',
  ]
  const optional = lines(optionalResources(), ' (with `--runtime-config`)')
  return [...head, ...lines(resources, ''), ...optional].join('\n')
}

const words: Readonly<Record<Use['deed'], (program: string) => string>> = {
  acts: (program) => program,
  sets: (program) => `set by ${program}`,
  refuses: (program) => `refused by ${program}`,
}

function definitionLine(supports: Supports, message: MessageNode): string {
  const { uses = [], stored = [] } = supports.get(nameIn(supports, message.name)) ?? {}
  const acted = uses.map(({ program, deed, fields }) => `*${words[deed](program)}*: ${fields.join(', ')}`).join('; ')
  return `| ${message.goName} | ${acted} | ${stored.join(', ')} |`
}

function section(supports: Supports, title: string, messages: readonly MessageNode[]): string {
  const lines = messages.map((message) => definitionLine(supports, message))
  return [`### ${title}`, '', '| definition | acted on | stored only |', '| --- | --- | --- |', ...lines].join('\n')
}

/** `core/v1` of `io.k8s.api.core.v1.Pod`: the last two words before the name. */
const packageOf = (name: string): string => name.split('.').slice(-3, -1).join('/')

export function fieldsPage(supports: Supports, kinds: readonly Top[]): string {
  const shown = kinds.filter(({ root }) => nameIn(supports, root.name) === root.name)
  const holders = new Map<MessageNode, number>()
  const below = shown.map((top) => ({ ...top, messages: [...messagesBelow(top.root)] }))
  for (const { messages } of below) for (const message of messages) holders.set(message, (holders.get(message) ?? 0) + 1)
  const own = below
    .map(({ title, root, messages }) => ({ title, messages: messages.filter((message) => message === root || holders.get(message) === 1) }))
    .sort((a, b) => (a.title < b.title ? -1 : 1))
  const placed = new Set(own.flatMap(({ messages }) => messages))
  const shared = [...holders.keys()].filter((message) => !placed.has(message)).sort((a, b) => (a.name < b.name ? -1 : 1))
  return [
    opening,
    '## Kinds',
    '',
    kindsTable(supports),
    '',
    '## Fields of one kind',
    '',
    ...own.flatMap(({ title, messages }) => [section(supports, title, messages), '']),
    '## Fields that several kinds share',
    '',
    ...[...Map.groupBy(shared, (message) => packageOf(message.name))].flatMap(([title, messages]) => [
      section(supports, title, messages),
      '',
    ]),
  ].join('\n')
}
