/** The image of seid in a pod, and in the StatefulSet before the last change of it: `seidImage`, `previousImage`. */
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { PodSpec } from 'kubernetes-types/core/v1.d.ts'
import { SEID_CONTAINER } from '../api/names.ts'

/** On a StatefulSet: the image that seid had before the present one. */
const PREVIOUS_IMAGE_ANNOTATION = 'sei.io/previous-image'

export function seidImage(spec: PodSpec | undefined): string | undefined {
  return spec?.containers.find(({ name }) => name === SEID_CONTAINER)?.image
}

export function previousImage(live: Readonly<StatefulSet> | undefined): string | undefined {
  return live?.metadata?.annotations?.[PREVIOUS_IMAGE_ANNOTATION]
}

/**
 * The annotation of a StatefulSet that gets `image`. An image that no pod got does not count.
 * @param isSpecSame the template in `live` is of the same spec: another image there is admission's
 */
export function previousImageMark(
  live: Readonly<StatefulSet> | undefined,
  image: string,
  isSpecSame: boolean,
): Record<string, string> {
  const known = previousImage(live)
  const present = seidImage(live?.spec?.template.spec)
  const { currentRevision, updateRevision } = live?.status ?? {}
  const isPassedOver = known !== undefined && currentRevision !== updateRevision
  const previous = isSpecSame || present === undefined || present === image || isPassedOver ? known : present
  return previous === undefined ? {} : { [PREVIOUS_IMAGE_ANNOTATION]: previous }
}
