/** A second version of a kind that differs from the stored one in nothing but its name. */
import { apiVersionOf, type KubeObject, type Resource } from './resource.ts'
import { type FieldNode, type MessageNode, schemaOfTree, treeOf } from './tree.ts'

/** The tree with the definitions of one package renamed, made when it is first asked for. */
function renamed(node: MessageNode, from: string, to: string): MessageNode {
  const made = new Map<MessageNode, MessageNode>()
  const ofMessage = (message: MessageNode): MessageNode => {
    const known = made.get(message)
    if (known) return known
    const { name, goType } = message
    const isOurs = name.startsWith(from)
    const version = to.split('.').at(-2) ?? ''
    const copy: MessageNode = {
      ...message,
      ...(isOurs ? { name: to + name.slice(from.length), goType: `${version}${goType.slice(goType.indexOf('.'))}` } : {}),
    }
    made.set(message, copy)
    copy.fields = message.fields.map(ofField)
    copy.byName = new Map(copy.fields.map((field) => [field.name, field]))
    copy.always = message.always.flatMap((field) => copy.byName.get(field.name) ?? [])
    return copy
  }
  const ofField = (field: FieldNode): FieldNode => ({
    ...field,
    message: field.message && ofMessage(field.message),
    nested: field.nested && ofField(field.nested),
  })
  return ofMessage(node)
}

/** The schema under another version of its group: kinds of a version of their own share messages with those of the first one. */
export function schemaInVersion<T extends KubeObject>(schema: Resource<T>['schema'], version: string): Resource<T>['schema'] {
  const { name } = treeOf(schema)
  const from = name.slice(0, name.lastIndexOf('.') + 1)
  return schemaOfTree<T>(renamed(treeOf(schema), from, from.replace(/\.[^.]+\.$/, `.${version}.`)))
}

/** `resource` under another version of its group; objects are stored under the first one. */
export function versionFace<T extends KubeObject>(resource: Resource<T>, version: string): Resource<T> {
  const inVersion = (object: KubeObject, apiVersion: string): T => ({ ...object, apiVersion }) as T
  return {
    ...resource,
    version,
    schema: schemaInVersion(resource.schema, version),
    storedAs: {
      resource: resource as unknown as Resource,
      toStored: (object) => inVersion(object, apiVersionOf(resource)),
      fromStored: (object) => inVersion(object, apiVersionOf({ group: resource.group, version })),
    },
  }
}
