/** The admission plug-ins that are on by default, in upstream's order. */
import { LimitRanges } from '#api/core/limit-range.ts'
import { Namespaces } from '#api/core/namespace.ts'
import { PersistentVolumes } from '#api/core/persistent-volume.ts'
import { PersistentVolumeClaims } from '#api/core/persistent-volume-claim.ts'
import { IngressClasses } from '#api/networking/ingress-class.ts'
import { RuntimeClasses } from '#api/node/runtime-class.ts'
import type { Resource } from '#api/resource.ts'
import { PriorityClasses } from '#api/scheduling/priority-class.ts'
import { CSIDrivers } from '#api/storage/csi-driver.ts'
import { StorageClasses } from '#api/storage/storage-class.ts'
import type { Authorizer } from '#apiserver/authorization/authorizer.ts'
import type { Store } from '#apiserver/cache/store.ts'
import type { Lookups } from '#apiserver/registry/lookups.ts'
import type { AdmissionPlugin } from './admission.ts'
import {
  certificateApproval,
  certificateSigning,
  certificateSubjectRestriction,
  clusterTrustBundleAttest,
  podCertificateSigning,
} from './certificates.ts'
import { defaultIngressClass, defaultStorageClass } from './default-classes.ts'
import { limitRanger } from './limit-ranger.ts'
import { namespaceLifecycle } from './namespace-lifecycle.ts'
import { nodeRestriction } from './node-restriction/node-restriction.ts'
import { defaultTolerations, taintNodesByCondition } from './pod-defaults.ts'
import { podSecurity } from './pod-security/pod-security.ts'
import { priority } from './priority.ts'
import { resourceQuota } from './resource-quota.ts'
import { runtimeClass } from './runtime-class.ts'
import { serviceAccount } from './service-account.ts'
import { claimResize, storageObjectInUseProtection } from './volume-protection.ts'

export interface PluginDeps {
  store: Store
  lookups: Lookups
  authorizer: Authorizer
  randomSuffix: () => string
}

/** `disabled` are names of plug-ins that are switched off. */
export function defaultPlugins({ store, lookups, authorizer, randomSuffix }: PluginDeps, disabled: readonly string[]): AdmissionPlugin[] {
  const plugins = [
    namespaceLifecycle({ find: lookups.namespace }, Namespaces as unknown as Resource),
    limitRanger({ limitRanges: (namespace) => lookups.all(LimitRanges, namespace) }),
    serviceAccount({ find: lookups.serviceAccount }, randomSuffix),
    nodeRestriction({
      authorizer,
      node: lookups.node,
      pod: lookups.pod,
      account: lookups.serviceAccount,
      claim: (namespace, name) => store.sharedOne(PersistentVolumeClaims, { namespace, name }, 'cached'),
      volume: (name) => lookups.one(PersistentVolumes, name),
      csiDriver: (name) => lookups.one(CSIDrivers, name),
    }),
    taintNodesByCondition,
    podSecurity({ namespace: lookups.namespace, pods: lookups.podsOf }),
    priority({ priorityClass: (name) => lookups.one(PriorityClasses, name), priorityClasses: () => lookups.all(PriorityClasses) }),
    defaultTolerations,
    defaultStorageClass({ storageClasses: () => lookups.all(StorageClasses) }),
    storageObjectInUseProtection,
    claimResize({ storageClass: (name) => lookups.one(StorageClasses, name) }),
    runtimeClass({ runtimeClass: (name) => lookups.one(RuntimeClasses, name) }),
    certificateApproval(authorizer),
    certificateSigning(authorizer),
    podCertificateSigning(authorizer),
    clusterTrustBundleAttest(authorizer),
    certificateSubjectRestriction,
    defaultIngressClass({ ingressClasses: () => lookups.all(IngressClasses) }),
    // last of all: what it lets pass is charged for
    resourceQuota(store),
  ]
  return plugins.filter(({ name }) => !disabled.includes(name))
}
