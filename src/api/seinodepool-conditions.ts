/** The conditions of a SeiNodePool with every reason each may have: `POOL_REASONS`. */
import { GROWTH_REASONS } from './growth-conditions.ts'
import { fails, holds, notReconciling, type Reason, stalls, unknown } from './reason.ts'

/** Reasons for which a person is needed. */
const STALLED = {
  SpecInvalid: stalls('The spec is invalid.', 'See the condition SpecValid.'),
  RolloutHalted: stalls(
    'A node did not become Ready with a change: the other nodes keep the old state.',
    "See the conditions of the SeiNode in the message. Correct spec.nodeConfiguration, or go back to the operator's earlier version and settings: the message says which of them it was.",
  ),
  OtherNetwork: stalls(
    'Volumes retained from an earlier pool of this name belong to another network.',
    'See the condition GenesisComplete.',
  ),
  VolumeLeaving: stalls("A validator's claim is being deleted.", 'See the condition NodesPrepared.'),
  VolumeLost: stalls("The PersistentVolume of a validator's claim is gone.", 'See the condition NodesPrepared.'),
  OtherGenesis: stalls('A volume holds the files of another ceremony.', 'See the condition NodesPrepared.'),
  VolumeReplaced: stalls(
    "A validator's claim was replaced or no longer exists, and a person has to accept the change.",
    'See the condition NodesPrepared.',
  ),
  JobFailed: stalls('A Job of the pool failed.', 'See the conditions GenesisComplete and NodesPrepared.'),
  JobStuck: stalls(
    "The pod of one of the pool's Jobs is refused, does not start, or does not end.",
    'See the conditions GenesisComplete and NodesPrepared.',
  ),
  ForeignObject: stalls(
    'An object of the name that the pool needs belongs to another owner; the operator does not change it.',
    'Create the pool under another name, or delete the object in the message if nothing needs it. Deleting a claim deletes its data.',
  ),
  OperatorError: stalls(
    'The operator failed to reconcile the pool; the message holds the error. The nodes keep running, and the operator retries.',
    'Correct the value in the message, or report the error.',
  ),
  PeersUnknown: stalls(
    'A node of an earlier operator no longer exists, and its peers are unknown.',
    'Set spec.nodeConfiguration.overrides["network.p2p.persistent_peers"] to the addresses of the others.',
  ),
  ApplyRefused: stalls(
    'A request that the pool needs fails: the API server or an admission webhook refuses it, or has not answered for 10 s or more. The message holds the request and the answer. It is repeated at most 30 s apart.',
    'Correct the cause: a quota, an admission webhook that refuses or is down, a missing permission, CRDs older than the operator ("unknown field", "field not declared in schema").',
  ),
  DeleteRefused: stalls(
    'The pool is being deleted, and a request that its deletion needs fails; the message holds the request and the answer. It is repeated at most 30 s apart.',
    'Correct the cause: an admission policy or webhook that refuses, a missing permission. Where the answer names a field of the SeiNodePool itself, correct that field.',
  ),
  DeletionStalled: stalls(
    'The pool is being deleted, and a SeiNode or Job of it has not gone for five minutes. The rest is deleted meanwhile, except for volumes that its pods may write to or that spec.storage.retainOnDelete keeps and, while a SeiNode is left, the NetworkPolicy.',
    'Do what the message says: most often the machine of a pod is lost, and a person has to confirm that it is gone.',
  ),
} as const satisfies Readonly<Record<string, Reason>>

