/** CEL rules on a SeiNodePool's spec as a whole: `seiNodePoolRules`. */
import { haltRules } from './halt-height.ts'
import type { Rule } from './rules.ts'
import { storageRules } from './storage-rules.ts'

// A ceremony happens once, and its result is in every node's genesis file.
export const seiNodePoolRules: readonly Rule[] = [
  {
    rule: 'self.chainId == oldSelf.chainId',
    message: 'chainId is immutable: the genesis ceremony happens once; create another SeiNodePool for another chain',
    fieldPath: '.chainId',
    reason: 'FieldValueForbidden',
  },
  {
    rule: 'self.nodeConfiguration.nodeCount == oldSelf.nodeConfiguration.nodeCount',
    message:
      'nodeConfiguration.nodeCount is immutable: the genesis ceremony fixes the validators; create another SeiNodePool, or a SeiNode to add a node that follows the chain',
    fieldPath: '.nodeConfiguration.nodeCount',
    reason: 'FieldValueForbidden',
  },
  {
    rule: 'has(self.genesis) == has(oldSelf.genesis) && (!has(self.genesis) || self.genesis == oldSelf.genesis)',
    message:
      'genesis is immutable, and cannot be added or removed: the genesis ceremony happens once; create another SeiNodePool, or change parameters by governance',
    fieldPath: '.genesis',
    reason: 'FieldValueForbidden',
  },
  ...haltRules('nodeConfiguration'),
  ...storageRules,
]
