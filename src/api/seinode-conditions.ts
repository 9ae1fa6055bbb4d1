/** The conditions of a SeiNode with every reason each may have: `NODE_REASONS`. Events use the same reasons. */
import { fails, holds, notReconciling, type Reason, unknown } from './reason.ts'
import { STALLED } from './seinode-stalled.ts'
import { UPGRADE_READY, UPGRADE_REASONS } from './upgrade-conditions.ts'
import { VOLUME_REASONS } from './volume-conditions.ts'

export const NODE_REASONS = {
  Ready: {
    Ready: holds('The node is bootstrapped, its pod is Ready and seid was observed to follow the chain.'),
    NewGeneration: unknown(
      'The operator has not yet observed the result of the changed spec.',
      'Wait some seconds. If this persists, see the conditions Reconciling and Stalled.',
    ),
    WaitingForPod: fails('The pod does not exist or has not started.', 'See the conditions Reconciling and Stalled.'),
    Initializing: fails('The bootstrap runs.', 'Wait; status.initPlan shows the current task.'),
    UpdateFailed: fails(
      'A change of configuration failed; seid keeps running with the old configuration.',
      'Read the error in Stalled, correct the cause, then set the annotation sei.io/retry-plan to a new value.',
    ),
    VolumeReplaced: fails(
      'The bootstrapped volume was replaced or is gone, or a claim was there before the node. A person has to accept the volume.',
      'See the condition Initialized.',
    ),
    PlanFailed: fails(
      'A task of the bootstrap failed.',
      'Read the error in Initialized, correct the cause, then set the annotation sei.io/retry-plan to a new value.',
    ),
    SidecarNotReady: fails(
      'The sidecar does not respond, or seid does not start until the bootstrap is complete.',
      'See the condition SidecarReady.',
    ),
    ...UPGRADE_READY,
    PodNotReady: fails('seid does not run.', 'Read its log: kubectl logs POD -c seid.'),
    CatchingUp: fails(
      'seid is running but does not report that it is in sync: it is behind the chain, still fetches state, or does not respond.',
      'Check in its log whether the height rises. If it does, wait: a node far behind may need days. If it does not, check its peers; if seid hangs, delete the pod.',
    ),
    Stuck: fails(
      'The node has had no new block for 30 s or more, while other nodes of its chain have.',
      'Read its log. If seid hangs, delete the pod; the volume stays. spec.healthPolicy.restartStuckAfter has the operator do so.',
    ),
    RestartsExhausted: fails(
      'The node is Stuck, and the operator restarts it no more: it did not follow the chain after the last restart, or it was restarted three times in 24 h (spec.healthPolicy).',
      'Read its log, and correct the cause. The message says when the operator restarts the node again.',
    ),
    NoPeers: fails(
      'The node stands still and is connected to no peer.',
      'Check spec.peers, and that NetworkPolicies and firewalls let it reach its peers.',
    ),
    ChainHalted: fails(
      'Every node of the chain that answers the operator stands still; the message says since when.',
      'Check that validators with more than two thirds of the voting power run and reach each other.',
    ),
    WrongChain: fails(
      'seid is a node of another chain than spec.chainId.',
      'Correct the spec, or create the node under another name with an empty volume.',
    ),
    NotSigning: fails(
      'The node follows the chain, and its validator misses blocks.',
      'Read its log. Check that no other machine signs with its key, and that the validator is not jailed.',
    ),
    NoAnswer: unknown(
      'seid runs and does not answer the operator; the message holds the error.',
      'Check that seid responds, and that NetworkPolicies let the operator reach its port 26657.',
    ),
    KeyNotUsable: fails(
      "The validator's key cannot be used, so seid is not started.",
      'See the conditions Reconciling and Stalled.',
    ),
    SigningStateMissing: fails(
      'The volume has no record of what the key has signed, so seid is not started.',
      'See the conditions Reconciling and Stalled.',
    ),
    KeyInUse: fails(
      'Another SeiNode has the reservation of the consensus key, so seid is not started.',
      'See the conditions Reconciling and Stalled.',
    ),
    MachineLost: fails(
      'The pod was deleted, and seid may still run on its machine.',
      'See the conditions Reconciling and Stalled. Power the machine off first.',
    ),
    Halted: fails(
      'The chain on the volume is at spec.haltHeight or beyond, so seid is not started. The message has the height.',
      'To continue, raise or remove spec.haltHeight.',
    ),
    SpecInvalid: fails('The spec is invalid.', 'See the condition SpecValid.'),
    Paused: unknown('The node is paused, so its readiness is not evaluated.', 'Set spec.paused to false to resume.'),
    Terminating: fails('The node is being deleted.'),
  },
  SpecValid: {
    Valid: holds('The spec is valid.'),
    NotChecked: unknown('The node is paused or being deleted, and its spec was not checked.'),
    LocationIgnored: holds(
      "The sidecar's version reads the snapshot or the genesis from a location other than the one in the spec; the message names it.",
      'Move the files there, or set spec.sidecar.image to a version that reads the place (up to v0.0.25).',
    ),
    TargetHeightUnknown: holds(
      'The sidecar does not say whether it restored the snapshot at targetHeight; versions before v0.0.27 take the newest.',
      'Compare the height at which seid began with targetHeight, or make the node again with a sidecar of v0.0.31 or newer.',
    ),
    SnapshotNotUsed: holds(
      'The snapshot in the spec was changed after the bootstrap, the only step that reads it, or after its task was sent.',
      'Nothing, or create a node under another name to start from the other snapshot; this one keeps its volume and its keys.',
    ),
    VolumeAdoptedAsIs: holds(
      'The volume was retained from an earlier node of this name and does not match the spec: its StorageClass, its size, or the source of its state differs.',
      'Nothing, or create a SeiNode under another name to apply these fields.',
    ),
    ExpansionPending: holds(
      'The volume is being resized; the message says what the resize waits for.',
      'Wait. If the file system waits for a restart, delete the pod at a convenient time.',
    ),
    HaltUnchecked: holds(
      'seid of the image has no command that tells the height of its volume. It ends at spec.haltHeight, and nothing keeps it from starting again: each start commits one more block.',
      'After the halt, scale the node down by deleting the SeiNode with storage.retainOnDelete, or use an image whose seid has tendermint reindex-event.',
    ),
    StorageClassNotChecked: holds(
      'The volume is not bound yet, and the operator, which has no rights in the whole cluster, cannot tell whether its StorageClass exists.',
      'Where the volume stays unbound, ask an administrator for the StorageClass in the message.',
    ),
    DataVolumeNotFound: fails(
      'The PersistentVolumeClaim of genesis.pvc.dataPVC does not exist.',
      "Create the claim in the node's namespace, bound to the volume that was prepared; an empty one is never started on.",
    ),
    DataVolumeInUse: fails(
      'Another SeiNode uses the PersistentVolumeClaim.',
      'Create the refused node with another claim; deleting the node does not delete the claim.',
    ),
    DataVolumeTerminating: fails(
      'The PersistentVolumeClaim of genesis.pvc.dataPVC is being deleted, and no pod of the node uses it.',
      'Wait until it no longer exists, or find the pod that uses it.',
    ),
    DataVolumeTooSmall: fails(
      'spec.storage.size is below the capacity of the volume, which cannot shrink.',
      'Raise spec.storage.size to at least the size in the message.',
    ),
    ExpansionFailed: fails(
      "The volume was asked to grow, and its driver cannot do it; the message holds the sizes and the driver's error.",
      'Set spec.storage.size to a size above the capacity that the driver can give, or correct the cause.',
    ),
    ResizeRefused: fails(
      'The API server refuses that the claim asks for spec.storage.size; the message quotes it. The claim keeps its request, and the operator continues with everything else.',
      'Do what the message says: releases of Kubernetes below 1.32 lower no request, 1.32 and newer lower it to any size above the capacity.',
    ),
    VolumeOfOtherChain: fails(
      'The volume retained from an earlier node of this name holds the state of another chain.',
      'Create the node under another name; deleting the refused node does not delete the claim. Deleting the claim permanently deletes its state and keys.',
    ),
    VolumeOfOtherMode: fails(
      'The volume retained from an earlier node of this name holds the state of a node of another mode, or of a replayer, which does not check its state against the chain.',
      'Create the node under another name; deleting the refused node does not delete the claim. Deleting the claim permanently deletes its state and keys.',
    ),
    StorageClassNotFound: fails(
      'The StorageClass does not exist.',
      "Create it, or name another: spec.storage.storageClassName on a new node, or the platform's variable.",
    ),
    SettingRefused: fails(
      "An override or the entrypoint, stored before the API server refused it, changes what the operator takes for granted: a port, peers, a file, seid's home.",
      'Correct the field in the message as it says.',
    ),
    CheckFailed: unknown(
      'The operator failed to check the spec; the message holds the error.',
      'Correct the value in the message, or report the error.',
    ),
    ExpansionNotAllowed: fails(
      'The spec asks for a larger volume, but its StorageClass does not allow expansion.',
      'Set allowVolumeExpansion: true on the StorageClass.',
    ),
  },
  ...VOLUME_REASONS,
  Initialized: {
    PlanComplete: holds('Every task of the bootstrap is complete.'),
    PlanPending: fails(
      'The bootstrap has not started: the volume or the pod does not exist yet.',
      'See the conditions Reconciling and Stalled.',
    ),
    PlanActive: fails('The bootstrap runs.', 'Wait; status.initPlan shows the current task.'),
    PeersUnresolved: fails(
      'The bootstrap waits for its peers, which cannot be looked up at the moment; the message gives the reason.',
      'Wait; the operator retries at least every 30 s.',
    ),
    VolumeReplaced: fails(
      "The claim that the node was bootstrapped on is gone or was replaced, or a claim that may not be the node's own was there before it. A validator's signing state is lost with it, and what a person restored is not overwritten: nothing is sent to the sidecar until a person consents.",
      "Let a claim of that name be bound to the old PersistentVolume; if that is impossible, make sure that no pod runs with the validator's key. Then set the annotation sei.io/accept-volume to the value in the message: the uid of the claim that is to be used, or lost: and the uid of the one that is given up.",
    ),
    TaskFailed: fails(
      "A task failed; the message holds the sidecar's error.",
      'Correct the cause, then set the annotation sei.io/retry-plan to a new value: the plan continues at the failed task.',
    ),
  },
  SidecarReady: {
    Ready: holds('The sidecar responds and seid may start.'),
    WaitingForPod: fails('The pod has no address yet.', 'See the conditions Reconciling and Stalled.'),
    Starting: fails(
      "The sidecar's container has not started.",
      'Wait, or read its log: kubectl logs POD -c sei-sidecar.',
    ),
    AwaitingMarkReady: fails('The sidecar responds; seid does not start until the bootstrap is complete.'),
    Busy: fails('The sidecar runs another task and accepts no new one.', 'Wait; the task is submitted again.'),
    Unreachable: fails(
      'The sidecar does not answer; the message holds the error.',
      'Read its log, and check that NetworkPolicies let the operator reach the port of the sidecar.',
    ),
    CrashLooping: fails('The sidecar is in a crash loop.', 'Read its log: kubectl logs POD -c sei-sidecar --previous.'),
    NotChecked: unknown('The node is paused or being deleted, and its sidecar was not checked.'),
  },
  Reconciling: {
    Stable: fails('The cluster matches the spec.'),
    Halted: fails('The cluster matches the spec: the node is halted at spec.haltHeight.'),
    Rewritten: fails(
      'The cluster matches the spec except for fields that admission changed when the operator applied them: the message names object, field, what was wanted and what was found. The node runs with what was found, and the operator does not apply it again until what is wanted changes, somebody edits the object, or the operator restarts.',
      'Nothing, if the change is intended. Else correct the mutating admission policy or webhook, and restart the operator.',
    ),
    Creating: holds("The node's objects are being made."),
    Bootstrapping: holds('The sidecar prepares the volume.', 'Wait; status.initPlan shows the current task.'),
    AwaitingCapacity: holds(
      'The pod does not fit on any cluster node at the moment; a new one may come. The message is that of the scheduler.',
      'Wait. After five minutes the node is Stalled with the reason Unschedulable.',
    ),
    PodStarting: holds('The pod is scheduled and its containers start.'),
    RollingOut: holds('The pod is being replaced to match the new spec.'),
    AwaitingTurn: holds(
      "The operator's version or its settings change the pod, and the nodes of a pool, or of a chain, restart in turn.",
      'Wait. If the message names a node at which the rollout is halted, fix or pause that node. While a pool is paused, its rollout does not continue.',
    ),
    UpdatingConfig: holds('A change of configuration is being applied (status.updatePlan).'),
    PodReplaced: holds(
      'A pod that cannot recover, that mounts an earlier claim, or whose restore was interrupted is deleted and recreated.',
    ),
    Paused: fails('The node is paused.', 'Set spec.paused to false to resume.'),
    Terminating: holds('The node is being deleted; the message says what the deletion waits for.'),
    ...notReconciling(STALLED),
  },
  Stalled: {
    NotStalled: fails('Nobody is needed.'),
    ...STALLED,
  },
  ...UPGRADE_REASONS,
  RuntimeTasksHealthy: {
    NotConfigured: holds('The spec asks for no recurring task.'),
    Waiting: holds('No run of a recurring task has ended yet.'),
    ResultUnknown: unknown(
      'Snapshots are uploaded by a loop in the sidecar, whose release does not say whether uploads succeed.',
      "Read the sidecar's log, or set spec.sidecar.image to v0.0.66 or newer, which reports the result of each upload.",
    ),
    Healthy: holds('The last run of every recurring task succeeded.'),
    ScheduleRefused: fails(
      'A schedule, stored before the API server refused it, is no cron expression or never comes due: its task never runs.',
      'Correct the schedule in the message.',
    ),
    Failing: fails(
      'The last run of a recurring task failed; the message holds the error.',
      'Correct the cause: most often the bucket, its region or the permissions. The next slot runs it again.',
    ),
  },
  Paused: {
    NotPaused: fails('The operator reconciles the node.'),
    PausedBySpec: holds('spec.paused is true: nothing is changed for the node.', 'Set spec.paused to false to resume.'),
  },
} as const satisfies Record<string, Record<string, Reason>>
