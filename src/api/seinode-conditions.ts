/** The conditions of a SeiNode with every reason each may have: `NODE_REASONS`. Events use the same reasons. */
import { fails, holds, type Reason, unknown } from './reason.ts'

export const NODE_REASONS = {
  Ready: {
    Ready: holds('The node is bootstrapped, its pod is Ready and seid answers.'),
    NewGeneration: unknown(
      'The spec changed, and what follows from it has not been seen yet.',
      'Wait some seconds; if it stays so, see the condition Progressing.',
    ),
    WaitingForPod: fails('The pod does not exist or has not started.', 'See the condition Progressing.'),
    Initializing: fails('The bootstrap runs.', 'Wait; status.initPlan shows the current task.'),
    UpdateFailed: fails(
      'A change of configuration failed; seid runs on with the old one.',
      'Read the error in Progressing, correct the cause, then set the annotation sei.io/retry-plan to a new value.',
    ),
    VolumeReplaced: fails(
      'The bootstrapped volume was replaced or is gone, or a claim was there before the node. A person has to consent.',
      'See the condition Initialized.',
    ),
    PlanFailed: fails(
      'A task of the bootstrap failed.',
      'Read the error in Initialized, correct the cause, then set the annotation sei.io/retry-plan to a new value.',
    ),
    SidecarNotReady: fails('The sidecar does not answer or holds seid back.', 'See the condition SidecarReady.'),
    PodNotReady: fails('seid does not run.', 'Read its log: kubectl logs POD -c seid.'),
    CatchingUp: fails(
      'seid runs, and does not report that it keeps up: it is behind the chain, still fetches a state, or does not answer.',
      'See in its log whether the height rises. If it does, wait; a node far behind may need days. If not, look at its peers, and delete the pod where seid hangs.',
    ),
    KeyNotUsable: fails(
      "The validator's key cannot be used, so seid is not started.",
      'See the condition Progressing.',
    ),
    SigningStateMissing: fails(
      'The volume has no record of what the key has signed, so seid is not started.',
      'See the condition Progressing.',
    ),
    KeyInUse: fails(
      'Another SeiNode has the reservation of the consensus key, so seid is not started.',
      'See the condition Progressing.',
    ),
    MachineLost: fails(
      'The pod was deleted, and seid may still run on its machine.',
      'See the condition Progressing. Power the machine off first.',
    ),
    SpecInvalid: fails('The spec cannot be carried out.', 'See the condition SpecValid.'),
    Paused: unknown('The node is paused, so what it does is not judged.', 'Set spec.paused to false to go on.'),
    Terminating: fails('The node is being deleted.'),
  },
  SpecValid: {
    Valid: holds('The spec can be carried out.'),
    NotChecked: unknown('The node is paused or being deleted, and its spec was not looked at.'),
    LocationIgnored: holds(
      "The sidecar's version reads the snapshot or the genesis from another place than the spec names; the message says from where.",
      'Move the files there, or set spec.sidecar.image to a version that reads the place (up to v0.0.25).',
    ),
    TargetHeightUnknown: holds(
      'The sidecar does not say whether it restored the snapshot at targetHeight; versions before v0.0.27 take the newest.',
      'Compare the height at which seid began with targetHeight, or make the node again with a sidecar of v0.0.31 or newer.',
    ),
    SnapshotNotUsed: holds(
      'The snapshot in the spec was changed after the bootstrap, which alone reads it, or after its task had been sent.',
      'Nothing, or create a node under another name to start from the other snapshot; this one keeps its volume and its keys.',
    ),
    VolumeAdoptedAsIs: holds(
      'The volume was kept from an earlier node of this name, and cannot give all that the spec asks for: its StorageClass, its size, or what its state came from are others.',
      'Nothing, or create a SeiNode under another name to have what the spec asks for.',
    ),
    ExpansionPending: holds(
      'The volume is about to be resized; the message says what is waited for.',
      'Wait. Where the file system waits for a restart, delete the pod when it suits.',
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
      'Create the node that is refused with another claim; deleting it leaves the claim as it is.',
    ),
    DataVolumeTerminating: fails(
      'The PersistentVolumeClaim of genesis.pvc.dataPVC is being deleted, and no pod of the node uses it.',
      'Wait until it is gone, or find out which pod keeps it.',
    ),
    DataVolumeTooSmall: fails(
      'spec.storage.size is below the capacity of the volume, which cannot shrink.',
      'Raise spec.storage.size to at least the size in the message.',
    ),
    ExpansionFailed: fails(
      "The volume was asked to grow, and its driver cannot do it; the message holds the sizes and the driver's words.",
      'Set spec.storage.size to a size above the capacity that the driver can give, or correct the cause.',
    ),
    ResizeRefused: fails(
      'The API server refuses that the claim asks for spec.storage.size; the message holds its words. The claim keeps its request, and all else goes on.',
      'Do what the message says: releases of Kubernetes below 1.32 lower no request, 1.32 and newer lower it to any size above the capacity.',
    ),
    VolumeOfOtherChain: fails(
      'The volume that an earlier node of this name left behind holds the state of another chain.',
      'Create the node under another name; deleting the refused one leaves the claim as it is. Deleting the claim deletes its state and keys for good.',
    ),
    VolumeOfOtherMode: fails(
      'The volume that an earlier node of this name left behind holds the state of a node of another mode, or of a replayer, which does not check its state against the chain.',
      'Create the node under another name; deleting the refused one leaves the claim as it is. Deleting the claim deletes its state and keys for good.',
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
      'The volume shall grow, and its StorageClass does not allow it.',
      'Set allowVolumeExpansion: true on the StorageClass.',
    ),
  },
  VolumeHealthy: {
    Healthy: holds("The node's PersistentVolumeClaim is bound, and is there to stay."),
    NoVolume: fails('The node has no volume that it may use.', 'See the condition Progressing.'),
    VolumePending: fails(
      'No volume was provisioned for the claim yet.',
      'Wait; if it stays so, read the events of the claim: kubectl describe pvc.',
    ),
    VolumeLeaving: fails(
      'The claim is being deleted, and goes for good when the pod that uses it stops. Until then the node is looked after as before, and the operator does not replace its pod.',
      'Set the reclaim policy of the PersistentVolume in the message to Retain while the pod runs, and save what a validator signed. [Troubleshooting](../troubleshooting.md#a-claim-that-is-being-deleted-under-a-running-node) has the way back.',
    ),
    VolumeLost: fails(
      "The claim's PersistentVolume is gone. The pod goes on with what it has mounted; no other pod can mount it.",
      'Save what the node needs while its pod runs, then give it a volume that is there.',
    ),
    VolumeForeign: fails(
      'Another controller owns the claim. The node goes on with it, and the operator does not change it.',
      'Take the owner reference of the other off the claim.',
    ),
    ModifyFailed: fails(
      'The driver refuses a change of the attributes of the volume; the message holds its words.',
      'Correct spec.volumeAttributesClassName of the claim.',
    ),
    NotMounted: unknown('The claim is mounted when the pod starts.'),
    NotChecked: unknown('The node is paused, and its volume is not known.'),
  },
  Initialized: {
    PlanComplete: holds('Every task of the bootstrap is complete.'),
    PlanPending: fails('The bootstrap has not begun: volume or pod are missing yet.', 'See the condition Progressing.'),
    PlanActive: fails('The bootstrap runs.', 'Wait; status.initPlan shows the current task.'),
    PeersUnresolved: fails(
      'The bootstrap waits for its peers, which cannot be looked up just now; the message says why.',
      'Wait; they are looked up again every half minute at least.',
    ),
    VolumeReplaced: fails(
      "The claim that the node was bootstrapped on is gone or was replaced, or a claim that may not be the node's own was there before it. A validator's signing state is lost with it, and what a person restored is not overwritten: nothing is sent to the sidecar until a person consents.",
      "Let a claim of that name be bound to the old PersistentVolume; where that cannot be, see that no pod runs with the validator's key. Then set the annotation sei.io/accept-volume to the value in the message: the uid of the claim that is to be used, or lost: and the uid of the one that is given up.",
    ),
    TaskFailed: fails(
      "A task failed; the message holds the sidecar's error.",
      'Correct the cause, then set the annotation sei.io/retry-plan to a new value: the plan goes on at the failed task.',
    ),
  },
  SidecarReady: {
    Ready: holds('The sidecar answers and has let seid start.'),
    WaitingForPod: fails('The pod has no address yet.', 'See the condition Progressing.'),
    Starting: fails(
      "The sidecar's container has not started.",
      'Wait, or read its log: kubectl logs POD -c sei-sidecar.',
    ),
    AwaitingMarkReady: fails('The sidecar answers, and holds seid back until the bootstrap is complete.'),
    Busy: fails('The sidecar runs another task and takes none.', 'Wait; the task is submitted again.'),
    Unreachable: fails(
      'The sidecar does not answer; the message holds the error.',
      'Read its log, and check that NetworkPolicies let the operator reach the port of the sidecar.',
    ),
    CrashLooping: fails(
      'The sidecar stops again and again.',
      'Read its log: kubectl logs POD -c sei-sidecar --previous.',
    ),
    NotChecked: unknown('The node is paused or being deleted, and its sidecar was not asked.'),
  },
  Progressing: {
    Stable: fails('The cluster is as the spec says.'),
    Rewritten: fails(
      'The cluster is as the spec says, but for fields that admission changed when the operator applied them: the message names object, field, what was wanted and what was found. The node runs with what was found, and the operator does not apply it again until what is wanted changes, somebody edits the object, or the operator restarts.',
      'Nothing, if the change is intended. Else correct the mutating admission policy or webhook, and restart the operator.',
    ),
    Creating: holds("The node's objects are being made."),
    Bootstrapping: holds('The sidecar prepares the volume.', 'Wait; status.initPlan shows the current task.'),
    PeersUnresolved: fails(
      'The operator cannot look up the peers in EC2 just now; the message says why. They are looked up again.',
      'Wait; if it stays so, check that the operator can reach EC2 in the region.',
    ),
    BootstrapFailed: fails(
      'The bootstrap failed.',
      'Read the error in Initialized, correct the cause, then set the annotation sei.io/retry-plan to a new value.',
    ),
    SpecInvalid: fails('The spec cannot be carried out.', 'See the condition SpecValid.'),
    VolumeReplaced: fails(
      'Another volume stands where the bootstrapped one was, or none, and a person has to consent to it.',
      'See the condition Initialized.',
    ),
    PodStarting: holds('The pod is scheduled and its containers start.'),
    RollingOut: holds('The pod is being replaced by one of the new spec.'),
    RestartHeld: fails(
      'The pod should be replaced, and its volume would not outlive that: the claim is being deleted, or its PersistentVolume is gone.',
      'See the condition VolumeHealthy.',
    ),
    AwaitingTurn: holds(
      "The operator's version or its settings change the pod, and the nodes of a pool, or of a chain, restart one after the other.",
      'Wait. Where the message names a node at which the rollout stands, mend or pause that node. A paused pool gives no turns.',
    ),
    UpdatingConfig: holds('A change of configuration is on its way to the node (status.updatePlan).'),
    UpdateFailed: fails(
      'A change of configuration failed; the message holds the error. The node runs on with the old one.',
      'Correct the cause, then set the annotation sei.io/retry-plan to a new value.',
    ),
    ForeignObject: fails(
      'An object of the name that the node needs belongs to something else, and is left alone.',
      'Create the node under another name, or delete the object in the message where nothing needs it. With a claim goes its data.',
    ),
    ApplyRefused: fails(
      'A request that the node needs fails: the API server or an admission webhook refuses it, or has not answered for 10 s or more. The message holds the request and the answer. It is repeated at most 30 s apart.',
      'Correct the cause: a quota, an admission webhook that refuses or is down, a missing permission, CRDs older than the operator ("unknown field", "field not declared in schema").',
    ),
    DeleteRefused: fails(
      'The node is being deleted, and a request that its deletion needs fails; the message holds the request and the answer. It is repeated at most 30 s apart.',
      'Correct the cause: an admission policy or webhook that refuses, a missing permission. Where the answer names a field of the SeiNode itself, correct that field.',
    ),
    OperatorError: fails(
      'The operator failed in a step; the message names it and holds the error. All else goes on, and it tries again.',
      'Correct the value in the message, or report the error.',
    ),
    PodRefused: fails(
      'The StatefulSet cannot create the pod; the message holds the answer.',
      'Correct the cause: a missing ServiceAccount, a quota, an admission webhook.',
    ),
    Unschedulable: fails(
      'No cluster node takes the pod; the message is that of the scheduler.',
      'Give the Karpenter NodePool room, or lower spec.resources.',
    ),
    PodStuck: fails(
      'The pod has got no further for three minutes: it does not start, or does not end. The message has since when, and the last warning event of the pod.',
      'Mend what the warning names: a volume that cannot be attached or mounted, a sandbox that cannot be made, a kubelet that does not run.',
    ),
    ImagePullFailed: fails(
      'An image cannot be pulled; the message names it.',
      'Correct spec.image or spec.sidecar.image, or the access to the registry.',
    ),
    ContainerConfigError: fails(
      'A container cannot be created; the message says why.',
      'Correct spec.entrypoint or spec.image.',
    ),
    InitFailed: fails('seid init fails on the empty volume.', 'Read its log: kubectl logs POD -c seid-init.'),
    CrashLooping: fails('seid stops again and again.', 'Read its log: kubectl logs POD -c seid --previous.'),
    KeyNotUsable: fails(
      "The validator's key cannot be used: a Secret is missing or malformed, the volume has another key or has lost its own, or a signing state cannot be read. The message says which.",
      'Correct the Secret, or name the right one; the pod tries again by itself. Replace a signing state only by that of the last place where the key signed, never by an older backup.',
    ),
    SigningStateMissing: fails(
      'The key comes from a Secret, and the volume has no record of what it has signed: seid would sign from height 0.',
      'Put the latest priv_validator_state.json of the key into the Secret and delete the pod. For a key that has never signed, set the annotation sei.io/accept-volume to the value in the message: unsigned: and the UID of the claim.',
    ),
    KeyInUse: fails(
      'Another SeiNode has the reservation of the consensus key. The message names it, the Lease and what to do.',
      'Delete the node that is not to sign. Where its machine is lost, power the machine off first.',
    ),
    KeyConflict: fails(
      'Two running nodes have one consensus key. The one without the reservation is scaled to 0.',
      'Delete the node without the reservation, with its volume. Keep the other: its data/priv_validator_state.json must survive.',
    ),
    ReservationFailed: fails(
      "The consensus key cannot be reserved; the message holds the API server's answer.",
      "Check that the operator's namespace exists, and that the operator may write Leases in it.",
    ),
    MachineLost: fails(
      'The pod was deleted, and its kubelet has not reported that seid ended: seid may still run, so no other pod is started.',
      'Power the machine in the message off first. Then confirm with the command in the message.',
    ),
    PodReplaced: holds(
      'A pod that cannot go on by itself, that mounts an earlier claim, or whose restore was interrupted is deleted and made again.',
    ),
    Paused: fails('The node is paused.', 'Set spec.paused to false to go on.'),
    Terminating: holds('The node is being deleted; the message says what is waited for.'),
  },
  RuntimeTasksHealthy: {
    NotConfigured: holds('The spec asks for no recurring task.'),
    Waiting: holds('No run of a recurring task has ended yet.'),
    ResultUnknown: unknown(
      'Snapshots are uploaded by a loop in the sidecar, whose release does not say whether uploads succeed.',
      "Read the sidecar's log, or set spec.sidecar.image to v0.0.66 or newer, whose uploads end and tell their result.",
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
    NotPaused: fails('The operator looks after the node.'),
    PausedBySpec: holds('spec.paused is true: nothing is changed for the node.', 'Set spec.paused to false to go on.'),
  },
} as const satisfies Record<string, Record<string, Reason>>
