/** DefaultTolerationSeconds and TaintNodesByCondition: what upstream's admission adds to pods and nodes. */
import type { Node } from '#api/core/node.ts'
import type { Pod } from '#api/core/pod.ts'
import { type AdmissionPlugin, type AdmissionRequest, isResource } from './admission.ts'

const notReady = 'node.kubernetes.io/not-ready'
const unreachable = 'node.kubernetes.io/unreachable'
const defaultTolerationSeconds = 300

const podOf = (request: AdmissionRequest): Pod | undefined =>
  isResource(request, '', 'pods') && request.subresource === '' ? (request.object as Pod | undefined) : undefined

export const defaultTolerations: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  kinds: ['pods'],
  mutate(request) {
    const pod = podOf(request)
    if (!pod || (request.operation !== 'create' && request.operation !== 'update')) return
    const given = pod.spec.tolerations ?? []
    const covers = (key: string): boolean => given.some((t) => (!t.key || t.key === key) && (!t.effect || t.effect === 'NoExecute'))
    const added = [notReady, unreachable]
      .filter((key) => !covers(key))
      .map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: defaultTolerationSeconds }))
    if (added.length > 0) pod.spec.tolerations = [...given, ...added]
  },
}

/** A new node takes no pods before the controllers have seen it ready. */
export const taintNodesByCondition: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  kinds: ['nodes'],
  mutate(request) {
    if (!isResource(request, '', 'nodes') || request.subresource !== '' || request.operation !== 'create') return
    const node = request.object as Node
    const taints = node.spec.taints ?? []
    if (taints.some((t) => t.key === notReady && t.effect === 'NoSchedule')) return
    node.spec.taints = [...taints, { key: notReady, effect: 'NoSchedule' }]
  },
}
