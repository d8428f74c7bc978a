/** Feature gates of kube-apiserver 1.35: their names, stages and defaults, and how --feature-gates is read (pure). */

type Stage = 'alpha' | 'beta' | 'ga' | 'deprecated'

interface Gate {
  stage: Stage
  isOn: boolean
  /** Can only be set to what it is. */
  isLocked: boolean
}

const table: readonly (readonly [stage: Stage, isOn: boolean, isLocked: boolean, names: string])[] = [
  [
    'alpha',
    false,
    false,
    `
    APIServingWithRoutine AllowUnsafeMalformedObjectDeletion CBORServingAndStorage CPUManagerPolicyAlphaOptions CSIVolumeHealth
    ClientsAllowCBOR ClientsPreferCBOR CloudControllerManagerWatchBasedRoutesReconciliation CloudControllerManagerWebhook
    ComponentFlagz ComponentStatusz ConstrainedImpersonation ContainerStopSignals CrossNamespaceVolumeDataSource
    CustomCPUCFSQuotaPeriod DRAConsumableCapacity DRADeviceBindingConditions DRADeviceTaintRules DRADeviceTaints
    DRAExtendedResource DRAPartitionableDevices EventedPLEG GangScheduling GenericWorkload HPAScaleToZero
    InPlacePodLevelResourcesVerticalScaling InPlacePodVerticalScalingExclusiveCPUs InPlacePodVerticalScalingExclusiveMemory
    InTreePluginPortworxUnregister KubeletInUserNamespace LoggingAlphaOptions MemoryQoS MutablePVNodeAffinity
    MutablePodResourcesForSuspendedJobs MutableSchedulingDirectivesForSuspendedJobs NodeDeclaredFeatures
    PodAndContainerStatsFromCRI PodLogsQuerySplitStreams QOSReserved ReduceDefaultCrashLoopBackOffDecay
    RelaxedServiceNameValidation ResourceHealthStatus RestartAllContainersOnContainerExits RuntimeClassInImageCriApi
    StorageCapacityScoring StorageVersionAPI StrictIPCIDRValidation TaintTolerationComparisonOperators
    TopologyManagerPolicyAlphaOptions UnknownVersionInteroperabilityProxy UserNamespacesHostNetworkSupport VolumeLimitScaling
    WindowsCPUAndMemoryAffinity
    `,
  ],
  [
    'beta',
    true,
    false,
    `
    APIResponseCompression APIServerIdentity AllowParsingUserUIDFromCertAuth AuthorizePodWebsocketUpgradeCreatePermission
    CPUManagerPolicyBetaOptions CSIServiceAccountTokenSecrets ClearingNominatedNodeNameAfterBinding ContainerCheckpoint
    ContainerRestartRules ContextualLogging DRAAdminAccess DRAPrioritizedList DRAResourceClaimDeviceStatus
    DRASchedulerFilterTimeout DeclarativeValidation DeploymentReplicaSetTerminatingReplicas DetectCacheInconsistency
    DisableCPUQuotaWithExclusiveCPUs EnvFiles ExternalServiceAccountTokenSigner GracefulNodeShutdown
    GracefulNodeShutdownBasedOnPodPriority HPAConfigurableTolerance HostnameOverride ImageVolume InOrderInformers
    InOrderInformersBatchProcess KubeletCrashLoopBackOffMax KubeletEnsureSecretPulledImages KubeletFineGrainedAuthz KubeletPSI
    KubeletPodResourcesDynamicResources KubeletPodResourcesGet KubeletSeparateDiskGC
    KubeletServiceAccountTokenForCredentialProviders ListFromCacheSnapshot LoggingBetaOptions MatchLabelKeysInPodTopologySpread
    MatchLabelKeysInPodTopologySpreadSelectorMerge MutableCSINodeAllocatableCount NominatedNodeNameForExpectation OpenAPIEnums
    OpportunisticBatching PodDeletionCost PodLevelResources PodReadyToStartContainersCondition PodTopologyLabelsAdmission
    PortForwardWebsockets PreventStaticPodAPIReferences ProcMountType ReloadKubeletServerCertificateFile RemoteRequestHeaderUID
    RotateKubeletServerCertificate SELinuxChangePolicy SELinuxMountReadWriteOncePod SchedulerAsyncPreemption
    SchedulerPopFromBackoffQ ServiceAccountNodeAudienceRestriction SizeBasedListCostEstimate
    StatefulSetSemanticRevisionComparison StorageVersionHash StructuredAuthenticationConfigurationEgressSelector
    StructuredAuthenticationConfigurationJWKSMetrics TokenRequestServiceAccountUIDValidation TopologyManagerPolicyBetaOptions
    TranslateStreamCloseWebsocketRequests UnauthenticatedHTTP2DOSMitigation UserNamespacesSupport WatchList WatchListClient
    WindowsGracefulNodeShutdown
    `,
  ],
  [
    'beta',
    false,
    false,
    `
    CRDObservedGenerationTracking ClusterTrustBundle ClusterTrustBundleProjection ConcurrentWatchObjectDecode
    CoordinatedLeaderElection DeclarativeValidationTakeover LocalStorageCapacityIsolationFSQuotaMonitoring
    MaxUnavailableStatefulSet MutatingAdmissionPolicy NodeLogQuery PodCertificateRequest SELinuxMount SchedulerAsyncAPICalls
    StorageVersionMigrator WatchCacheInitializationPostStartHook
    `,
  ],
  [
    'ga',
    true,
    true,
    `
    APIServerTracing AnonymousAuthConfigurableEndpoints AnyVolumeDataSource AuthorizeNodeWithSelectors AuthorizeWithSelectors
    BtreeWatchCache CPUManagerPolicyOptions CRDValidationRatcheting CSIMigrationPortworx ConsistentListFromCache
    CustomResourceFieldSelectors DisableAllocatorDualWrite DynamicResourceAllocation ExecProbeTimeout HonorPVReclaimPolicy
    ImageMaximumGCAge InPlacePodVerticalScaling JobBackoffLimitPerIndex JobManagedBy JobPodReplacementPolicy JobSuccessPolicy
    KubeletCgroupDriverFromCRI KubeletTracing LogarithmicScaleDown MatchLabelKeysInPodAffinity MemoryManager
    MultiCIDRServiceAllocator NFTablesProxyMode NodeInclusionPolicyInPodTopologySpread NodeSwap OrderedNamespaceDeletion
    PodLifecycleSleepAction PodLifecycleSleepActionAllowZero PodObservedGenerationTracking PodSchedulingReadiness
    PreferSameTrafficDistribution RecoverVolumeExpansionFailure RecursiveReadOnlyMounts RelaxedDNSSearchValidation
    RelaxedEnvironmentVariableValidation ResilientWatchCacheInitialization RetryGenerateName SchedulerQueueingHints
    SeparateTaintEvictionController ServiceAccountTokenJTI ServiceAccountTokenNodeBinding
    ServiceAccountTokenNodeBindingValidation ServiceAccountTokenPodNodeInfo ServiceTrafficDistribution SidecarContainers
    StreamingCollectionEncodingToJSON StreamingCollectionEncodingToProtobuf StructuredAuthenticationConfiguration
    StructuredAuthorizationConfiguration SupplementalGroupsPolicy SystemdWatchdog TopologyAwareHints WinDSR WinOverlay
    `,
  ],
  [
    'ga',
    true,
    false,
    `
    InformerResourceVersion TopologyManagerPolicyOptions VolumeAttributesClass
    `,
  ],
  [
    'deprecated',
    true,
    false,
    `
    DisableNodeKubeProxyVersion KubeletPodResourcesListUseActivePods StorageNamespaceIndex
    `,
  ],
  [
    'deprecated',
    true,
    true,
    `
    AggregatedDiscoveryRemoveBetaType
    `,
  ],
  [
    'deprecated',
    false,
    true,
    `
    AllowOverwriteTerminationGracePeriodSeconds WatchFromStorageWithoutResourceVersion
    `,
  ],
  [
    'deprecated',
    false,
    false,
    `
    AllowDNSOnlyNodeCSR AllowInsecureKubeletCertificateSigningRequests ChangeContainerStatusOnKubeletRestart GitRepoVolumeDriver
    InPlacePodVerticalScalingAllocatedStatus KMSv1 KubeletRegistrationGetOnExistsOnly SeparateCacheWatchRPC WindowsHostNetwork
    `,
  ],
]

