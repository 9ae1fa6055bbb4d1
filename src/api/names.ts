/** Names that clusters see: the API group, labels, annotations, finalizers, containers and ports. */

export const GROUP = 'sei.io'
export const VERSION = 'v1alpha1'
export const API_VERSION = `${GROUP}/${VERSION}`

/** Owner of the fields that the operator applies. */
export const FIELD_MANAGER = 'sei-k8s-controller'

/** On every object of a node; also the selector of its StatefulSet and Service, so it never changes. */
export const NODE_LABEL = 'sei.io/node'
/** On every object of a pool, its nodes' pods included: the pool's NetworkPolicy selects by it. */
export const POOL_LABEL = 'sei.io/nodepool'

export const NODE_FINALIZER = 'sei.io/seinode-finalizer'

/** Any new value resumes a failed plan at its failed task. */
export const RETRY_ANNOTATION = 'sei.io/retry-plan'

export const SIDECAR_CONTAINER = 'sei-sidecar'
export const SEID_CONTAINER = 'seid'
/** Runs `seid init` on an empty volume, before the sidecar starts. */
export const INIT_CONTAINER = 'seid-init'

export const SIDECAR_PORT = 7777

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
