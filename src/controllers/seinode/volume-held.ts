/** What a SeiNode says of a volume that it must not use yet: `volumeHeld`. Pure. */
import { NODE_LABEL } from '../../api/names.ts'
import type { SeiNode } from '../../api/seinode.ts'
import { holdAdvice, type VolumeHold } from '../../plan/volume-hold.ts'

export function volumeHeld({ metadata, spec }: SeiNode, hold: VolumeHold): string {
  const { kind, claim, recorded, accept } = hold
  const what =
    kind === 'gone'
      ? `PersistentVolumeClaim ${claim} (uid ${recorded}), on which the node was bootstrapped, is gone, and no other is made in its place`
      : `PersistentVolumeClaim ${claim} (uid ${accept}) is not the one that the node was bootstrapped on (uid ${recorded}): it is left as it is, and seid is not let start on it`
  const labels = spec.genesis?.pvc ? 'the labels that the old one had' : `the label ${NODE_LABEL}=${metadata.name}`
  return `${what}. ${holdAdvice(hold, spec.mode === 'validator' ? 'validator' : 'other', labels)}`
}
