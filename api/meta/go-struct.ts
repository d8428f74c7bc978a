/** Objects as upstream's messages print its internal structs: fields under their Go names, nothing left out. */
import type { z } from 'zod'
import { type FieldNode, type MessageNode, treeOf } from '#api/tree.ts'

type Plain = Record<string, unknown>

/** Where the internal form of a message differs from the served one. */
export interface GoForm {
  /** Go names by the names of the schema. */
  names?: Readonly<Record<string, string>>
  /** Fields in Go's order, by the names of the schema; those not named follow. */
  first?: readonly string[]
  /** Fields that are embedded: theirs stand beside the others, as they are. */
  embedded?: string
  /** The last word on the struct; may change it. */
  finish?(made: Plain, value: Plain): Plain
}

/** By the Go name of the message. */
export type GoForms = Readonly<Record<string, GoForm>>

const acronyms: Readonly<Record<string, string>> = {
  apiGroup: 'APIGroup',
  apiVersion: 'APIVersion',
  awsElasticBlockStore: 'AWSElasticBlockStore',
  cephfs: 'CephFS',
  csi: 'CSI',
  dnsConfig: 'DNSConfig',
  dnsPolicy: 'DNSPolicy',
  fc: 'FC',
  fsGroup: 'FSGroup',
  fsGroupChangePolicy: 'FSGroupChangePolicy',
  fsType: 'FSType',
  gcePersistentDisk: 'GCEPersistentDisk',
  gmsaCredentialSpec: 'GMSACredentialSpec',
  gmsaCredentialSpecName: 'GMSACredentialSpecName',
  grpc: 'GRPC',
  httpGet: 'HTTPGet',
  httpHeaders: 'HTTPHeaders',
  ip: 'IP',
  iqn: 'IQN',
  iscsi: 'ISCSI',
  nfs: 'NFS',
  os: 'OS',
  pdName: 'PDName',
  rbd: 'RBD',
  seLinuxChangePolicy: 'SELinuxChangePolicy',
  seLinuxOptions: 'SELinuxOptions',
  sslEnabled: 'SSLEnabled',
  storageos: 'StorageOS',
  tcpSocket: 'TCPSocket',
  tty: 'TTY',
  uid: 'UID',
  wwids: 'WWIDs',
}

/** `selectPolicy` → `SelectPolicy`. */
const goName = (name: string): string =>
  (Object.hasOwn(acronyms, name) ? acronyms[name] : undefined) ?? name.charAt(0).toUpperCase() + name.slice(1)

function goValue(field: FieldNode, value: unknown, forms: GoForms): unknown {
  const { message } = field
  if (message === undefined) return value
  if (field.shape === 'list') return (value as unknown[]).map((item) => goMessage(message, item as Plain, forms))
  if (field.shape === 'map') {
    return Object.fromEntries(Object.entries(value as Plain).map(([key, item]) => [key, goMessage(message, item as Plain, forms)]))
  }
  return goMessage(message, value as Plain, forms)
}

function goZero(field: FieldNode, forms: GoForms): unknown {
  if (field.pointer || field.shape !== 'value') return null
  if (field.message) return goMessage(field.message, {}, forms)
  switch (field.scalar) {
    case 'int32':
    case 'int64':
    case 'double':
    case 'intOrString':
      return 0
    case 'bool':
      return false
    case 'quantity':
      return '0'
    case 'string':
    case 'bytes':
      return ''
    default:
      return null
  }
}

function inOrder(fields: readonly FieldNode[], first: readonly string[]): readonly FieldNode[] {
  if (first.length === 0) return fields
  const named = first.flatMap((name) => fields.find((field) => field.name === name) ?? [])
  return [...named, ...fields.filter(({ name }) => !first.includes(name))]
}

function goMessage(node: MessageNode, value: Plain, forms: GoForms): Plain {
  // types of apimachinery have no internal form
  if (node.name.startsWith('io.k8s.apimachinery.')) return value
  const form = Object.hasOwn(forms, node.goName) ? (forms[node.goName] ?? {}) : {}
  const made: Plain = {}
  for (const field of inOrder(node.fields, form.first ?? [])) {
    const own = value[field.name]
    const shown = own === undefined || own === null ? goZero(field, forms) : goValue(field, own, forms)
    if (field.name === form.embedded) Object.assign(made, shown)
    else made[form.names?.[field.name] ?? goName(field.name)] = shown
  }
  return form.finish?.(made, value) ?? made
}

/** Without forms right for messages whose internal form has the fields of the served one, in the same order. */
export const goStruct = <T>(schema: z.ZodType<T>, value: T, forms: GoForms = {}): Plain => goMessage(treeOf(schema), value as Plain, forms)
