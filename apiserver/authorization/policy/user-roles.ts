/** What admin, edit and view gather their rules from (pure data; upstream v1.35). */
import type { PolicyRule } from '#api/rbac/role.ts'
import { on, read, readWrite, write } from './rule.ts'

export const aggregatedRules: Readonly<Record<string, readonly PolicyRule[]>> = {
  'system:aggregate-to-admin': [
    on('authorization.k8s.io', 'localsubjectaccessreviews', 'create'),
    on('rbac.authorization.k8s.io', 'rolebindings roles', readWrite),
  ],
  'system:aggregate-to-edit': [
    on('core', 'pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy', read),
    on('core', 'serviceaccounts', 'impersonate'),
    on('core', 'pods pods/attach pods/exec pods/portforward pods/proxy', write),
    on('core', 'pods/eviction', 'create'),
    on(
      'core',
      'configmaps persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy',
      write,
    ),
    on('core', 'serviceaccounts/token', 'create'),
    on('core events.k8s.io', 'events', write),
    on(
      'apps',
      'daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets statefulsets/scale',
      write,
    ),
    on('autoscaling', 'horizontalpodautoscalers', write),
    on('batch', 'cronjobs jobs', write),
    on(
      'extensions',
      'daemonsets deployments deployments/rollback deployments/scale ingresses networkpolicies replicasets replicasets/scale replicationcontrollers/scale',
      write,
    ),
    on('policy', 'poddisruptionbudgets', write),
    on('networking.k8s.io', 'ingresses networkpolicies', write),
    on('coordination.k8s.io', 'leases', readWrite),
    on('resource.k8s.io', 'resourceclaims resourceclaimtemplates', write),
  ],
  'system:aggregate-to-view': [
    on(
      'core',
      'configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status',
      read,
    ),
    on(
      'core',
      'bindings limitranges namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas resourcequotas/status',
      read,
    ),
    on('core', 'namespaces', read),
    on('core events.k8s.io', 'events', read),
    on('discovery.k8s.io', 'endpointslices', read),
    on(
      'apps',
      'controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status',
      read,
    ),
    on('autoscaling', 'horizontalpodautoscalers horizontalpodautoscalers/status', read),
    on('batch', 'cronjobs cronjobs/status jobs jobs/status', read),
    on(
      'extensions',
      'daemonsets daemonsets/status deployments deployments/scale deployments/status ingresses ingresses/status networkpolicies replicasets replicasets/scale replicasets/status replicationcontrollers/scale',
      read,
    ),
    on('policy', 'poddisruptionbudgets poddisruptionbudgets/status', read),
    on('networking.k8s.io', 'ingresses ingresses/status networkpolicies', read),
    on('resource.k8s.io', 'resourceclaims resourceclaims/status resourceclaimtemplates', read),
  ],
}
