/** Status of a SeiNodePool: `seiNodePoolStatus`. */
import { z } from 'zod'
import { MAX_POOL_NODES, MAX_RETRY_TOKEN } from './limits.ts'
import { int32, timestamp, uid } from './scalars.ts'
import { conditions, observedGeneration, phase } from './status.ts'

const poolNode = z.object({
  name: z.string().max(253).describe('Name of the SeiNode.'),
  phase: z.string().max(64).describe('Phase of the SeiNode.').exactOptional(),
  ready: z.boolean().describe('Whether the SeiNode is Ready.'),
  nodeId: z.string().max(64).describe('Id under which peers know the node.').exactOptional(),
  dataVolumeUID: uid.describe("UID of the claim that holds the validator's files and signing state.").exactOptional(),
  replacedBy: z
    .string()
    .max(64)
    .describe('UID of the claim that stands where that one was, or none: what waits for a person to consent.')
    .exactOptional(),
})

export const seiNodePoolStatus = z.object({
  observedGeneration: observedGeneration.exactOptional(),
  phase: phase.describe('Where the pool is in its life; the conditions say more.').exactOptional(),
  conditions: conditions
    .describe(
      'Ready, SpecValid, GenesisComplete, NodesPrepared, NodesReady, Reconciling, Stalled and Paused; VolumeGrowth with spec.storage.autoGrow.',
    )
    .exactOptional(),
  totalNodes: int32(0).describe('Nodes that the pool shall have.').exactOptional(),
  readyNodes: int32(0).describe('Nodes that are Ready.').exactOptional(),
  nodes: z
    .array(poolNode.describe('One node.'))
    .max(MAX_POOL_NODES)
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })
    .describe("The pool's nodes.")
    .exactOptional(),
  genesis: z
    .object({
      hash: z.string().max(128).describe('SHA-256 of genesis.json, as hex.').exactOptional(),
      completedAt: timestamp.describe('When the ceremony was over.').exactOptional(),
      volumeUID: uid.describe('UID of the claim that holds it.').exactOptional(),
    })
    .describe("The genesis ceremony's result.")
    .exactOptional(),
  rollout: z
    .object({
      revision: z
        .string()
        .max(64)
        .describe('Hash of the pod template and the configuration that node gets.')
        .exactOptional(),
      node: z.string().max(253).describe('Name of the SeiNode that has the change and is waited for.').exactOptional(),
      since: timestamp.describe('When the rollout came to that node, or began.'),
    })
    .describe('A change on its way to the nodes. Absent while there is none.')
    .exactOptional(),
  firstBlockAt: timestamp.describe('When the network was first seen to make blocks.').exactOptional(),
  retryHandled: z
    .string()
    .max(MAX_RETRY_TOKEN)
    .describe('Value of the annotation sei.io/retry-plan that was acted on last.')
    .exactOptional(),
})

export type SeiNodePoolStatus = z.infer<typeof seiNodePoolStatus>
export type PoolNode = z.infer<typeof poolNode>
