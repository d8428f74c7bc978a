/** Describes a pod. */
import type { Pod } from '#api/core/pod.ts'
import { describeContainers, describeTolerations, describeVolumes } from './containers.ts'
import { type Describer, eventTable, head, labelsAndAnnotations } from './describer.ts'
import { type Lines, longTime } from './lines.ts'

export const pod: Describer<Pod> = {
  describe(object, lines, around) {
    const { spec, status, metadata } = object
    head(object, lines, { namespaced: true })
    if (spec.priority !== undefined) lines.add(0, `Priority:\t${spec.priority}`)
    if (spec.priorityClassName) lines.add(0, `Priority Class Name:\t${spec.priorityClassName}`)
    lines.add(0, `Service Account:\t${spec.serviceAccountName ?? ''}`)
    lines.add(0, `Node:\t${spec.nodeName ? `${spec.nodeName}/${status.hostIP ?? ''}` : '<none>'}`)
    if (status.startTime) lines.add(0, `Start Time:\t${longTime(status.startTime)}`)
    labelsAndAnnotations(object, lines)
    if (metadata.deletionTimestamp) {
      lines
        .add(0, `Status:\tTerminating (since ${longTime(metadata.deletionTimestamp)})`)
        .add(0, `Termination Grace Period:\t${metadata.deletionGracePeriodSeconds ?? 0}s`)
    } else lines.add(0, `Status:\t${status.phase ?? ''}`)
    if (status.reason) lines.add(0, `Reason:\t${status.reason}`)
    if (status.message) lines.add(0, `Message:\t${status.message}`)
    lines.add(0, `IP:\t${status.podIP ?? ''}`)
    if (status.podIPs?.length) {
      lines.add(0, 'IPs:')
      for (const { ip } of status.podIPs) lines.add(1, `IP:\t${ip}`)
    } else lines.add(0, 'IPs:\t<none>')
    const owner = metadata.ownerReferences?.find((o) => o.controller)
    if (owner) lines.add(0, `Controlled By:\t${owner.kind}/${owner.name}`)
    describeContainers('Init Containers', spec.initContainers ?? [], lines, status.initContainerStatuses ?? [])
    describeContainers('Containers', spec.containers, lines, status.containerStatuses ?? [])
    describeConditions(object, lines)
    describeVolumes(spec.volumes, lines)
    lines.add(0, `QoS Class:\t${status.qosClass ?? ''}`)
    lines.pairs('Node-Selectors', spec.nodeSelector)
    describeTolerations('Tolerations', spec.tolerations, lines)
    eventTable(lines, around)
  },
}

function describeConditions({ status }: Pod, lines: Lines): void {
  if (!status.conditions?.length) return
  lines.add(0, 'Conditions:').add(1, 'Type\tStatus ')
  for (const condition of status.conditions) lines.add(1, `${condition.type}\t${condition.status} `)
}
