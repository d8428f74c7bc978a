/**
 * The way from client-side to server-side apply: what the annotation of `kubectl apply` says was applied may be taken over without force,
 * and the annotation is kept up to date (source: apimachinery, lastappliedmanager.go and lastappliedupdater.go).
 */
import { isPlain, own, type Plain } from '#api/own.ts'
import type { MapType } from './apply-type.ts'
import { faultsOf } from './check-type.ts'
import { compare } from './compare.ts'
import { difference, emptySet, type FieldSet } from './field-set.ts'
import { goJson } from './go-value.ts'
import { setOfObject } from './set-of-object.ts'

export const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration'
const maxAnnotationBytes = 256 * 1024

/** The one manager for which this is done: that of kubectl. */
export const isKubectl = (manager: string): boolean => manager === 'kubectl'

export function annotationsOf(object: Plain): Plain {
  const metadata = own(object, 'metadata')
  const annotations = isPlain(metadata) ? own(metadata, 'annotations') : undefined
  return isPlain(annotations) ? annotations : {}
}

/** Fields that stand in the live object as the annotation says they were applied; none where there is no such annotation. */
export function fieldsOfLastApplied(type: MapType, live: Plain, apiVersion: string): FieldSet {
  const config = parsed(own(annotationsOf(live), lastAppliedAnnotation))
  if (config === undefined || own(config, 'apiVersion') !== apiVersion) return emptySet
  if (faultsOf(type, config) !== undefined || faultsOf(type, live) !== undefined) return emptySet
  const { added, modified, removed } = compare(type, config, live)
  return [modified, added, removed].reduce((set, gone) => difference(set, gone), setOfObject(type, config))
}

function parsed(text: unknown): Plain | undefined {
  if (typeof text !== 'string' || text === '') return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isPlain(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Puts the configuration into the annotation, if the object carries one. Changes `object`. */
export function refreshLastApplied(object: Plain, config: Plain): void {
  const annotations = annotationsOf(object)
  if (!own(annotations, lastAppliedAnnotation)) return
  const next: Plain = { ...annotations, [lastAppliedAnnotation]: `${goJson(sortedKeys(withoutAnnotation(config)))}\n` }
  let size = 0
  for (const [key, value] of Object.entries(next)) size += Buffer.byteLength(key) + Buffer.byteLength(String(value))
  if (size > maxAnnotationBytes) delete next[lastAppliedAnnotation]
  object['metadata'] = { ...(object['metadata'] as Plain), annotations: next }
}

function withoutAnnotation(config: Plain): Plain {
  const metadata = own(config, 'metadata')
  if (!isPlain(metadata) || !isPlain(own(metadata, 'annotations'))) return config
  const { [lastAppliedAnnotation]: _, ...annotations } = metadata['annotations'] as Plain
  return { ...config, metadata: { ...metadata, annotations } }
}

function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys)
  if (!isPlain(value) || Object.keys(value).length === 0) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sortedKeys(value[key])]),
  )
}
