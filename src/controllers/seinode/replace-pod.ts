/** Deletes a pod that would be waited for in vain: `replacePod`. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { API_VERSION } from '../../api/names.ts'
import type { SeiNode } from '../../api/seinode.ts'
import { pods } from '../../kube/resources.ts'
import type { NodeDependencies } from './dependencies.ts'

const WHY = {
  wedged: 'was of an older spec and not ready, and its StatefulSet waits for it',
  stuck: 'had a seid that stopped and was not started again, beside a sidecar that is ready',
  outdated: 'has an earlier PersistentVolumeClaim of the name mounted than the one that is to be bootstrapped',
  interrupted:
    'has a sidecar that stopped in the middle of snapshot-restore, and its scratch space is cleared with a new pod',
} as const

export type ReplaceReason = keyof typeof WHY

export function isReplaceReason(word: string): word is ReplaceReason {
  return word in WHY
}

/** Only the very pod that was looked at; the StatefulSet makes the next from its current template. */
export async function replacePod(
  node: Readonly<SeiNode>,
  pod: Readonly<Pod>,
  why: ReplaceReason,
  { client, events }: NodeDependencies,
  signal: AbortSignal,
): Promise<void> {
  const { name = '', namespace = '', uid = '' } = pod.metadata ?? {}
  const isThere = await client.delete(pods, { namespace, name }, { uid, signal })
  if (!isThere) return
  events.event({
    regarding: { ...node, apiVersion: API_VERSION, kind: 'SeiNode' },
    type: 'Normal',
    reason: 'PodReplaced',
    note: `pod ${name} ${WHY[why]}; it is made again`,
    action: 'Replace',
    occurrence: uid,
  })
}
