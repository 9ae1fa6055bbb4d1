/** The reasons for which a SeiNode is Stalled: a person is needed: `STALLED`. Events use the same reasons. */
import { type Reason, stalls } from './reason.ts'
import { UPGRADE_STALLED } from './upgrade-conditions.ts'

export const STALLED = {
  PeersUnresolved: stalls(
    'The operator cannot look up the peers in EC2 at the moment; the message gives the reason. The operator retries.',
    'Wait. If this persists, check that the operator can reach EC2 in the region.',
  ),
  BootstrapFailed: stalls(
    'The bootstrap failed.',
    'Read the error in Initialized, correct the cause, then set the annotation sei.io/retry-plan to a new value.',
  ),
  SpecInvalid: stalls('The spec is invalid.', 'See the condition SpecValid.'),
  VolumeReplaced: stalls(
    'The bootstrapped volume was replaced or no longer exists, and a person has to accept the change.',
    'See the condition Initialized.',
  ),
  RestartHeld: stalls(
    'The pod is due for replacement, but its volume would be lost: the claim is being deleted, or its PersistentVolume is gone.',
    'See the condition VolumeHealthy.',
  ),
  UpdateFailed: stalls(
    'A change of configuration failed; the message holds the error. The node runs on with the old one.',
    'Correct the cause, then set the annotation sei.io/retry-plan to a new value.',
  ),
  ForeignObject: stalls(
    'An object of the name that the node needs belongs to another owner; the operator does not change it.',
    'Create the node under another name, or delete the object in the message if nothing needs it. Deleting a claim deletes its data.',
  ),
  ApplyRefused: stalls(
    'A request that the node needs fails: the API server or an admission webhook refuses it, or has not answered for 10 s or more. The message holds the request and the answer. It is repeated at most 30 s apart.',
    'Correct the cause: a quota, an admission webhook that refuses or is down, a missing permission, CRDs older than the operator ("unknown field", "field not declared in schema").',
  ),
  DeleteRefused: stalls(
    'The node is being deleted, and a request that its deletion needs fails; the message holds the request and the answer. It is repeated at most 30 s apart.',
    'Correct the cause: an admission policy or webhook that refuses, a missing permission. Where the answer names a field of the SeiNode itself, correct that field.',
  ),
  OperatorError: stalls(
    'The operator failed in a step; the message names it and holds the error. Everything else continues, and the operator retries.',
    'Correct the value in the message, or report the error.',
  ),
  PodRefused: stalls(
    'The StatefulSet cannot create the pod; the message holds the answer.',
    'Correct the cause: a missing ServiceAccount or PriorityClass, a quota, an admission webhook.',
  ),
  Unschedulable: stalls(
    'The pod does not fit on any cluster node; the message is that of the scheduler.',
    'Raise the limits of the Karpenter NodePool, lower spec.resources, or relax spec.scheduling.',
  ),
  PodStuck: stalls(
    'The pod has made no progress for three minutes: it does not start or does not terminate. The message holds the time and the last warning event of the pod.',
    'Fix the cause that the warning names: a volume that cannot be attached or mounted, a sandbox that cannot be made, a kubelet that does not run.',
  ),
  ImagePullFailed: stalls(
    'An image cannot be pulled; the message names it.',
    'Correct spec.image or spec.sidecar.image, or the access to the registry.',
  ),
  ContainerConfigError: stalls(
    'A container cannot be created; the message says why.',
    'Correct spec.entrypoint or spec.image.',
  ),
  InitFailed: stalls('seid init fails on the empty volume.', 'Read its log: kubectl logs POD -c seid-init.'),
  RolloutHalted: stalls(
    'The node has had a change for ten minutes and was not observed to follow its chain with it. The remaining nodes wait.',
    'Read the log of seid. Correct the change, or pause the node.',
  ),
  TaskStuck: stalls(
    'A task of the sidecar has not ended for much longer than it takes; the message says which and since when.',
    'Read the log of the sidecar. To start the task again, delete the pod.',
  ),
  ...UPGRADE_STALLED,
  CrashLooping: stalls(
    'seid is in a crash loop. With spec.haltHeight, also where the height of the volume cannot be read: seid is not started then, and the message says why.',
    'Read its log: kubectl logs POD -c seid --previous.',
  ),
  KeyNotUsable: stalls(
    "The validator's key cannot be used: a Secret is missing or malformed, the volume has another key or has lost its own, or a signing state cannot be read. The message says which.",
    'Correct the Secret, or name the right one; the pod retries automatically. Replace a signing state only by that of the last place where the key signed, never by an older backup.',
  ),
  SigningStateMissing: stalls(
    'The key comes from a Secret, and the volume has no record of what it has signed: seid would sign from height 0.',
    'Put the latest priv_validator_state.json of the key into the Secret and delete the pod. For a key that has never signed, set the annotation sei.io/accept-volume to the value in the message: unsigned: and the UID of the claim.',
  ),
  KeyInUse: stalls(
    'Another SeiNode has the reservation of the consensus key. The message names it, the Lease and what to do.',
    'Delete the node that must not sign. If its machine is lost, power the machine off first.',
  ),
  KeyConflict: stalls(
    'Two running nodes have one consensus key. The one without the reservation is scaled to 0.',
    'Delete the node without the reservation, with its volume. Keep the other: its data/priv_validator_state.json must be kept.',
  ),
  ReservationFailed: stalls(
    "The consensus key cannot be reserved; the message holds the API server's answer.",
    "Check that the operator's namespace exists, and that the operator may write Leases in it.",
  ),
  MachineLost: stalls(
    'The pod was deleted, and its kubelet has not reported that seid ended: seid may still run, so no other pod is started.',
    'Power the machine in the message off first. Then confirm with the command in the message.',
  ),
} as const satisfies Readonly<Record<string, Reason>>
