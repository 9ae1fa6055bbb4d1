/** What a SeiNode's spec as a whole has to satisfy, as CEL for the API server: `seiNodeRules`. */
import { WELL_KNOWN_CHAINS } from './names.ts'
import { celStrings, type Rule } from './rules.ts'
import { storageRules } from './storage-rules.ts'

/** A replayer nests its own peers and snapshot, and chooses its own mode: beside them these would be ignored. */
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
  // Blocks of another chain on the same volume would be nonsense.
  {
    rule: 'self.chainId == oldSelf.chainId',
    message: 'chainId is immutable: create another SeiNode for another chain',
    fieldPath: '.chainId',
    reason: 'FieldValueForbidden',
  },
  // The mode decides what the volume holds: an archive cannot be made of a pruned one.
  {
    // The earlier operator left mode out of a pool's validators.
    rule: '(has(self.mode) ? self.mode : "full") == (has(oldSelf.mode) ? oldSelf.mode : "full") || (!has(oldSelf.mode) && self.mode == "validator" && has(self.genesis) && has(self.genesis.pvc))',
    message: 'mode is immutable (absent means full): create another SeiNode for another mode',
    fieldPath: '.mode',
    reason: 'FieldValueForbidden',
  },
  // The genesis file is read once, by the bootstrap.
  {
    rule: 'has(self.genesis) == has(oldSelf.genesis) && (!has(self.genesis) || self.genesis == oldSelf.genesis)',
    message:
      'genesis is immutable, and cannot be added or removed: delete the SeiNode and create it with another genesis',
    fieldPath: '.genesis',
    reason: 'FieldValueForbidden',
  },
  // A validator's key does not change under it.
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
  // Peers, snapshot and runtime tasks of a replayer are of another kind.
  {
    rule: 'has(self.replayer) == has(oldSelf.replayer)',
    message: 'replayer cannot be added or removed: create another SeiNode',
    fieldPath: '.replayer',
    reason: 'FieldValueForbidden',
  },
  // The sidecar has the genesis of these chains built in; for others it would fail in the bootstrap.
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
  {
    rule: '!has(self.replayer) || !has(self.genesis) || !has(self.genesis.pvc)',
    message:
      'genesis.pvc must not be set beside replayer, which restores a snapshot: set genesis.s3, or leave genesis out on a well-known chain',
    fieldPath: '.genesis.pvc',
    reason: 'FieldValueForbidden',
  },
  // A prepared volume has its state; a snapshot would be restored over it.
  {
    rule: '!has(self.snapshot) || !has(self.genesis) || !has(self.genesis.pvc)',
    message: 'snapshot must not be set beside genesis.pvc, whose volume is prepared already: remove one of them',
    fieldPath: '.snapshot',
    reason: 'FieldValueForbidden',
  },
  // A snapshot takes effect through state sync, which asks peers for the trusted block.
  {
    rule: '!has(self.snapshot) || (has(self.peers) && size(self.peers) > 0)',
    message: 'peers must name at least one source where snapshot is set: state sync asks them',
    fieldPath: '.peers',
    reason: 'FieldValueRequired',
  },
  // Without a uri the bucket is called CHAINID-snapshots, and not every chain id makes a bucket's name.
  ...['snapshot', 'replayer.snapshot'].map((path): Rule => ({
    rule: `${present(path)} || !has(self.${path}.s3) || has(self.${path}.s3.uri) || self.chainId.matches("${bucketName}")`,
    message: `${path}.s3.uri is required where chainId holds capitals or "_": CHAINID-snapshots is no bucket name then`,
    fieldPath: `.${path}.s3.uri`,
    reason: 'FieldValueRequired',
  })),
  // A seed prunes everything, and seid refuses to start when it should make snapshots then.
  {
    rule: '!has(self.snapshotGeneration) || !has(self.mode) || self.mode != "seed"',
    message:
      'snapshotGeneration must not be set where mode is seed, which keeps no state: use full, archive or validator',
    fieldPath: '.snapshotGeneration',
    reason: 'FieldValueForbidden',
  },
  // The volume was made by someone else: its size and class are decided there.
  ...['size', 'storageClassName'].map((field): Rule => ({
    rule: `!has(self.genesis) || !has(self.genesis.pvc) || !has(self.storage) || !has(self.storage.${field})`,
    message: `storage.${field} must not be set beside genesis.pvc, whose volume exists already`,
    fieldPath: `.storage.${field}`,
    reason: 'FieldValueForbidden',
  })),
  ...storageRules,
]

/** CEL: true where `path`, of one or two parts, is absent. */
function present(path: string): string {
  const parts = path.split('.')
  return parts.map((_, i) => `!has(self.${parts.slice(0, i + 1).join('.')})`).join(' || ')
}
