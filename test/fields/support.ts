/**
 * What the project does with every field: support.txt read into data, next to the definitions that it speaks of. A block of that file is the name
 * of a definition, then lines `<program>: fields` (it decides by them), `<program> sets: fields`, `<program> refuses: fields` (it says that it
 * cannot do what they ask for) and `stored: fields` (validated, defaulted, kept and served, nothing more). A field may stand in several lines.
 */
import { scaleSchema } from '#api/autoscaling/scale.ts'
import { deleteOptionsSchema } from '#api/meta/options.ts'
import { postedKinds } from '#api/openapi-special-paths.ts'
import { optionalResources } from '#api/optional-kinds.ts'
import { resources } from '#api/scheme.ts'
import { type FieldNode, type MessageNode, treeOf } from '#api/tree.ts'

export const programs = ['apiserver', 'scheduler', 'controller-manager', 'kubelet', 'kube-proxy'] as const
export type Program = (typeof programs)[number]
type Deed = 'acts' | 'sets' | 'refuses'

export interface Use {
  program: Program
  deed: Deed
  fields: readonly string[]
}

export interface Support {
  uses: readonly Use[]
  stored: readonly string[]
}

/** Throws Error with the number of a line that says nothing that is known. */
export function parseSupport(text: string): ReadonlyMap<string, Support> {
  const found = new Map<string, { uses: Use[]; stored: string[] }>()
  let block: { uses: Use[]; stored: string[] } | undefined
  text.split('\n').forEach((line, i) => {
    if (line === '') return
    if (!line.startsWith('  ')) {
      if (found.has(line)) throw new Error(`line ${i + 1}: ${line} stands twice`)
      block = { uses: [], stored: [] }
      found.set(line, block)
      return
    }
    const [, who = '', deed = 'acts', names = ''] = /^ {2}([\w-]+)(?: (sets|refuses))?: (.+)$/.exec(line) ?? []
    const fields = names.split(' ')
    const program = programs.find((each) => each === who)
    if (!block) throw new Error(`line ${i + 1}: no definition stands above it`)
    if (program) block.uses.push({ program, deed: deed as Deed, fields })
    else if (who === 'stored') block.stored.push(...fields)
    else throw new Error(`line ${i + 1}: not understood`)
  })
  return found
}

/** All definitions below `root`, itself first. */
export function messagesBelow(root: MessageNode): ReadonlySet<MessageNode> {
  const found = new Set<MessageNode>()
  const visit = (message: MessageNode): void => {
    if (found.has(message)) return
    found.add(message)
    for (const field of message.fields) follow(field)
  }
  const follow = (field: FieldNode): void => {
    if (field.message) visit(field.message)
    if (field.nested) follow(field.nested)
  }
  visit(root)
  return found
}

export interface Top {
  /** `v1 Pod`, `apps/v1 Deployment`. */
  title: string
  root: MessageNode
}

/** Everything that stands alone on the API. */
export function tops(): readonly Top[] {
  const kinds = [...resources, ...optionalResources()].map(({ group, version, kind, schema }) => ({ group, version, kind, schema }))
  const posted = postedKinds.map(({ gvk, schema }) => ({ ...gvk, schema }))
  const others = [
    { group: 'autoscaling', version: 'v1', kind: 'Scale', schema: scaleSchema },
    { group: '', version: 'v1', kind: 'DeleteOptions', schema: deleteOptionsSchema },
  ]
  return [...kinds, ...posted, ...others].map(({ group, version, kind, schema }) => ({
    title: `${group === '' ? version : `${group}/${version}`} ${kind}`,
    root: treeOf(schema),
  }))
}

/** The name under which a definition stands in support.txt: versions that only show another one are treated as that one. */
export const supportName = (name: string): string => name.replace(/\.v\d+(?:alpha|beta)\d+\./, '.v1.')

/** Where a definition is spoken of: by its own name, where a version is written in another way. */
export const nameIn = (support: ReadonlyMap<string, Support>, name: string): string => (support.has(name) ? name : supportName(name))

/** What is wrong between the definitions and support.txt: nothing said of a field, or something said of one that is not there. */
export function gaps(support: ReadonlyMap<string, Support>, messages: Iterable<MessageNode>): readonly string[] {
  const found: string[] = []
  const known = new Set<string>()
  for (const message of messages) {
    const name = nameIn(support, message.name)
    known.add(name)
    const block = support.get(name)
    if (!block) {
      found.push(`${name}: not in support.txt`)
      continue
    }
    const acted = new Set(block.uses.flatMap((use) => use.fields))
    const stored = new Set(block.stored)
    for (const field of message.fields) {
      if (!acted.has(field.name) && !stored.has(field.name)) found.push(`${name}.${field.name}: nothing is said of it`)
      if (acted.has(field.name) && stored.has(field.name)) found.push(`${name}.${field.name}: acted on and stored only`)
    }
    for (const each of [...acted, ...stored]) if (!message.byName.has(each)) found.push(`${name}.${each}: no such field`)
  }
  for (const name of support.keys()) if (!known.has(name)) found.push(`${name}: no such definition`)
  return found
}
