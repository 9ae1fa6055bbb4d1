/** Names that clusters see: the API group, labels, annotations, finalizers, containers and ports. */

export const GROUP = 'sei.io'
export const VERSION = 'v1alpha1'
export const API_VERSION = `${GROUP}/${VERSION}`

/** The operator's field manager. */
export const FIELD_MANAGER = 'sei-k8s-controller'

/** The Lease in the operator's namespace whose holder is the replica that works. */
export const LEASE_NAME = 'sei-k8s-controller'

/** On every object of a node. The selector of its StatefulSet, Service and NetworkPolicy, so it must never change. */
export const NODE_LABEL = 'sei.io/node'
/** On every object of a pool, its nodes' pods included: the pool's NetworkPolicy selects by it. */
export const POOL_LABEL = 'sei.io/nodepool'

/** On a pool's validators and their pods: the validator's index, from 0. Other nodes of the network have none. */
export const ORDINAL_LABEL = 'sei.io/nodepool-ordinal'
/** On the Leases that reserve consensus keys: the reserved address. */
export const CONSENSUS_ADDRESS_LABEL = 'sei.io/consensus-address'

/** On a pool's Jobs and their pods: `genesis`, or `prep-I` for the volume of node I. */
export const POOL_JOB_LABEL = 'sei.io/pool-job'

/** On a pod that pulls the image of the next upgrade: the name of its SeiNode. */
export const UPGRADE_POD_LABEL = 'sei.io/upgrade-of'

export const NODE_FINALIZER = 'sei.io/seinode-finalizer'
export const POOL_FINALIZER = 'sei.io/seinodepool-finalizer'

/** On a validator's pod: keeps it until the kubelet reports that seid ended, so that no second one starts before. */
export const VALIDATOR_POD_FINALIZER = 'sei.io/validator-pod'

/** Any new value resumes a failed plan at its failed task, and a pool at its failed Jobs. */
export const RETRY_ANNOTATION = 'sei.io/retry-plan'

/** On a StatefulSet: generation and hash of the spec from which its pod template was built. */
export const SPEC_ANNOTATION = 'sei.io/template-spec'

/** On a StatefulSet: hash of its pod template, which tells that a field is no longer part of it. */
export const TEMPLATE_ANNOTATION = 'sei.io/template-hash'

/**
 * A user's consent to another volume: comma-separated UIDs of claims that may replace the ones on record. `lost:UID` gives
 * up a missing claim on record, so that the operator may create an empty one. `unsigned:UID` says that a key from a Secret
 * has signed nothing and may sign from height 0 on that claim.
 */
export const ACCEPT_ANNOTATION = 'sei.io/accept-volume'

/** Key and value of the label of namespaces whose pods may scrape metrics. */
export const METRICS_NAMESPACE_LABEL = ['metrics', 'enabled'] as const

export const SIDECAR_CONTAINER = 'sei-sidecar'
export const SEID_CONTAINER = 'seid'
/** Runs `seid init` on an empty volume, before the sidecar starts. */
export const INIT_CONTAINER = 'seid-init'
/** Reports the height of the volume of a node that has `spec.haltHeight`, before the sidecar starts. */
export const HEIGHT_CONTAINER = 'seid-height'

export const SIDECAR_PORT = 7777
/** Environment variable with the sidecar's port. */
export const SIDECAR_PORT_VARIABLE = 'SEI_SIDECAR_PORT'

/** seid's ports in every node's pod, by name of the Service port. */
export const SEID_PORTS = {
  'evm-rpc': 8545,
  'evm-ws': 8546,
  grpc: 9090,
  p2p: 26656,
  rpc: 26657,
  metrics: 26660,
} as const

/** Chains whose genesis is built into the sidecar. */
export const WELL_KNOWN_CHAINS: readonly string[] = ['pacific-1', 'atlantic-2', 'arctic-1']

/** The label of machines that Karpenter makes: the name of their NodePool. */
export const NODEPOOL_LABEL = 'karpenter.sh/nodepool'

/** The ConfigMap in the operator's namespace that has its version and settings. */
export const SETTINGS_CONFIG_MAP = 'sei-k8s-controller-settings'

/** The sidecar's key for seid's persistent peers. */
export const PEERS_KEY = 'network.p2p.persistent_peers'

/** `status.observedGeneration` before the first reconcile: kstatus reads an object without it as one that is up to date. */
export const NEVER_OBSERVED = -1
