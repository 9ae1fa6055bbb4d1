/** CEL rules on a SeiNode's spec as a whole: `seiNodeRules`. */
import { haltRules } from './halt-height.ts'
import { WELL_KNOWN_CHAINS } from './names.ts'
import { celStrings, type Rule } from './rules.ts'
import { storageRules } from './storage-rules.ts'

/** Fields that a replayer would ignore: it has its own peers and snapshot, and a fixed mode. */
function notBesideReplayer(field: string, instead: string): Rule {
  return {
    rule: `!has(self.replayer) || !has(self.${field})`,
    message: `${field} must not be set beside replayer: ${instead}`,
    fieldPath: `.${field}`,
    reason: 'FieldValueForbidden',
  }
}

const bucketName = '^[a-z0-9][a-z0-9-]*$'

export const seiNodeRules: readonly Rule[] = [
  // A volume holds the blocks of one chain.
  {
    rule: 'self.chainId == oldSelf.chainId',
    message: 'chainId is immutable: create another SeiNode for another chain',
    fieldPath: '.chainId',
    reason: 'FieldValueForbidden',
  },
  // The mode decides what is on the volume: a pruned node cannot become an archive.
  {
    // The earlier operator did not set the mode of a pool's validators.
    rule: '(has(self.mode) ? self.mode : "full") == (has(oldSelf.mode) ? oldSelf.mode : "full") || (!has(oldSelf.mode) && self.mode == "validator" && has(self.genesis) && has(self.genesis.pvc))',
    message: 'mode is immutable (absent means full): create another SeiNode for another mode',
    fieldPath: '.mode',
    reason: 'FieldValueForbidden',
  },
  // Only the bootstrap reads the genesis file.
  {
    rule: 'has(self.genesis) == has(oldSelf.genesis) && (!has(self.genesis) || self.genesis == oldSelf.genesis)',
    message:
      'genesis is immutable, and cannot be added or removed: delete the SeiNode and create it with another genesis',
    fieldPath: '.genesis',
    reason: 'FieldValueForbidden',
  },
  // A validator keeps its key.
  {
    rule: '!has(oldSelf.validator) || !has(oldSelf.validator.signingKey) || !has(self.validator) || !has(self.validator.signingKey) || self.validator.signingKey.secretName == oldSelf.validator.signingKey.secretName',
    message:
      'validator.signingKey.secretName is immutable, since the key on a volume is never replaced: create another SeiNode for another key',
    fieldPath: '.validator.signingKey.secretName',
    reason: 'FieldValueForbidden',
  },
  {
    rule: '!has(self.validator) || (has(self.mode) && self.mode == "validator")',
    message: 'validator must not be set unless mode is validator: other nodes do not sign',
    fieldPath: '.validator',
    reason: 'FieldValueForbidden',
  },
  // A node cannot become a replayer or stop being one: peers, snapshot and runtime tasks differ.
  {
    rule: 'has(self.replayer) == has(oldSelf.replayer)',
    message: 'replayer cannot be added or removed: create another SeiNode',
    fieldPath: '.replayer',
    reason: 'FieldValueForbidden',
  },
  // The sidecar has the genesis of only these chains built in. For others the bootstrap would fail.
  {
    rule: `has(self.genesis) || self.chainId in ${celStrings(WELL_KNOWN_CHAINS)}`,
    message: `genesis is required unless chainId is one of ${WELL_KNOWN_CHAINS.join(', ')}`,
    fieldPath: '.genesis',
    reason: 'FieldValueRequired',
  },
  notBesideReplayer('snapshot', 'set replayer.snapshot'),
  notBesideReplayer('peers', 'set replayer.peers'),
  notBesideReplayer('snapshotGeneration', 'a replayer makes no snapshots'),
  notBesideReplayer('mode', 'a replayer has its own'),
  notBesideReplayer('healthPolicy', 'the operator restarts no replayer'),
  {
    rule: '!has(self.replayer) || !has(self.genesis) || !has(self.genesis.pvc)',
    message:
      'genesis.pvc must not be set beside replayer, which restores a snapshot: set genesis.s3, or leave genesis out on a well-known chain',
    fieldPath: '.genesis.pvc',
    reason: 'FieldValueForbidden',
  },
  // A snapshot would overwrite the state of a prepared volume.
  {
    rule: '!has(self.snapshot) || !has(self.genesis) || !has(self.genesis.pvc)',
    message: 'snapshot must not be set beside genesis.pvc, whose volume is prepared already: remove one of them',
    fieldPath: '.snapshot',
    reason: 'FieldValueForbidden',
  },
  // Nobody but its user changes the claim of a prepared volume.
  {
    rule: '!has(self.storage) || !has(self.storage.autoGrow) || !has(self.genesis) || !has(self.genesis.pvc)',
    message:
      'storage.autoGrow must not be set beside genesis.pvc, whose claim the operator does not change: raise spec.resources.requests.storage of the claim; for the nodes of a SeiNodePool, set storage.autoGrow of the pool',
    fieldPath: '.storage.autoGrow',
    reason: 'FieldValueForbidden',
  },
  // State sync loads the snapshot, and it needs peers for the trusted block.
  {
    rule: '!has(self.snapshot) || (has(self.peers) && size(self.peers) > 0)',
    message: 'peers must name at least one source where snapshot is set: state sync asks them',
    fieldPath: '.peers',
    reason: 'FieldValueRequired',
  },
  // Without a uri the bucket is CHAINID-snapshots, which is not a valid bucket name for every chain id.
  ...['snapshot', 'replayer.snapshot'].map((path): Rule => ({
    rule: `${present(path)} || !has(self.${path}.s3) || has(self.${path}.s3.uri) || self.chainId.matches("${bucketName}")`,
    message: `${path}.s3.uri is required where chainId holds capitals or "_": CHAINID-snapshots is no bucket name then`,
    fieldPath: `.${path}.s3.uri`,
    reason: 'FieldValueRequired',
  })),
  // A seed prunes everything, and with that seid refuses to create snapshots.
  {
    rule: '!has(self.snapshotGeneration) || !has(self.mode) || self.mode != "seed"',
    message:
      'snapshotGeneration must not be set where mode is seed, which keeps no state: use full, archive or validator',
    fieldPath: '.snapshotGeneration',
    reason: 'FieldValueForbidden',
  },
  // The user creates a prepared volume and decides its size and class.
  ...['size', 'storageClassName'].map((field): Rule => ({
    rule: `!has(self.genesis) || !has(self.genesis.pvc) || !has(self.storage) || !has(self.storage.${field})`,
    message: `storage.${field} must not be set beside genesis.pvc, whose volume exists already`,
    fieldPath: `.storage.${field}`,
    reason: 'FieldValueForbidden',
  })),
  ...haltRules(''),
  ...storageRules,
]

/** CEL: true where `path`, of one or two parts, is absent. */
function present(path: string): string {
  const parts = path.split('.')
  return parts.map((_, i) => `!has(self.${parts.slice(0, i + 1).join('.')})`).join(' || ')
}
