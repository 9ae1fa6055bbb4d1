/** The definitions of both kinds, for the CRDs and the reference: `KINDS`. */
import type { KindDefinition, PrinterColumn } from './crd.ts'
import { MAX_NODE_NAME, MAX_POOL_NAME } from './limits.ts'
import type { Rule } from './rules.ts'
import { nodeGuards, poolGuards } from './guards.ts'
import { seiNodeSpec } from './seinode.ts'
import { seiNodeStatus } from './seinode-status.ts'
import { seiNodePoolSpec } from './seinodepool.ts'
import { seiNodePoolStatus } from './seinodepool-status.ts'

/**
 * The name is used for a StatefulSet, a Service (a DNS-1035 label) and pods, and as a label value. It is checked only at
 * creation, when an object has no status. Otherwise an object older than the rule could not be deleted, because that needs
 * an update of its finalizers.
 */
function nameRule(max: number): Rule {
  return {
    rule: `has(self.status) || (self.metadata.name.size() <= ${max} && self.metadata.name.matches("^[a-z]([-a-z0-9]*[a-z0-9])?$"))`,
    message: `metadata.name must have at most ${max} characters: lower-case letters, digits and "-", the first a letter, the last a letter or digit`,
  }
}

function conditionPath(type: string, field: string): string {
  return `.status.conditions[?(@.type=="${type}")].${field}`
}

const chain: PrinterColumn = {
  name: 'Chain',
  type: 'string',
  jsonPath: '.spec.chainId',
  description: 'Chain id.',
}
const phase: PrinterColumn = { name: 'Phase', type: 'string', jsonPath: '.status.phase', description: 'Phase.' }
const age: PrinterColumn = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: 'Time since the creation.',
}
const reason: PrinterColumn = {
  name: 'Reason',
  type: 'string',
  jsonPath: conditionPath('Ready', 'reason'),
  description: 'Why it is Ready or not.',
  priority: 1,
}

const stalled: PrinterColumn = {
  name: 'Stalled',
  type: 'string',
  jsonPath: conditionPath('Stalled', 'status'),
  description: 'Whether a person is needed.',
  priority: 1,
}

const SEI_NODE: KindDefinition = {
  kind: 'SeiNode',
  singular: 'seinode',
  plural: 'seinodes',
  shortName: 'snode',
  description: 'SeiNode is one Sei node: its data volume, its pod, and the bootstrap that its sidecar performs.',
  spec: seiNodeSpec.describe('The desired state of the node.'),
  status: seiNodeStatus.describe('What the operator has seen and done.'),
  rules: [nameRule(MAX_NODE_NAME), ...nodeGuards],
  columns: [
    chain,
    { name: 'Mode', type: 'string', jsonPath: '.status.mode', description: 'Mode in effect.' },
    phase,
    {
      name: 'Ready',
      type: 'string',
      jsonPath: conditionPath('Ready', 'status'),
      description: 'Whether the node serves.',
    },
    age,
    reason,
    stalled,
    {
      name: 'Task',
      type: 'string',
      jsonPath: '.status.initPlan.tasks[?(@.status=="Submitted")].type',
      description: 'Task of the bootstrap that runs.',
      priority: 1,
    },
    {
      name: 'Volume',
      type: 'string',
      jsonPath: '.status.dataVolume.use',
      description: 'Share of the data volume that is in use, in steps of 5 %.',
      priority: 1,
    },
    { name: 'Image', type: 'string', jsonPath: '.spec.image', description: 'Image of seid.', priority: 1 },
  ],
}

const SEI_NODE_POOL: KindDefinition = {
  kind: 'SeiNodePool',
  singular: 'seinodepool',
  plural: 'seinodepools',
  shortName: 'snp',
  description: 'SeiNodePool is a new Sei network: a genesis ceremony, and one SeiNode per validator.',
  spec: seiNodePoolSpec.describe('The desired state of the network.'),
  status: seiNodePoolStatus.describe('What the operator has seen and done.'),
  rules: [nameRule(MAX_POOL_NAME), ...poolGuards],
  columns: [
    chain,
    {
      name: 'Nodes',
      type: 'integer',
      jsonPath: '.spec.nodeConfiguration.nodeCount',
      description: 'Validators of the network.',
    },
    { name: 'Ready', type: 'integer', jsonPath: '.status.readyNodes', description: 'Nodes that are Ready.' },
    phase,
    age,
    reason,
    stalled,
    {
      name: 'Image',
      type: 'string',
      jsonPath: '.spec.nodeConfiguration.image',
      description: 'Image of seid.',
      priority: 1,
    },
  ],
}

export const KINDS: readonly KindDefinition[] = [SEI_NODE, SEI_NODE_POOL]