const gates: ReadonlyMap<string, Gate> = new Map(
  table.flatMap(([stage, isOn, isLocked, names]) => {
    const gate = { stage, isOn, isLocked }
    return names
      .trim()
      .split(/\s+/)
      .map((name) => [name, gate] as const)
  }),
)

/** Gates that switch all of a stage which are not named themselves. */
const stagesOf: Readonly<Record<string, Stage>> = { AllAlpha: 'alpha', AllBeta: 'beta' }

const truths = new Set(['1', 't', 'T', 'TRUE', 'true', 'True'])
const untruths = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False'])

export class FeatureGates {
  readonly #values: ReadonlyMap<string, boolean>

  /** By name; what is not in it has its default. */
  constructor(values: ReadonlyMap<string, boolean>) {
    this.#values = values
  }

  /** Throws where there is no such gate. */
  isEnabled(name: string): boolean {
    const gate = gates.get(name)
    if (!gate) throw new Error(`there is no feature gate ${name}`)
    return this.#values.get(name) ?? this.#ofStage(gate) ?? gate.isOn
  }

  #ofStage({ stage, isLocked }: Gate): boolean | undefined {
    const all = Object.keys(stagesOf).find((name) => stagesOf[name] === stage)
    return all === undefined || isLocked ? undefined : this.#values.get(all)
  }

  /** Gates that were set to something else than their default. */
  changed(): string[] {
    return [...this.#values].filter(([name, value]) => value !== (gates.get(name)?.isOn ?? false)).map(([name]) => name)
  }
}

/** Throws an Error in upstream's words: unknown gates, values that are none, gates that are locked. */
export function featureGatesOf(given: ReadonlyMap<string, string>): FeatureGates {
  const values = new Map<string, boolean>()
  for (const [name, text] of given) {
    if (!truths.has(text) && !untruths.has(text)) {
      throw new Error(`invalid value of ${name}=${text}, err: strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`)
    }
    values.set(name, truths.has(text))
  }
  const locked: string[] = []
  for (const [name, value] of values) {
    const gate = gates.get(name)
    if (!gate && !Object.hasOwn(stagesOf, name)) throw new Error(`unrecognized feature gate: ${name}`)
    if (gate?.isLocked === true && gate.isOn !== value) {
      locked.push(`cannot set feature gate ${name} to ${value}, feature is locked to ${gate.isOn}`)
    }
  }
  if (locked.length > 0) throw new Error(locked.length === 1 ? locked[0] : `[${locked.join(', ')}]`)
  return new FeatureGates(values)
}
