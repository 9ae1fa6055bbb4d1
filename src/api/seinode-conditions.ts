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
    SnapshotNotUsed: holds(
      'The snapshot in the spec was changed after the bootstrap, which alone reads it.',
      'Nothing, or delete the node and its volume and create it again to start from the other snapshot.',
    ),
    StorageClassNotChecked: holds(
      'The volume is not bound yet, and the operator, which has no rights in the whole cluster, cannot tell whether its StorageClass exists.',
      'Where the volume stays unbound, ask an administrator for the StorageClass in the message.',
    ),
    DataVolumeNotFound: fails(
      'The PersistentVolumeClaim of genesis.pvc.dataPVC does not exist.',
      "Create the claim in the node's namespace, or create the node with another genesis.",
    ),
    DataVolumeInUse: fails(
      'Another SeiNode uses the PersistentVolumeClaim.',
      'Name another claim in genesis.pvc.dataPVC, or delete one of the nodes.',
    ),
    DataVolumeTerminating: fails(
      'The PersistentVolumeClaim is being deleted.',
      'Wait until it is gone, or find out which pod keeps it.',
    ),
    DataVolumeTooSmall: fails(
      'spec.storage.size is below the size of the volume, which cannot shrink.',
      'Raise spec.storage.size to at least the size in the message.',
    ),
    VolumeOfOtherChain: fails(
      'The volume that an earlier node of this name left behind holds the state of another chain.',
      'Create the node under another name, or delete the claim in the message if its data is not needed.',
    ),
    VolumeOfOtherMode: fails(
      'The volume that an earlier node of this name left behind holds the state of a node of another mode.',
      'Create the node under another name, or delete the claim in the message if its data is not needed.',
    ),
    StorageClassNotFound: fails(
      'The StorageClass does not exist.',
      "Create it, or name another: spec.storage.storageClassName on a new node, or the platform's variable.",
    ),
    ExpansionNotAllowed: fails(
      'The volume shall grow, and its StorageClass does not allow it.',
      'Set allowVolumeExpansion: true on the StorageClass.',
    ),
  },
  Initialized: {
    PlanComplete: holds('Every task of the bootstrap is complete.'),
    PlanPending: fails('The bootstrap has not begun: volume or pod are missing yet.', 'See the condition Progressing.'),
    PlanActive: fails('The bootstrap runs.', 'Wait; status.initPlan shows the current task.'),
    PeersUnresolved: fails(
      'The bootstrap waits for its peers, which cannot be looked up just now; the message says why.',
      'Wait; they are looked up again every half minute at least.',
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
    PodStarting: holds('The pod is scheduled and its containers start.'),
    RollingOut: holds('The pod is being replaced by one of the new spec.'),
    AwaitingTurn: holds(
      "The operator's version or its settings make another pod of the node, and its pool has the nodes restarted one after the other.",
      'Wait; the condition Progressing of the SeiNodePool says which node it waits for. A paused pool lets none have its turn.',
    ),
    UpdatingConfig: holds('A change of configuration is on its way to the node (status.updatePlan).'),
    UpdateFailed: fails(
      'A change of configuration failed; the message holds the error. The node runs on with the old one.',
      'Correct the cause, then set the annotation sei.io/retry-plan to a new value.',
    ),
    ForeignObject: fails(
      'An object of the name that the node needs belongs to something else, and is left alone.',
      'Delete or rename the object in the message, or create the node under another name.',
    ),
    ApplyRefused: fails(
      "The API server refuses one of the node's objects; the message holds its answer.",
      'Correct the cause: a quota, an admission webhook, a missing permission.',
    ),
    PodRefused: fails(
      'The StatefulSet cannot create the pod; the message holds the answer.',
      'Correct the cause: a missing ServiceAccount, a quota, an admission webhook.',
    ),
    Unschedulable: fails(
      'No cluster node takes the pod; the message is that of the scheduler.',
      'Give the Karpenter NodePool room, or lower spec.resources.',
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
    PodReplaced: holds('A pod that could not go on by itself was deleted and is made again.'),
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
