/** What a plan cannot know, in words: `unknownOf`. Pure. */
import type { SeiNode } from '../../api/seinode.ts'
import { effectiveMode } from '../../api/mode.ts'
import { snapshotOf } from '../../plan/bootstrap.ts'
import { discoversPeers, peersOf } from '../../plan/peers.ts'
import type { Prediction, Wanted } from './predict.ts'

export interface Blind {
  readonly mayReadClasses: boolean
  readonly mayReadLeases: boolean
  /** Of the operator's settings. */
  readonly settings: readonly string[]
}

/** Each completes the sentence "This plan does not know ...". */
export function unknownOf(wanted: Wanted, prediction: Prediction, blind: Blind): readonly string[] {
  const { objects, tasks, restarts, placeholders, jobs } = prediction
  const isChanged = objects.some(({ action }) => action === 'create' || action === 'change')
  const makesClaim = objects.some(({ kind, action }) => kind === 'PersistentVolumeClaim' && action !== 'none')
  const isSent = (type: string): boolean => tasks.some(task => task.type === type)
  return [
    ...blind.settings,
    ...(wanted.kind === 'SeiNode' ? ofNode(wanted.object, isSent) : []),
    ...(isValidator(wanted) && isChanged && !blind.mayReadLeases
      ? ["whether another node has the signing key: you may not list Leases in the operator's namespace"]
      : []),
    ...(jobs.length > 0 && placeholders.size > 0
      ? ['the genesis and the node ids that the ceremony makes, which peers and hashes contain']
      : []),
    ...(makesClaim && !blind.mayReadClasses
      ? ['whether the StorageClass exists and lets volumes grow: you may not list StorageClasses']
      : []),
    ...(isChanged ? ['what quotas and admission of the cluster make of the objects'] : []),
    ...(restarts.length > 0 || tasks.length > 0
      ? ['whether tasks succeed, pods start and nodes follow the chain: it is assumed that they do']
      : []),
    ...(restarts.length > 1 ? ['when each node restarts: the next one waits until the one before works'] : []),
  ]
}

function isValidator({ kind, object }: Wanted): boolean {
  return kind === 'SeiNodePool' || effectiveMode(object.spec) === 'validator'
}

function ofNode(node: SeiNode, isSent: (type: string) => boolean): readonly string[] {
  const { spec } = node
  const looksUp = discoversPeers(spec) && peersOf(spec).some(({ ec2Tags }) => ec2Tags !== undefined)
  return [
    ...(looksUp && isSent('discover-peers') ? ['which peers EC2 has: they are looked up when the task runs'] : []),
    ...(isSent('snapshot-restore') && snapshotOf(spec)?.s3
      ? ['which snapshot the bucket has when it is restored']
      : []),
  ]
}
