/** The conditions of a SeiNodePool with every reason each may have: `POOL_REASONS`. */
import { fails, holds, type Reason, unknown } from './reason.ts'

export const POOL_REASONS = {
  Ready: {
    Ready: holds('Every node is Ready, and the network was seen to make blocks.'),
    NewGeneration: unknown(
      'A change is on its way to the nodes, or has not been seen yet.',
      'Wait; the condition Progressing says how far it is, and whether something is in the way.',
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
    NodesNotReady: fails('Some nodes are not Ready.', 'See status.nodes, and the conditions of these SeiNodes.'),
    SpecInvalid: fails('The spec cannot be carried out.', 'See the condition SpecValid.'),
    Paused: unknown('The pool is paused, so what it does is not judged.', 'Set spec.paused to false to go on.'),
    Terminating: fails('The pool is being deleted.'),
  },
  SpecValid: {
    Valid: holds('The spec can be carried out.'),
    NotChecked: unknown('The pool is paused or being deleted, and its spec was not looked at.'),
    ExpansionPending: holds(
      'A volume is about to be resized; the message says what is waited for.',
      'Wait. Where the file system waits for a restart, delete the pod when it suits.',
    ),
    VolumesAdoptedAsIs: holds(
      'The volumes were kept from an earlier pool of this name, and cannot give all that the spec asks for: their StorageClass, their size, or the genesis are others.',
      'Nothing, or create a pool under another name to have what the spec asks for.',
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
      "A volume was asked to grow, and its driver cannot do it; the message holds the sizes and the driver's words.",
      'Set spec.storage.size to a size above the capacity that the driver can give, or correct the cause.',
    ),
    ResizeRefused: fails(
      'The API server refuses that the claim asks for spec.storage.size; the message holds its words. The claim keeps its request, and all else goes on.',
      'Do what the message says: releases of Kubernetes below 1.32 lower no request, 1.32 and newer lower it to any size above the capacity.',
    ),
    ExpansionNotAllowed: fails(
      'The volumes shall grow, and their StorageClass does not allow it.',
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
      'Volumes that were kept from an earlier pool of this name are of another network: another chain id, number of nodes or genesis. Nothing is written to them.',
      'Create the pool as that network was, or under another name: deleting the refused one leaves the claims as they are. Where the genesis volume of kept data volumes is missing, bind it again. Deleting claims deletes keys, signing state and chain data for good.',
    ),
    JobRunning: fails('The ceremony runs.', 'Wait; its log is kubectl logs job/POOL-genesis --all-containers.'),
    JobStuck: fails(
      "The ceremony's pod is refused, does not start, or does not end; the message quotes the reason.",
      'Do what the message says. A corrected image and spec.jobs.resources take effect at once; what refused the pod is tried again by the Job within a minute.',
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
      'Do what the message says. A corrected image and spec.jobs.resources take effect at once; what refused the pod is tried again by the Job within a minute.',
    ),
    VolumeLeaving: fails(
      "A validator's claim is being deleted: its signing state goes with it when its pod stops.",
      'Save data/priv_validator_state.json from the volume, or set the reclaim policy of its PersistentVolume to Retain, before the pod stops.',
    ),
    VolumeLost: fails(
      "The PersistentVolume of a validator's claim is gone, and its signing state with it. The pod goes on with what it has mounted.",
      'Save data/priv_validator_state.json from the pod before it stops.',
    ),
    VolumeForeign: fails(
      "Another controller owns a validator's claim. The node goes on with it, and the operator does not change it.",
      'Take the owner reference of the other off the claim.',
    ),
    VolumeReplaced: fails(
      "A validator's claim is gone, or another stands in its place: its signing state is lost with it.",
      "Bind the old PersistentVolume to a claim of that name with the pool's labels; where that cannot be, see that no pod runs with that validator's key. Then set the annotation sei.io/accept-volume of the pool to the value in the message: a volume that holds the validator's files is used as it is, an empty one gets the ceremony's files.",
    ),
    OtherGenesis: fails(
      'A volume holds the files of another ceremony, and is left alone.',
      'Bind a claim of that name to the volume of this network, or create the pool under another name: deleting the pool leaves what it has not adopted. Deleting the claim deletes its keys, signing state and chain data for good.',
    ),
  },
  NodesReady: {
    AllReady: holds('Every node is Ready.'),
    WaitingForPreparation: fails('The volumes are not prepared.'),
    Creating: fails('Nodes are being created.', 'Wait.'),
    NotReady: fails('Some nodes are not Ready; the message names them.', 'See the conditions of these SeiNodes.'),
  },
  Progressing: {
    Stable: fails('The cluster is as the spec says.'),
    Rewritten: fails(
      'The cluster is as the spec says, but for fields that admission changed when the operator applied them: the message names object, field, what was wanted and what was found. The pool runs with what was found, and the operator does not apply it again until what is wanted changes, somebody edits the object, or the operator restarts.',
      'Nothing, if the change is intended. Else correct the mutating admission policy or webhook, and restart the operator.',
    ),
    SpecInvalid: fails('The spec cannot be carried out.', 'See the condition SpecValid.'),
    GenesisRunning: holds('Volumes are made and the ceremony runs.'),
    Preparing: holds('Volumes are being prepared.'),
    CreatingNodes: holds('Nodes are being created.'),
    RollingOut: holds('A change reaches the nodes one at a time; the message names the current one.'),
    RolloutHalted: fails(
      'A change was given to one node, which did not become Ready: the others keep the old state.',
      "See the conditions of the SeiNode in the message. Correct spec.nodeConfiguration, or go back to the operator's earlier version and settings: the message says which of them it was.",
    ),
    OtherNetwork: fails(
      'Volumes that were kept from an earlier pool of this name are of another network.',
      'See the condition GenesisComplete.',
    ),
    VolumeLeaving: fails("A validator's claim is being deleted.", 'See the condition NodesPrepared.'),
    VolumeLost: fails("The PersistentVolume of a validator's claim is gone.", 'See the condition NodesPrepared.'),
    OtherGenesis: fails('A volume holds the files of another ceremony.', 'See the condition NodesPrepared.'),
    VolumeReplaced: fails(
      "A validator's claim is gone, or another stands in its place, and a person has to consent to it.",
      'See the condition NodesPrepared.',
    ),
    JobFailed: fails('A Job of the pool failed.', 'See the conditions GenesisComplete and NodesPrepared.'),
    JobStuck: fails(
      "The pod of one of the pool's Jobs is refused, does not start, or does not end.",
      'See the conditions GenesisComplete and NodesPrepared.',
    ),
    ForeignObject: fails(
      'An object of the name that the pool needs belongs to something else, and is left alone.',
      'Create the pool under another name, or delete the object in the message where nothing needs it. With a claim goes its data.',
    ),
    OperatorError: fails(
      'The operator failed while it looked after the pool; the message holds the error. The nodes go on, and it tries again.',
      'Correct the value in the message, or report the error.',
    ),
    PeersUnknown: fails(
      'A node of an earlier operator is gone, and nothing tells whom it has to know.',
      'Set spec.nodeConfiguration.overrides["network.p2p.persistent_peers"] to the addresses of the others.',
    ),
    ApplyRefused: fails(
      'A request that the pool needs fails: the API server or an admission webhook refuses it, or has not answered for 10 s or more. The message holds the request and the answer. It is repeated at most 30 s apart.',
      'Correct the cause: a quota, an admission webhook that refuses or is down, a missing permission, CRDs older than the operator ("unknown field", "field not declared in schema").',
    ),
    DeleteRefused: fails(
      'The pool is being deleted, and a request that its deletion needs fails; the message holds the request and the answer. It is repeated at most 30 s apart.',
      'Correct the cause: an admission policy or webhook that refuses, a missing permission. Where the answer names a field of the SeiNodePool itself, correct that field.',
    ),
    Paused: fails('The pool is paused.', 'Set spec.paused to false to go on.'),
    Terminating: holds('The pool is being deleted; the message says what is waited for.'),
    DeletionStalled: fails(
      'The pool is being deleted, and a SeiNode or Job of it has not gone for five minutes. The rest is deleted meanwhile, except for volumes that its pods may write to or that spec.storage.retainOnDelete keeps and, while a SeiNode is left, the NetworkPolicy.',
      'Do what the message says: most often the machine of a pod is lost, and a person has to confirm that it is gone.',
    ),
  },
  Paused: {
    NotPaused: fails('The operator looks after the pool.'),
    PausedBySpec: holds('spec.paused is true: nothing is changed for the pool.', 'Set spec.paused to false to go on.'),
  },
} as const satisfies Record<string, Record<string, Reason>>
