/** DefaultStorageClass and DefaultIngressClass: who names no class gets the one that is marked as the default. */

import type { PersistentVolumeClaim } from '#api/core/persistent-volume-claim.ts'
import { storageClassAnnotation } from '#api/core/rules/storage-class.ts'
import type { Ingress } from '#api/networking/ingress.ts'
import type { KubeObject } from '#api/resource.ts'
import { type AdmissionPlugin, type AdmissionRequest, isResource } from './admission.ts'

export interface ClassLookups {
  storageClasses(): readonly KubeObject[]
  ingressClasses(): readonly KubeObject[]
}

const storageMarks = ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class']
const ingressMarks = ['ingressclass.kubernetes.io/is-default-class']
/** Upstream's name of a class, from before there was a field for it. */
const ingressAnnotation = 'kubernetes.io/ingress.class'

/** The newest of those that are marked; the first by name among equally new ones. */
export function defaultAmong(classes: readonly KubeObject[], marks: readonly string[]): string | undefined {
  const marked = classes.filter(({ metadata }) => marks.some((mark) => metadata.annotations?.[mark] === 'true'))
  const made = ({ metadata }: KubeObject): number => Date.parse(metadata.creationTimestamp ?? '')
  const name = ({ metadata }: KubeObject): string => metadata.name ?? ''
  return marked.sort((a, b) => made(b) - made(a) || (name(a) < name(b) ? -1 : 1))[0]?.metadata.name
}

const isCreate = ({ operation, subresource, object }: AdmissionRequest): boolean =>
  operation === 'create' && subresource === '' && object !== undefined

export const defaultStorageClass = (lookups: Pick<ClassLookups, 'storageClasses'>): AdmissionPlugin => ({
  name: 'DefaultStorageClass',
  kinds: ['persistentvolumeclaims'],
  mutate(request) {
    if (!isCreate(request) || !isResource(request, '', 'persistentvolumeclaims')) return
    const { metadata, spec } = request.object as PersistentVolumeClaim
    if (spec.storageClassName !== undefined || metadata.annotations?.[storageClassAnnotation] !== undefined) return
    const name = defaultAmong(lookups.storageClasses(), storageMarks)
    if (name !== undefined) spec.storageClassName = name
  },
})

export const defaultIngressClass = (lookups: Pick<ClassLookups, 'ingressClasses'>): AdmissionPlugin => ({
  name: 'DefaultIngressClass',
  kinds: ['ingresses.networking.k8s.io'],
  mutate(request) {
    if (!isCreate(request) || !isResource(request, 'networking.k8s.io', 'ingresses')) return
    const { metadata, spec } = request.object as Ingress
    if (spec.ingressClassName !== undefined || metadata.annotations?.[ingressAnnotation] !== undefined) return
    const name = defaultAmong(lookups.ingressClasses(), ingressMarks)
    if (name !== undefined) spec.ingressClassName = name
  },
})
