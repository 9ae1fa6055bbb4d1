/** Finds out which upgrade a node has reached, and keeps it on its claim: `followUpgrades`. */
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { PersistentVolumeClaim, Pod } from 'kubernetes-types/core/v1.d.ts'
import { FIELD_MANAGER } from '../../../api/names.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import { previousImage, seidImage } from '../../../build/seid-image.ts'
import {
  UPGRADE_ANNOTATION,
  upgradeAnnotation,
  type UpgradeRecord,
  upgradeRecord,
} from '../../../build/upgrade-record.ts'
import type { ChainHealth } from '../../../chain/health.ts'
import { persistentVolumeClaims } from '../../../kube/resources.ts'
import { lastEndOf } from '../../../plan/task-plan.ts'
import type { UpgradeReport } from '../../../plan/upgrade-report.ts'
import {
  type ChainReach,
  type EffectiveUpgrade,
  effectiveSpec,
  effectiveUpgrade,
  isKnownToStop,
  UNSEEN_BLOCKS,
  type UpgradeNeed,
  type UpgradeStep,
  upgradeStep,
} from '../../../plan/upgrades.ts'
import { keyOf } from '../../../runtime/object-key.ts'
import type { ChainOutlook } from '../../shared/chain/upgrade-plans.ts'
import { isTerminating } from '../../shared/deletion.ts'
import { runsTemplate, seidStart } from '../../shared/pods/pod-state.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { reportedHeight } from '../halt/observe-halt.ts'
import type { NodeLocalState } from '../local-state.ts'
import { storedHeight } from './stored-height.ts'
import { readReport, seidEnd } from './seid-end.ts'
import type { UpgradeImage } from './upgrade-image.ts'

/** What a reconcile knows of the upgrades of a node. */
export interface NodeUpgrades {
  readonly record: UpgradeRecord | undefined
  readonly effective: EffectiveUpgrade
  /** The node stands at an upgrade, and there is no image for it. */
  readonly need: UpgradeNeed | undefined
  /** Which image the node gets follows from where its chain is, which is about to be known. */
  readonly isAwaiting: boolean
  /** The pod has an image that stops, and another one is in effect. */
  readonly isUrgent: boolean
  readonly outlook: ChainOutlook
  /** Whether the image of the next upgrade is on the machine; undefined where nobody looks yet. */
  readonly image?: UpgradeImage | undefined
}

export interface FollowedUpgrades {
  /** With the image and the overrides that are in effect. */
  readonly node: Readonly<SeiNode>
  readonly claim: Readonly<PersistentVolumeClaim> | undefined
  readonly upgrades: NodeUpgrades
}

export interface UpgradeSources {
  readonly node: Readonly<SeiNode>
  readonly statefulSet: Readonly<StatefulSet> | undefined
  readonly pod: Readonly<Pod> | undefined
  readonly claim: Readonly<PersistentVolumeClaim> | undefined
}

/** Of its own: a pool applies the rest of its claims. */
const UPGRADE_MANAGER = `${FIELD_MANAGER}-upgrades`

/** How often seid ended near the height of an upgrade, where nothing else tells. */
const ENDS_AT_HEIGHT = 3
/** With which a panic of seid ends. */
const PANIC = 2

/** What a seid said at an earlier end is ignored while it follows its chain or catches up. */
const MOVING: ReadonlySet<ChainHealth['kind']> = new Set(['Following', 'NotSigning', 'CatchingUp'])
const PROVEN: ReadonlySet<ChainHealth['kind']> = new Set(['Following', 'NotSigning'])

const NOTHING: UpgradeStep = { kind: 'none' }

