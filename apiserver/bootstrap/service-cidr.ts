/** The object that says from which ranges services get their addresses (upstream: pkg/controlplane/controller/defaultservicecidr; pure). */
import { formatTime } from '#api/meta/time.ts'
import type { ServiceCIDR } from '#api/networking/service-cidr.ts'

/** Keeps a range until no address of it is in use; taken away by the controller of service ranges. */
const finalizer = 'networking.k8s.io/service-cidr-finalizer'

export const defaultServiceCIDR = 'kubernetes'

/** `cidrs` are those that the server was started with, the default family's first. */
export const serviceCIDRObject = (cidrs: readonly string[], now: Date): ServiceCIDR => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'ServiceCIDR',
  metadata: { name: defaultServiceCIDR, finalizers: [finalizer] },
  spec: { cidrs: [...cidrs] },
  status: {
    conditions: [
      {
        type: 'Ready',
        status: 'True',
        lastTransitionTime: formatTime(now),
        reason: '',
        message: 'Kubernetes default Service CIDR is ready',
      },
    ],
  },
})

/** A server that was given a second family adds it; other changes of the ranges need a new object. */
export const growsTo = (stored: ServiceCIDR, wanted: ServiceCIDR): boolean => {
  const [old, now] = [stored.spec.cidrs ?? [], wanted.spec.cidrs ?? []]
  return old.length === 1 && now.length === 2 && old[0] === now[0]
}
