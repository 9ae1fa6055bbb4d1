/** Platform settings for all nodes, read once at start (cli/environment.ts) and frozen: `PlatformConfig`. */

export interface PlatformConfig {
  /** Karpenter NodePool that pods are scheduled to (SEI_NODEPOOL_NAME). */
  readonly nodepoolName: string
  readonly tolerationKey: string
  readonly tolerationValue: string
  /** Validators of a pool prefer machines and zones without another one (SEI_SPREAD_VALIDATORS). */
  readonly spreadValidators: boolean
  /** PriorityClass of node pods and of a pool's Jobs; empty: none (SEI_PRIORITY_CLASS). */
  readonly priorityClass: string
  /** Secrets that images of node pods and of a pool's Jobs are pulled with (SEI_IMAGE_PULL_SECRETS). */
  readonly imagePullSecrets: readonly string[]
  /** ServiceAccount of node pods (SEI_SERVICE_ACCOUNT). */
  readonly serviceAccount: string
  /** StorageClass of full, validator and archive nodes (SEI_STORAGE_CLASS_PERF). */
  readonly storageClassPerf: string
  /** StorageClass of the other modes (SEI_STORAGE_CLASS_DEFAULT). */
  readonly storageClassDefault: string
  /** StorageClass of a pool's shared genesis volume (SEI_STORAGE_CLASS_GENESIS). */
  readonly storageClassGenesis: string
  /** Kubernetes quantities. */
  readonly storageSizeDefault: string
  readonly storageSizeArchive: string
  readonly cpuArchive: string
  readonly memoryArchive: string
  readonly cpuDefault: string
  readonly memoryDefault: string
  /** Sidecar image where spec.sidecar.image is absent (SEI_SIDECAR_IMAGE). */
  readonly sidecarImage: string
  /** The operator's own image, which patches genesis files as a step of a pool's ceremony (SEI_OPERATOR_IMAGE). */
  readonly operatorImage: string
  /** Namespace of the operator's pods, from which sidecars are reached; empty where it runs outside the cluster (POD_NAMESPACE). */
  readonly operatorNamespace: string
  /** SeiNodes of no pool get a NetworkPolicy (SEI_NODE_NETWORK_POLICIES). */
  readonly nodeNetworkPolicies: boolean
  /** Size of a pool's shared genesis volume (SEI_STORAGE_SIZE_GENESIS). A Kubernetes quantity. */
  readonly storageSizeGenesis: string
  /** Cluster DNS domain (SEI_CLUSTER_DOMAIN). */
  readonly clusterDomain: string
  /** AWS region of buckets whose region no manifest names (SEI_AWS_REGION). */
  readonly awsRegion: string
  readonly resultExportBucket: string
  readonly resultExportRegion: string
}
