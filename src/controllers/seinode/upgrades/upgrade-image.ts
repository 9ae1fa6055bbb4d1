/** Whether the image of the next upgrade can be had on the machine of the node, by a pod that pulls it: `checkUpgradeImage`. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { UpgradeStatus } from '../../../api/seinode-status.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import { SEID_CONTAINER } from '../../../api/names.ts'
import { seidImage } from '../../../build/seid-image.ts'
import { buildUpgradePod, upgradePodName } from '../../../build/upgrade-pod.ts'
import { ApiError, isAlreadyExists, isPassing } from '../../../kube/errors.ts'
import { pods } from '../../../kube/resources.ts'
import { isTerminating } from '../../shared/deletion.ts'
import { refusal } from '../../shared/failures.ts'
import { IMAGE_REASONS } from '../../shared/pods/pod-problem.ts'
import { containerStatus } from '../../shared/pods/pod-state.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { buildInput } from '../owner.ts'

export type UpgradeImage =
  | { readonly kind: 'pulling' | 'present'; readonly image: string }
  /** The kubelet's words. */
  | { readonly kind: 'missing'; readonly image: string; readonly message: string }
  /** Why no pod can tell. */
  | { readonly kind: 'unchecked'; readonly image: string; readonly message: string }

/** An image that is pulled long before lies on the machine for nothing. Milliseconds. */
const HORIZON_MS = 3 * 24 * 3600_000

export interface ImageSources {
  readonly node: Readonly<SeiNode>
  readonly pod: Readonly<Pod> | undefined
  /** The next upgrade of the spec. */
  readonly entry: { readonly image: string } | undefined
  readonly next: UpgradeStatus['next']
}

/** The pod itself is the record of what it found. It is deleted when the upgrade is reached, or is no longer in the spec. */
export async function checkUpgradeImage(
  { node, pod, entry, next }: ImageSources,
  { client, stores, platform, clock }: Pick<NodeDependencies, 'client' | 'stores' | 'platform' | 'clock'>,
  signal: AbortSignal,
): Promise<UpgradeImage | undefined> {
  const { namespace = '', uid } = node.metadata
  const key = { namespace, name: upgradePodName(node) }
  const live = stores.upgradePods.get(`${namespace}/${key.name}`)
  const own = live?.metadata?.ownerReferences?.some(owner => owner.uid === uid) === true ? live : undefined
  const machine = pod?.spec?.nodeName
  const isDue = next?.expectedAt !== undefined && Date.parse(next.expectedAt) - clock.now() <= HORIZON_MS
  const image = isDue && machine !== undefined ? entry?.image : undefined
  if (own && (image !== seidImage(own.spec) || machine !== own.spec?.nodeName)) {
    // While the node has no pod, nobody knows its next machine.
    const isOver = entry?.image !== seidImage(own.spec) || machine !== undefined
    if (isOver && !isTerminating(own)) await client.delete(pods, key, { uid: own.metadata?.uid ?? '', signal })
    return undefined
  }
  if (image === undefined || machine === undefined) return undefined
  if (own) return foundBy(own, image)
  if (live) return { kind: 'unchecked', image, message: `pod ${key.name} belongs to another owner` }
  try {
    const made = await client.create(pods, buildUpgradePod(buildInput(node), platform, image, machine), { signal })
    stores.upgradePods.observeWrite(made)
    return { kind: 'pulling', image }
  } catch (error) {
    // Its watch tells in a moment.
    if (isAlreadyExists(error)) return { kind: 'pulling', image }
    if (!(error instanceof ApiError) || isPassing(error)) throw error
    return { kind: 'unchecked', image, message: refusal(error.message) }
  }
}

function foundBy(pod: Readonly<Pod>, image: string): UpgradeImage {
  // seid may end as it likes: its image is there.
  if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') return { kind: 'present', image }
  const { reason = '', message = reason } = containerStatus(pod, SEID_CONTAINER)?.state?.waiting ?? {}
  return IMAGE_REASONS.has(reason) ? { kind: 'missing', image, message } : { kind: 'pulling', image }
}