export const POOL_REASONS = {
  Ready: {
    Ready: holds('Every node is Ready, and a new block of the network was observed.'),
    NewGeneration: unknown(
      'A change is being applied to the nodes, or is not observed yet.',
      'Wait; the condition Reconciling shows the progress and what blocks it.',
    ),
    GenesisRunning: fails('The genesis ceremony runs.', 'Wait; it takes seconds to minutes.'),
    GenesisFailed: fails('The genesis ceremony failed, or cannot begin.', 'See the condition GenesisComplete.'),
    Preparing: fails("The nodes' volumes are being prepared.", 'Wait.'),
    PreparationFailed: fails("A node's volume could not be prepared.", 'See the condition NodesPrepared.'),
    CreatingNodes: fails('The nodes are being created.', 'Wait.'),
    NoBlocks: fails(
      'The nodes run, and the network has not made a block yet.',
      'Wait some seconds. Two validators alone make none until a third node connects to both.',
    ),
    Halted: fails(
      'The network is halted at nodeConfiguration.haltHeight: no node makes a block. The message has the height of each.',
      'To continue, raise or remove nodeConfiguration.haltHeight.',
    ),
    ChainHalted: fails(
      'No validator that answers has a new block; the message says since when.',
      'Check that validators with more than two thirds of the voting power run and reach each other.',
    ),
    UpgradeNeeded: fails(
      'A validator stopped for an upgrade of the chain, and the spec has no image for it.',
      'Do what the message says: add the upgrade to spec.nodeConfiguration.upgrades, or correct its entry.',
    ),
    NodesNotReady: fails('Some nodes are not Ready.', 'See status.nodes, and the conditions of these SeiNodes.'),
    SpecInvalid: fails('The spec is invalid.', 'See the condition SpecValid.'),
    Paused: unknown('The pool is paused, so its readiness is not evaluated.', 'Set spec.paused to false to resume.'),
    Terminating: fails('The pool is being deleted.'),
  },
  SpecValid: {
    Valid: holds('The spec is valid.'),
    NotChecked: unknown('The pool is paused or being deleted, and its spec was not checked.'),
    ExpansionPending: holds(
      'A volume is being resized; the message says what the resize waits for.',
      'Wait. If the file system waits for a restart, delete the pod at a convenient time.',
    ),
    VolumesAdoptedAsIs: holds(
      'The volumes were retained from an earlier pool of this name and do not match the spec: their StorageClass, their size, or the genesis differs.',
      'Nothing, or create a pool under another name to apply these fields.',
    ),
    StorageClassNotChecked: holds(
      'A volume is not bound yet, and the operator, which has no rights in the whole cluster, cannot tell whether its StorageClass exists.',
      'Where volumes stay unbound, ask an administrator for the StorageClass in the message.',
    ),
    StorageClassNotFound: fails(
      'The StorageClass of the data volumes or of the genesis volume does not exist.',
      "Create it, or name another: spec.storage.storageClassName on a new pool, or the platform's variable.",
    ),
    DataVolumeTooSmall: fails(
      'spec.storage.size is below the capacity of a volume, which cannot shrink.',
      'Raise spec.storage.size to at least the size in the message.',
    ),
    CheckFailed: unknown(
      'The operator failed before the spec was checked; the message holds the error.',
      'Correct the value in the message, or report the error.',
    ),
    SettingRefused: fails(
      "An override or the entrypoint, stored before the API server refused it, changes what the operator takes for granted: a port, peers, a file, seid's home.",
      'Correct the field of spec.nodeConfiguration in the message as it says.',
    ),
    ExpansionFailed: fails(
      "A volume was asked to grow, and its driver cannot do it; the message holds the sizes and the driver's error.",
      'Set spec.storage.size to a size above the capacity that the driver can give, or correct the cause.',
    ),
    ResizeRefused: fails(
      'The API server refuses that the claim asks for spec.storage.size; the message quotes it. The claim keeps its request, and the operator continues with everything else.',
      'Do what the message says: releases of Kubernetes below 1.32 lower no request, 1.32 and newer lower it to any size above the capacity.',
    ),
    ExpansionNotAllowed: fails(
      'The spec asks for larger volumes, but their StorageClass does not allow expansion.',
      'Set allowVolumeExpansion: true on the StorageClass.',
    ),
  },
  GenesisComplete: {
    Complete: holds('The ceremony is over.'),
    VolumesPending: fails(
      'The genesis volume or a data volume is not there yet.',
      'If it stays so, read the events of the claims: kubectl describe pvc.',
    ),
    OtherNetwork: fails(
      'Volumes retained from an earlier pool of this name belong to another network: another chain id, number of nodes or genesis. Nothing is written to them.',
      'Create the pool with the settings of that network, or under another name: deleting the refused pool does not delete the claims. If the genesis volume of the retained data volumes is missing, bind it. Deleting claims permanently deletes keys, signing state and chain data.',
    ),
    JobRunning: fails('The ceremony runs.', 'Wait; its log is kubectl logs job/POOL-genesis --all-containers.'),
    JobStuck: fails(
      "The ceremony's pod is refused, does not start, or does not end; the message quotes the reason.",
      'Do what the message says. A corrected image and spec.jobs.resources take effect at once; if the pod was refused, the Job retries within a minute.',
    ),
    JobFailed: fails(
      'The ceremony failed; the message holds the reason.',
      'Read kubectl logs job/POOL-genesis --all-containers, correct the cause, then set the annotation sei.io/retry-plan to a new value.',
    ),
  },
  NodesPrepared: {
    Prepared: holds("Every node's volume holds its validator's files."),
    WaitingForGenesis: fails('The ceremony is not over.'),
    JobsRunning: fails('Volumes are being prepared.', 'Wait.'),
    JobFailed: fails(
      'A volume could not be prepared; the message names the node.',
      'Read kubectl logs job/POOL-prep-i, correct the cause, then set the annotation sei.io/retry-plan to a new value.',
    ),
    JobStuck: fails(
      "A Job's pod is refused, does not start, or does not end; the message quotes the reason.",
      'Do what the message says. A corrected image and spec.jobs.resources take effect at once; if the pod was refused, the Job retries within a minute.',
    ),
    VolumeLeaving: fails(
      "A validator's claim is being deleted: its signing state goes with it when its pod stops.",
      'Save data/priv_validator_state.json from the volume, or set the reclaim policy of its PersistentVolume to Retain, before the pod stops.',
    ),
    VolumeLost: fails(
      "The PersistentVolume of a validator's claim is gone, and its signing state with it. The pod keeps the volume mounted.",
      'Save data/priv_validator_state.json from the pod before it stops.',
    ),
    VolumeForeign: fails(
      "Another controller owns a validator's claim. The node keeps using it, and the operator does not change it.",
      'Remove the owner reference of the other controller from the claim.',
    ),
    VolumeReplaced: fails(
      "A validator's claim was replaced or no longer exists: its signing state is lost with it.",
      "Bind the old PersistentVolume to a claim of that name with the pool's labels; if that is impossible, make sure that no pod runs with that validator's key. Then set the annotation sei.io/accept-volume of the pool to the value in the message: a volume that holds the validator's files is used as it is, an empty one gets the ceremony's files.",
    ),
    OtherGenesis: fails(
      'A volume holds the files of another ceremony; the operator does not change it.',
      'Bind a claim of that name to the volume of this network, or create the pool under another name: deleting the pool does not delete claims that it has not adopted. Deleting the claim permanently deletes its keys, signing state and chain data.',
    ),
  },
  NodesReady: {
    AllReady: holds('Every node is Ready.'),
    WaitingForPreparation: fails('The volumes are not prepared.'),
    Creating: fails('Nodes are being created.', 'Wait.'),
    NotReady: fails('Some nodes are not Ready; the message names them.', 'See the conditions of these SeiNodes.'),
  },
  VolumeGrowth: GROWTH_REASONS,
  Reconciling: {
    Stable: fails('The cluster matches the spec.'),
    Rewritten: fails(
      'The cluster matches the spec except for fields that admission changed when the operator applied them: the message names object, field, what was wanted and what was found. The pool runs with what was found, and the operator does not apply it again until what is wanted changes, somebody edits the object, or the operator restarts.',
      'Nothing, if the change is intended. Else correct the mutating admission policy or webhook, and restart the operator.',
    ),
    GenesisRunning: holds('Volumes are made and the ceremony runs.'),
    Preparing: holds('Volumes are being prepared.'),
    CreatingNodes: holds('Nodes are being created.'),
    RollingOut: holds('A change reaches the nodes one at a time; the message names the current one.'),
    Paused: fails('The pool is paused.', 'Set spec.paused to false to resume.'),
    Terminating: holds('The pool is being deleted; the message says what the deletion waits for.'),
    ...notReconciling(STALLED),
  },
  Stalled: {
    NotStalled: fails('Nobody is needed.'),
    ...STALLED,
  },
  Paused: {
    NotPaused: fails('The operator reconciles the pool.'),
    PausedBySpec: holds('spec.paused is true: nothing is changed for the pool.', 'Set spec.paused to false to resume.'),
  },
} as const satisfies Record<string, Record<string, Reason>>
