/** What a SeiNode says of a volume that it must not use yet: `volumeHeld`. Pure. */
import { NODE_LABEL } from '../../api/names.ts'
import type { SeiNode } from '../../api/seinode.ts'
import { assertNever } from '../../lib/assert-never.ts'
import { holdAdvice, type VolumeHold } from '../../plan/volume-hold.ts'

export function volumeHeld({ metadata, spec }: SeiNode, hold: VolumeHold): string {
  const labels = spec.genesis?.pvc ? 'the labels that the old one had' : `the label ${NODE_LABEL}=${metadata.name}`
  return `${found(hold)}. ${holdAdvice(hold, spec.mode === 'validator' ? 'validator' : 'other', labels)}`
}

function found(hold: VolumeHold): string {
  const claim = `PersistentVolumeClaim ${hold.claim}`
  switch (hold.kind) {
    case 'gone':
      return `${claim} (uid ${hold.recorded}), on which the node was bootstrapped, is gone, and no other is made in its place`
    case 'replaced':
      return `${claim} (uid ${hold.accept}) is not the one that the node was bootstrapped on (uid ${hold.recorded}): it is left as it is, and seid is not let start on it`
    case 'found':
      return `${claim} (uid ${hold.accept}) was there before this SeiNode, and nothing shows that it is the node's own: it comes from a backup, was made by hand, or was kept by an earlier version of the operator. It is left as it is, and seid is not let start on it`
    default:
      return assertNever(hold)
  }
}
