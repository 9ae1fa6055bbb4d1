/** The consent that a person gives to one volume: `acceptsVolume`. Pure. */
import { ACCEPT_VOLUME_ANNOTATION } from '../api/names.ts'

/** A claim that is made again has another UID, so no consent outlives the volume that it was given for. */
export function acceptsVolume(
  annotations: Readonly<Record<string, string>> | undefined,
  claimUID: string | undefined,
): boolean {
  return claimUID !== undefined && annotations?.[ACCEPT_VOLUME_ANNOTATION] === claimUID
}
