/** The conditions about the data volume of a SeiNode with every reason each may have: `VOLUME_REASONS`. */
import { GROWTH_REASONS } from './growth-conditions.ts'
import { fails, holds, type Reason, unknown } from './reason.ts'

export const VOLUME_REASONS = {
  VolumeHealthy: {
    Healthy: holds("The node's PersistentVolumeClaim is bound and not being deleted."),
    NoVolume: fails('The node has no volume that it may use.', 'See the conditions Reconciling and Stalled.'),
    VolumePending: fails(
      'No volume has been provisioned for the claim.',
      'Wait. If this persists, read the events of the claim: kubectl describe pvc.',
    ),
    VolumeLeaving: fails(
      'The claim is being deleted and will be removed when the pod that uses it stops. Until then, the operator reconciles the node but does not replace its pod.',
      'Set the reclaim policy of the PersistentVolume in the message to Retain while the pod runs, and save what a validator signed. [Troubleshooting](../troubleshooting.md#a-claim-that-is-being-deleted-under-a-running-node) has the way back.',
    ),
    VolumeLost: fails(
      "The claim's PersistentVolume is gone. The pod keeps the volume mounted; no other pod can mount it.",
      'Save the data that the node needs while its pod runs, then bind a claim of that name to an existing volume.',
    ),
    VolumeForeign: fails(
      'Another controller owns the claim. The node keeps using it, and the operator does not change it.',
      'Remove the owner reference of the other controller from the claim.',
    ),
    ModifyFailed: fails(
      'The driver refuses a change of the attributes of the volume; the message quotes it.',
      'Correct spec.volumeAttributesClassName of the claim.',
    ),
    NotMounted: unknown('The claim is mounted when the pod starts.'),
    NotChecked: unknown('The node is paused, and its volume is not known.'),
  },
  VolumeSpace: {
    Enough: holds('At most 85 % of the volume and of its inodes are in use, and it is not full within 7 days.'),
    Filling: fails(
      "More than 85 % of the volume or of its inodes are in use, or it is full within 7 days at today's pace.",
      'Raise spec.storage.size, set spec.storage.autoGrow, or prune. [Volumes](../volumes.md) says how the pace is measured.',
    ),
    NotObserved: unknown(
      'The kubelet does not report the use of the volume to the operator; the message says why.',
      'Do what the message says. [Volumes](../volumes.md#what-the-operator-needs) has the right, the port and the flags.',
    ),
  },
  VolumeGrowth: GROWTH_REASONS,
} as const satisfies Record<string, Record<string, Reason>>
