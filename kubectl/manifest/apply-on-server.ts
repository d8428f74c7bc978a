/**
 * Server-side apply of one manifest, and the step over from client-side apply: what kubectl set before as a client becomes what it applied,
 * so that leaving a field out takes it out (source: client-go, csaupgrade).
 */

import type { FieldSet } from '#api/apply/field-set.ts'
import { union } from '#api/apply/field-set.ts'
import type { ManagedFieldsEntry } from '#api/meta/object-meta.ts'
import { ApiError } from '#api/meta/status.ts'
import type { KubeObject } from '#api/resource.ts'
import type { Client, WriteOptions } from '#client/rest.ts'
import type { ApiResource } from '#kubectl/served-types.ts'

export const clientSideManager = 'kubectl-client-side-apply'

export interface ApplyOnServer extends WriteOptions {
  fieldManager: string
  force: boolean
}

const advice = [
  'Others manage these fields. Ways on:',
  '* take them over: apply again with --force-conflicts',
  '* leave them to the others: take them out of the manifest',
  '* share them: give them the values that they have now',
].join('\n')

/** Throws ApiError; a conflict says what can be done. */
export async function applyOnServer(client: Client, type: ApiResource, object: KubeObject, options: ApplyOnServer): Promise<KubeObject> {
  const { name = '', namespace } = object.metadata
  const ref = namespace ? { name, namespace } : { name }
  const send = (): Promise<KubeObject> => client.patch(type, ref, { type: 'apply', body: object }, options)
  try {
    const applied = await send()
    const entries = options.dryRun ? undefined : withoutClientSide(applied.metadata.managedFields ?? [], options.fieldManager)
    if (entries === undefined) return applied
    const body = [
      { op: 'replace', path: '/metadata/managedFields', value: entries },
      { op: 'replace', path: '/metadata/resourceVersion', value: applied.metadata.resourceVersion },
    ]
    await client.patch(type, ref, { type: 'json', body }, { fieldManager: options.fieldManager })
    return await send()
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 409 || !error.message.startsWith('Apply failed')) throw error
    throw new Error(`${error.message}\n${advice}`)
  }
}

/** The entries with those of client-side apply put into the applier's; undefined where there are none. */
export function withoutClientSide(entries: readonly ManagedFieldsEntry[], manager: string): ManagedFieldsEntry[] | undefined {
  const isClientSide = (entry: ManagedFieldsEntry): boolean =>
    entry.manager === clientSideManager && entry.operation === 'Update' && !entry.subresource
  const isOurs = (entry: ManagedFieldsEntry): boolean => entry.manager === manager && entry.operation === 'Apply' && !entry.subresource
  const old = entries.filter(isClientSide)
  const target = entries.find(isOurs)
  if (old.length === 0 || target === undefined) return undefined
  const same = old.find((entry) => entry.apiVersion === target.apiVersion)
  const fieldsV1 = union(setOf(target), setOf(same)) as Record<string, unknown>
  return entries.filter((entry) => !isClientSide(entry)).map((entry) => (entry === target ? { ...entry, fieldsV1 } : entry))
}

const setOf = (entry: ManagedFieldsEntry | undefined): FieldSet => (entry?.fieldsV1 ?? {}) as FieldSet