/** The record is on the claim before anything else changes, so that whoever comes next goes on from it. */
export async function followUpgrades(
  sources: UpgradeSources,
  local: NodeLocalState,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<FollowedUpgrades> {
  const { node, statefulSet, pod, claim } = sources
  const record = upgradeRecord(claim)
  const outlook = dependencies.chain.outlook(node)
  const image = imageOf(statefulSet, pod)
  const isCurrent = image === effectiveUpgrade(node.spec, record).image
  const isMoving = isCurrent && hasBlocks(node, pod, dependencies, MOVING)
  const report =
    isCurrent && pod && !isMoving ? await reportOf(node, pod, outlook, local, dependencies, signal) : undefined
  const step = upgradeStep({
    spec: node.spec,
    record,
    report,
    previousImage: previousImage(statefulSet),
    reach: reachOf(node, pod, outlook),
    isProven: isCurrent && hasBlocks(node, pod, dependencies, PROVEN),
  })
  const isWritable = claim !== undefined && !isTerminating(claim)
  if (step.kind !== 'record' || !isWritable) return followed(sources, record, step, outlook)
  const written = await writeRecord(claim, step.record, dependencies, signal)
  return followed({ ...sources, claim: written }, step.record, NOTHING, outlook)
}

/** What holds without asking anybody. */
export function knownUpgrades(sources: UpgradeSources, { chain }: Pick<NodeDependencies, 'chain'>): FollowedUpgrades {
  return followed(sources, upgradeRecord(sources.claim), NOTHING, chain.outlook(sources.node))
}

function followed(
  { node, statefulSet, pod, claim }: UpgradeSources,
  record: UpgradeRecord | undefined,
  step: UpgradeStep,
  outlook: ChainOutlook,
): FollowedUpgrades {
  const effective = effectiveUpgrade(node.spec, record)
  const spec = effectiveSpec(node.spec, effective)
  const image = imageOf(statefulSet, pod)
  const isUrgent = image !== effective.image && isKnownToStop(image, record)
  return {
    node: spec === node.spec ? node : { ...node, spec },
    claim,
    upgrades: {
      record,
      effective,
      need: step.kind === 'needed' ? step.need : undefined,
      isAwaiting: step.kind === 'awaiting',
      isUrgent,
      outlook,
    },
  }
}

/** Whether the present start of seid has made a block, or fetched one. */
function hasBlocks(
  node: Readonly<SeiNode>,
  pod: Readonly<Pod> | undefined,
  { chain }: Pick<NodeDependencies, 'chain'>,
  kinds: ReadonlySet<ChainHealth['kind']>,
): boolean {
  const start = seidStart(pod)
  if (start === undefined) return false
  const kind = chain.health(keyOf(node), start)?.kind
  // At a height where seid is about to stop once more, it answers too, and its last block may be young.
  return kind !== undefined && kinds.has(kind) && chain.track(keyOf(node), start)?.movingSince !== undefined
}

/** The height in status may be of long ago: it says what the chain has reached, and not where the node is. */
function reachOf(
  node: Readonly<SeiNode>,
  pod: Readonly<Pod> | undefined,
  { headHeight, head, lastHeight }: ChainOutlook,
): ChainReach {
  const reported = reportedHeight(pod, lastEndOf(node.status?.initPlan))
  return {
    headHeight: highest(headHeight, storedHeight(node)),
    head,
    ownHeight: highest(reported, lastHeight),
  }
}

function highest(...heights: readonly (number | undefined)[]): number | undefined {
  const known = heights.filter(height => height !== undefined)
  return known.length === 0 ? undefined : Math.max(...known)
}

/** The image that the operator gave to the pod; admission may have changed it there. */
function imageOf(statefulSet: Readonly<StatefulSet> | undefined, pod: Readonly<Pod> | undefined): string | undefined {
  if (!pod) return undefined
  const template = statefulSet && runsTemplate(statefulSet, pod) ? statefulSet.spec?.template.spec : undefined
  return seidImage(template ?? pod.spec)
}

async function reportOf(
  node: Readonly<SeiNode>,
  pod: Readonly<Pod>,
  { lastHeight, voted }: ChainOutlook,
  local: NodeLocalState,
  { client }: Pick<NodeDependencies, 'client'>,
  signal: AbortSignal,
): Promise<UpgradeReport | undefined> {
  const end = seidEnd(pod)
  if (!end) return undefined
  local.seidEnd = await readReport(pod, end, local.seidEnd, client, signal)
  if (local.seidEnd) return local.seidEnd.report
  // Without its words: it panics again and again where its chain voted for an upgrade, and was not seen at that height.
  const plan = voted === undefined ? node.status?.upgrade?.voted : voted === 'none' ? undefined : voted
  const height = lastHeight ?? storedHeight(node)
  if (end.isRunning || !plan || height === undefined || end.restarts < ENDS_AT_HEIGHT || end.exitCode !== PANIC)
    return undefined
  if (height >= plan.height || height < plan.height - UNSEEN_BLOCKS) return undefined
  return { kind: 'needed', name: plan.name ?? '', height: plan.height }
}

async function writeRecord(
  claim: Readonly<PersistentVolumeClaim>,
  record: UpgradeRecord,
  { client, stores }: Pick<NodeDependencies, 'client' | 'stores'>,
  signal: AbortSignal,
): Promise<Readonly<PersistentVolumeClaim>> {
  const { name = '', namespace = '', uid, resourceVersion } = claim.metadata ?? {}
  const annotations = { [UPGRADE_ANNOTATION]: upgradeAnnotation(record) }
  const body = { metadata: { uid, resourceVersion, annotations } }
  const options = { type: 'merge', fieldManager: UPGRADE_MANAGER, signal } as const
  const written = await client.patch(persistentVolumeClaims, { namespace, name }, body, options)
  const key = keyOf(written)
  for (const store of [stores.dataVolumes, stores.poolVolumes]) if (store.get(key)) store.observeWrite(written)
  return written
}
