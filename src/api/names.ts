/** Names that clusters see: the API group, labels, annotations, finalizers, containers and ports. */

export const GROUP = 'sei.io'
export const VERSION = 'v1alpha1'
export const API_VERSION = `${GROUP}/${VERSION}`

/** Owner of the fields that the operator applies. */
export const FIELD_MANAGER = 'sei-k8s-controller'

/** On every object of a node; also the selector of its StatefulSet, Service and NetworkPolicy, so it never changes. */
export const NODE_LABEL = 'sei.io/node'
/** On every object of a pool, its nodes' pods included: the pool's NetworkPolicy selects by it. */
export const POOL_LABEL = 'sei.io/nodepool'

/** On a pool's validators and their pods: which of them, from 0. What joins the network from elsewhere has none. */
export const ORDINAL_LABEL = 'sei.io/nodepool-ordinal'
/** On the Leases that reserve consensus keys: the reserved address. */
export const CONSENSUS_ADDRESS_LABEL = 'sei.io/consensus-address'

/** On a pool's Jobs and their pods: `genesis`, or `prep-I` for the volume of node I. */
export const POOL_JOB_LABEL = 'sei.io/pool-job'

export const NODE_FINALIZER = 'sei.io/seinode-finalizer'
export const POOL_FINALIZER = 'sei.io/seinodepool-finalizer'

/** On a validator's pod: it stays until the kubelet has reported that seid ended, so no second one starts meanwhile. */
export const VALIDATOR_POD_FINALIZER = 'sei.io/validator-pod'

/** Any new value resumes a failed plan at its failed task, and a pool at its failed Jobs. */
export const RETRY_ANNOTATION = 'sei.io/retry-plan'

/** On a StatefulSet: the generation and the hash of the spec that its pod template was made for. */
export const SPEC_ANNOTATION = 'sei.io/template-spec'

/**
 * A person's consent to another volume: UIDs of claims that may be used in place of the ones on record, separated by commas.
 * `lost:UID` gives up a claim on record that is gone, so that an empty one may be made. `unsigned:UID` says
 * that a key from a Secret has signed nothing and may sign from height 0 on that claim.
 */
export const ACCEPT_ANNOTATION = 'sei.io/accept-volume'

/** Namespaces with this label hold whoever scrapes metrics: the key, and its value. */
export const METRICS_NAMESPACE_LABEL = ['metrics', 'enabled'] as const

export const SIDECAR_CONTAINER = 'sei-sidecar'
export const SEID_CONTAINER = 'seid'
/** Runs `seid init` on an empty volume, before the sidecar starts. */
export const INIT_CONTAINER = 'seid-init'

export const SIDECAR_PORT = 7777
/** Tells the sidecar its port. */
export const SIDECAR_PORT_VARIABLE = 'SEI_SIDECAR_PORT'

/** Where seid listens in every node's pod, by the name of the Service port. */
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

/** seid's setting for the peers that it keeps in touch with, as the sidecar spells it. */
export const PEERS_KEY = 'network.p2p.persistent_peers'
