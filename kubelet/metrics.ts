/** The kubelet's own metrics, under upstream's names. */
import { Counter, Gauge, Histogram } from 'prom-client'

export const podStartDuration = new Histogram({
  name: 'kubelet_pod_start_duration_seconds',
  help: 'Time from the kubelet seeing a pod for the first time to its containers running.',
  buckets: [0.05, 0.1, 0.2, 0.5, 1, 2, 3, 4, 5, 6, 8, 10, 20, 30, 45, 60, 120, 180, 240, 300, 360, 480, 600, 900, 1200, 1800, 2700, 3600],
})
export const podStartSli = new Histogram({
  name: 'kubelet_pod_start_sli_duration_seconds',
  help: 'Time from the creation of a pod to all containers seen running, without image pulls and init containers.',
  buckets: [0.05, 0.1, 0.2, 0.5, 1, 2, 3, 4, 5, 6, 8, 10, 20, 30, 45, 60, 120, 180, 240, 300, 360, 480, 600, 900, 1200, 1800, 2700, 3600],
})
export const runtimeOperations = new Counter({
  name: 'kubelet_runtime_operations_total',
  help: 'Actions on pods by verb.',
  labelNames: ['operation_type'],
})
export const runtimeOperationErrors = new Counter({
  name: 'kubelet_runtime_operations_errors_total',
  help: 'Actions on pods that failed, by verb.',
  labelNames: ['operation_type'],
})
export const runtimeOperationDuration = new Histogram({
  name: 'kubelet_runtime_operations_duration_seconds',
  help: 'How long actions on pods take, by verb.',
  labelNames: ['operation_type'],
  buckets: [0.005, 0.0125, 0.03125, 0.078, 0.195, 0.488, 1.22, 3.05, 7.63, 19.07, 47.68, 119.2, 298, 745],
})
export const podStartTotal = new Histogram({
  name: 'kubelet_pod_start_total_duration_seconds',
  help: 'Time from the creation of a pod to all containers seen running, with image pulls and init containers.',
  buckets: [0.05, 0.1, 0.2, 0.5, 1, 2, 3, 4, 5, 6, 8, 10, 20, 30, 45, 60, 120, 180, 240, 300, 360, 480, 600, 900, 1200, 1800, 2700, 3600],
})
export const podWorkerStart = new Histogram({
  name: 'kubelet_pod_worker_start_duration_seconds',
  help: 'Time from the kubelet seeing a pod to its work on the pod beginning.',
})
export const containersPerPod = new Histogram({
  name: 'kubelet_containers_per_pod_count',
  help: 'Containers of the pods that came to this node.',
  buckets: [1, 2, 4, 8, 16],
})
export const orphanedPods = new Counter({
  name: 'kubelet_orphaned_runtime_pods_total',
  help: 'Pods that were found in the runtime and that nobody wants.',
})
export const admissionRejections = new Counter({
  name: 'kubelet_admission_rejections_total',
  help: 'Pods that the node has refused, by reason.',
  labelNames: ['reason'],
})
export const statusSyncDuration = new Histogram({
  name: 'kubelet_pod_status_sync_duration_seconds',
  help: 'Time from a change of the status of a pod to the API showing it.',
  buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 20, 30, 45, 60],
})
export const relistInterval = new Histogram({
  name: 'kubelet_pleg_relist_interval_seconds',
  help: 'Time between two audits of the runtime.',
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
})
export const lastRelist = new Gauge({ name: 'kubelet_pleg_last_seen_seconds', help: 'When the runtime was last audited, since 1970.' })
export const relistDuration = new Histogram({
  name: 'kubelet_pleg_relist_duration_seconds',
  help: 'How long one audit of the runtime takes.',
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
})
export const startedPods = new Counter({ name: 'kubelet_started_pods_total', help: 'Sandboxes that were started.' })
export const startedPodErrors = new Counter({
  name: 'kubelet_started_pods_errors_total',
  help: 'Sandboxes that could not be made.',
})
export const sandboxDuration = new Histogram({
  name: 'kubelet_run_podsandbox_duration_seconds',
  help: 'How long making a sandbox takes.',
  labelNames: ['runtime_handler'],
  buckets: [0.005, 0.0125, 0.03125, 0.078, 0.195, 0.488, 1.22, 3.05, 7.63, 19.07, 47.68, 119.2, 298, 745],
})
export const sandboxErrors = new Counter({
  name: 'kubelet_run_podsandbox_errors_total',
  help: 'Sandboxes that the runtime could not make.',
  labelNames: ['runtime_handler'],
})
export const startedContainerErrors = new Counter({
  name: 'kubelet_started_containers_errors_total',
  help: 'Containers that could not be started, by why.',
  labelNames: ['container_type', 'code'],
})
export const startedContainers = new Counter({
  name: 'kubelet_started_containers_total',
  help: 'Containers that were started.',
  labelNames: ['container_type'],
})
export const evictions = new Counter({
  name: 'kubelet_evictions',
  help: 'Pods that were evicted, by signal.',
  labelNames: ['eviction_signal'],
})
export const evictionStatsAge = new Histogram({
  name: 'kubelet_eviction_stats_age_seconds',
  help: 'Time between a measurement and the eviction that was decided on it.',
  labelNames: ['eviction_signal'],
})
export const imagesCollected = new Counter({
  name: 'kubelet_image_garbage_collected_total',
  help: 'Images that were collected, by reason.',
  labelNames: ['reason'],
})
const httpLabels = ['method', 'path', 'server_type', 'long_running'] as const
export const httpRequests = new Counter({ name: 'kubelet_http_requests_total', help: 'Requests to this API.', labelNames: httpLabels })
export const httpInFlight = new Gauge({
  name: 'kubelet_http_inflight_requests',
  help: 'Requests to this API that are being answered.',
  labelNames: httpLabels,
})
export const httpDuration = new Histogram({
  name: 'kubelet_http_requests_duration_seconds',
  help: 'How long requests to this API take.',
  labelNames: httpLabels,
})
export const nodeName = new Gauge({ name: 'kubelet_node_name', help: 'The name of this node; always 1.', labelNames: ['node'] })
export const preemptions = new Counter({
  name: 'kubelet_preemptions',
  help: 'Pods that were ended in favour of critical ones, by the resource that was short.',
  labelNames: ['preemption_signal'],
})
export const imageVolumes = {
  requested: new Counter({ name: 'kubelet_image_volume_requested_total', help: 'Image volumes that starts of containers asked for.' }),
  mounted: new Counter({ name: 'kubelet_image_volume_mounted_succeed_total', help: 'Image volumes that were mounted.' }),
  failed: new Counter({ name: 'kubelet_image_volume_mounted_errors_total', help: 'Image volumes that could not be mounted.' }),
}
const cgroupOperations = new Histogram({
  name: 'kubelet_cgroup_manager_duration_seconds',
  help: 'How long work on the cgroups of pods takes.',
  labelNames: ['operation_type'],
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
})
export async function timedCgroup<T>(operation: 'create' | 'update' | 'destroy', work: () => Promise<T>): Promise<T> {
  const end = cgroupOperations.startTimer({ operation_type: operation })
  try {
    return await work()
  } finally {
    end()
  }
}
const storageOperations = new Histogram({
  name: 'storage_operation_duration_seconds',
  help: 'How long putting a volume in place takes.',
  labelNames: ['volume_plugin', 'operation_name', 'status', 'migrated'],
  buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 25, 50, 120, 300, 600],
})
export async function timedMount<T>(plugin: string, work: () => Promise<T>): Promise<T> {
  const end = storageOperations.startTimer({ volume_plugin: plugin, operation_name: 'volume_mount', migrated: 'false' })
  try {
    const done = await work()
    end({ status: 'success' })
    return done
  } catch (error) {
    end({ status: 'fail-unknown' })
    throw error
  }
}
export const topologyAdmissions = {
  requests: new Counter({ name: 'kubelet_topology_manager_admission_requests_total', help: 'Pods whose resources were to be aligned.' }),
  errors: new Counter({ name: 'kubelet_topology_manager_admission_errors_total', help: 'Pods whose resources could not be aligned.' }),
  duration: new Histogram({
    name: 'kubelet_topology_manager_admission_duration_ms',
    help: 'How long aligning the resources of a pod takes, in milliseconds.',
    buckets: [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 102.4, 204.8, 409.6, 819.2],
  }),
}
const startup = (name: string, help: string): Gauge => new Gauge({ name: `kubelet_node_startup_${name}duration_seconds`, help })
/** Of a node that was not registered before. */
export const nodeStartup = {
  beforeKubelet: startup('pre_kubelet_', 'Time from the start of the machine to that of the kubelet.'),
  beforeRegistration: startup('pre_registration_', 'Time from the start of the kubelet to its first attempt to register the node.'),
  registration: startup('registration_', 'Time from the first attempt to register the node to its being registered.'),
  afterRegistration: startup('post_registration_', 'Time from the registration of the node to its being ready.'),
  whole: startup('', 'Time from the start of the machine to the node being ready.'),
}
export const imagePullDuration = new Histogram({
  name: 'kubelet_image_pull_duration_seconds',
  help: 'How long pulling an image takes with its wait for a turn, by the size of the image.',
  labelNames: ['image_size_in_bytes'],
  buckets: [1, 5, 10, 20, 30, 60, 120, 180, 240, 300, 360, 480, 600, 900, 1200, 1800, 2700, 3600],
})
export const imageRequests = new Counter({
  name: 'kubelet_image_manager_ensure_image_requests_total',
  help: 'Images that containers asked for, by policy, whether they were there, and whether they had to be pulled.',
  labelNames: ['pull_policy', 'present_locally', 'pull_required'],
})
export const deviceRegistrations = new Counter({
  name: 'kubelet_device_plugin_registration_total',
  help: 'Registrations of device plug-ins.',
  labelNames: ['resource_name'],
})
export const deviceAllocation = new Histogram({
  name: 'kubelet_device_plugin_alloc_duration_seconds',
  help: 'How long device plug-ins take to hand out devices.',
  labelNames: ['resource_name'],
})
/** All zero where processors are not handed out. */
export const cpuPinning = {
  requests: new Counter({ name: 'kubelet_cpu_manager_pinning_requests_total', help: 'Containers that were to have processors alone.' }),
  errors: new Counter({ name: 'kubelet_cpu_manager_pinning_errors_total', help: 'Pods that could not have processors alone.' }),
  exclusive: new Gauge({ name: 'kubelet_cpu_manager_exclusive_cpu_allocation_count', help: 'Processors that containers have alone.' }),
  sharedMillicores: new Gauge({
    name: 'kubelet_cpu_manager_shared_pool_size_millicores',
    help: 'Processors that all others share, in thousandths.',
  }),
}
