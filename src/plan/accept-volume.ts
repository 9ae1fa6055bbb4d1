/** The consent that a person gives to one volume: `acceptsVolume`. Pure. */
import { ACCEPT_ANNOTATION } from '../api/names.ts'
import type { KubeObject } from '../kube/types.ts'

/** A claim that is made again has another UID, so no consent outlives the volume that it was given for. */
export function acceptsVolume({ metadata }: Readonly<KubeObject>, uid: string): boolean {
  const accepted = (metadata?.annotations?.[ACCEPT_ANNOTATION] ?? '').split(',').map(each => each.trim())
  return uid !== '' && accepted.includes(uid)
}
