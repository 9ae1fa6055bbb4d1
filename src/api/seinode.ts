/** SeiNode: one Sei node, its volume, its pod and its bootstrap. `seiNodeSpec` is the schema, `SeiNode` the type. */
import { z } from 'zod'
import type { KubeObject, ObjectMeta } from '../kube/types.ts'
import { haltHeight } from './halt-height.ts'
import { MAX_NODE_OVERRIDES } from './limits.ts'
import { networkPolicy } from './network-policy.ts'
import { placementFields } from './placement.ts'
import { withRules } from './rules.ts'
import { chainId, image, objectName, formatted, region } from './scalars.ts'
import { seiNodeRules } from './seinode-rules.ts'
import type { SeiNodeStatus } from './seinode-status.ts'
import {
  entrypoint,
  healthPolicy,
  overrides,
  peers,
  resourceRequirements,
  resultExport,
  sidecar,
  snapshot,
  snapshotGeneration,
  storage,
} from './shared.ts'
import { upgrades } from './upgrades.ts'

const genesis = withRules(
  z.object({
    s3: z
      .object({
        uri: formatted(
          1024,
          /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/\S+$/,
          'uri must be s3://BUCKET/KEY, the location of genesis.json',
        ).describe('Location of genesis.json, s3://BUCKET/KEY.'),
        region: region.describe('AWS region of the bucket.'),
        sha256: formatted(64, /^[0-9a-f]{64}$/, 'sha256 must be the SHA-256 of genesis.json: 64 lower-case hex digits')
          .describe(
            'SHA-256 of genesis.json; the bootstrap fails where the file has another. Needs a sidecar of v0.0.59 or newer, and is not checked on chains whose genesis is built in. Default: not checked.',
          )
          .exactOptional(),
      })
      .describe('Genesis file in S3.')
      .exactOptional(),
    pvc: z
      .object({
        dataPVC: objectName('dataPVC').describe('Name of the PersistentVolumeClaim, in the same namespace.'),
      })
      .describe("A data volume that holds the genesis file and the node's keys already, as a SeiNodePool prepares it.")
      .exactOptional(),
  }),
  // Exactly one: of two, one would be ignored.
  { rule: 'has(self.s3) != has(self.pvc)', message: 'genesis must set exactly one of s3 and pvc' },
)

const replayer = withRules(
  z.object({
    peers: peers.describe('Where the replayer finds peers; at least one source.'),
    snapshot: snapshot.describe('The state that the replayer starts from.'),
    resultExport: resultExport
      .describe("Export the results of the replay to S3 again and again; {} takes the platform's settings.")
      .exactOptional(),
  }),
  // State sync loads a restored snapshot, and it needs peers.
  {
    rule: 'size(self.peers) > 0',
    message: 'replayer.peers must name at least one source of peers: state sync asks them',
    fieldPath: '.peers',
    reason: 'FieldValueRequired',
  },
)

function secretOf(field: string, holds: string) {
  return z.object({
    secretName: objectName(`${field}.secretName`).describe(`Name of the Secret, in the same namespace. ${holds}`),
  })
}

const validator = z.object({
  signingKey: secretOf(
    'signingKey',
    'It holds priv_validator_key.json and, where the key has signed before, the latest priv_validator_state.json.',
  )
    .describe(
      'The consensus key, from a Secret. Default: the key on the volume. May be added and removed, not changed.',
    )
    .exactOptional(),
  nodeKey: secretOf('nodeKey', 'It holds node_key.json.')
    .describe('The key of the node id, from a Secret. Default: the key on the volume.')
    .exactOptional(),
})

export const seiNodeSpec = withRules(
  z.object({
    chainId: chainId.describe('The chain that the node belongs to, such as pacific-1. Immutable.'),
    image: image.describe('Image that holds seid. With upgrades: the one that runs before the first of them.'),
    upgrades: upgrades
      .describe(
        'Upgrades that the chain voted for, in ascending order of height. The node gets the image of an upgrade when its seid has stopped for it, not before.',
      )
      .exactOptional(),
    mode: z
      .enum(['full', 'validator', 'archive', 'seed'])
      .describe('What the node is for. Default: full. Immutable; a replayer has none.')
      .exactOptional(),
    entrypoint: entrypoint.describe('The command that runs seid. Default: seid start --home /sei.').exactOptional(),
    genesis: genesis
      .describe(
        'Where the genesis file comes from. Default, on pacific-1, atlantic-2 and arctic-1: built in. Immutable.',
      )
      .exactOptional(),
    snapshot: snapshot
      .describe("The state that the node starts from. Default: the chain's first block.")
      .exactOptional(),
    peers: peers.describe('Where the node finds peers.').exactOptional(),
    overrides: overrides(MAX_NODE_OVERRIDES)
      .describe(
        'Settings of seid by dotted key, as strings, such as storage.pruning: "nothing". They win over all others.',
      )
      .exactOptional(),
    snapshotGeneration: snapshotGeneration
      .describe("Make snapshots of the node's state, and upload them. Turns pruning off, unless overrides set it.")
      .exactOptional(),
    replayer: replayer
      .describe("Make the node a replayer, which executes the chain's blocks and exports the results. For good.")
      .exactOptional(),
    validator: validator
      .describe('Keys that come from Secrets. Only beside mode: validator. A key on the volume is never replaced.')
      .exactOptional(),
    sidecar: sidecar.describe('The sidecar that bootstraps the node.').exactOptional(),
    resources: resourceRequirements
      .describe("CPU and memory of seid. Default: the platform's requests, by mode.")
      .exactOptional(),
    ...placementFields,
    storage: storage.describe('The data volume.').exactOptional(),
    networkPolicy: networkPolicy
      .describe('The NetworkPolicy of the node. Of no effect on a SeiNode of a SeiNodePool, whose policy covers it.')
      .exactOptional(),
    healthPolicy: healthPolicy.describe('What the operator does about a node that is unhealthy.').exactOptional(),
    haltHeight: haltHeight.exactOptional(),
    paused: z
      .boolean()
      .describe('Stop changing anything for this node; its pod keeps running. Deletion is not blocked. Default: false.')
      .exactOptional(),
  }),
  ...seiNodeRules,
)

export type SeiNodeSpec = z.infer<typeof seiNodeSpec>

/** A SeiNode as the API server returns it, with defaults. */
export interface SeiNode extends KubeObject {
  metadata: ObjectMeta & { name: string }
  spec: SeiNodeSpec
  status?: SeiNodeStatus
}
