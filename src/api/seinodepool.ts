/** SeiNodePool: a new network, from its genesis ceremony to one SeiNode per validator. `seiNodePoolSpec` is the schema, `SeiNodePool` the type. */
import { z } from 'zod'
import type { KubeObject, ObjectMeta } from '../kube/types.ts'
import { haltHeight } from './halt-height.ts'
import { MAX_POOL_NODES, MAX_POOL_OVERRIDES } from './limits.ts'
import { objectMetadata, placementFields } from './placement.ts'
import { withRules } from './rules.ts'
import { chainId, formatted, image, int32, map } from './scalars.ts'
import { entrypoint, healthPolicy, overrides, resourceRequirements, sidecar, storage } from './shared.ts'
import { seiNodePoolRules } from './seinodepool-rules.ts'
import type { SeiNodePoolStatus } from './seinodepool-status.ts'
import { upgrades } from './upgrades.ts'

const nodeConfiguration = z.object({
  nodeCount: int32(1, MAX_POOL_NODES).describe(
    'Validators of the network. Immutable. Two alone make no block: take one, or three and more.',
  ),
  image: image.describe(
    'Image that holds seid, for the ceremony and the nodes. With upgrades: the one that runs before the first of them.',
  ),
  upgrades: upgrades
    .describe(
      'Upgrades that the chain voted for, in ascending order of height. Each node gets the image of an upgrade when its seid has stopped for it, not before.',
    )
    .exactOptional(),
  entrypoint: entrypoint.describe('The command that runs seid. Default: seid start --home /sei.').exactOptional(),
  resources: resourceRequirements
    .describe("CPU and memory of each seid. Default: the platform's requests.")
    .exactOptional(),
  overrides: overrides(MAX_POOL_OVERRIDES)
    .describe('Settings of seid by dotted key, as strings, for every node. They win over all others.')
    .exactOptional(),
  sidecar: sidecar.describe('The sidecar that bootstraps each node.').exactOptional(),
  healthPolicy: healthPolicy.describe('What the operator does about a node that is unhealthy.').exactOptional(),
  ...placementFields,
  haltHeight: haltHeight.exactOptional(),
})

const PARAM_VALUE = z.union([z.int(), z.string().max(8192)]).meta({ 'x-kubernetes-int-or-string': true })

const account = z.object({
  address: formatted(
    62,
    /^sei1[02-9ac-hj-np-z]{38,58}$/,
    'address must be a Sei address: sei1 and 38 or 58 lower-case letters and digits',
  ).describe('Sei address, sei1...'),
  balance: formatted(
    1024,
    /^[0-9]{1,78}[a-zA-Z][a-zA-Z0-9/:._-]{2,127}(,[0-9]{1,78}[a-zA-Z][a-zA-Z0-9/:._-]{2,127})*$/,
    'balance must be amounts with their denominations such as 1000000usei, separated by commas',
  ).describe('What the account owns at the start, such as 1000000usei.'),
})

const genesis = z.object({
  params: withRules(
    map(PARAM_VALUE, 128),
    // The path is looked up in genesis.json.
    {
      rule: 'self.all(k, k.size() <= 256 && k.matches("^[A-Za-z0-9_-]+([.][A-Za-z0-9_-]+)*$"))',
      message: 'keys of params must be dotted paths in genesis.json such as app_state.gov.voting_params.voting_period',
    },
  )
    .describe(
      'Values in genesis.json by dotted path. A value takes the type of the one that it replaces; lists and objects are written as JSON.',
    )
    .exactOptional(),
  accounts: z
    .array(account.describe('One account.'))
    .max(256)
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['address'] })
    .describe("Accounts that exist from the start, besides the validators'.")
    .exactOptional(),
})

const jobs = z.object({
  resources: resourceRequirements
    .describe('CPU and memory of each container of the Jobs. Default: requests of 100m and 256Mi, and no limits.')
    .exactOptional(),
  podMetadata: objectMetadata
    .describe('Labels and annotations of the pods of Jobs, beside those of nodeConfiguration.podMetadata.')
    .exactOptional(),
})

export const seiNodePoolSpec = withRules(
  z.object({
    chainId: chainId.describe('Chain id of the new network. Immutable.'),
    nodeConfiguration: nodeConfiguration.describe("What the network's nodes are like."),
    genesis: genesis.describe('What the genesis file holds beyond the defaults. Immutable.').exactOptional(),
    storage: storage.describe("The nodes' data volumes.").exactOptional(),
    jobs: jobs.describe('The Jobs that hold the ceremony and prepare the data volumes.').exactOptional(),
    paused: z
      .boolean()
      .describe(
        'Stop changing anything for this pool; its nodes keep running. Deletion is not blocked. Default: false.',
      )
      .exactOptional(),
  }),
  ...seiNodePoolRules,
)

export type SeiNodePoolSpec = z.infer<typeof seiNodePoolSpec>

/** A SeiNodePool as the API server returns it, with defaults. */
export interface SeiNodePool extends KubeObject {
  metadata: ObjectMeta & { name: string }
  spec: SeiNodePoolSpec
  status?: SeiNodePoolStatus
}
