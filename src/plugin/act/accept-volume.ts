/** `kubectl sei accept-volume`: a person's consent to another volume; `prepareAcceptVolume`. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import { ACCEPT_ANNOTATION, NODE_LABEL } from '../../api/names.ts'
import type { SeiNode } from '../../api/seinode.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { effectiveMode } from '../../api/mode.ts'
import { childNames } from '../../build/names.ts'
import { persistentVolumeClaims } from '../../kube/resources.ts'
import { findCondition } from '../../lib/conditions.ts'
import { blockAdvice, lossOf, unsignedOn, volumeBlock } from '../../plan/volume-consent.ts'
import type { Target } from '../cluster/find.ts'
import { EXIT_CODES, PluginError } from '../exit-code.ts'
import { type Action, nameOf, type ObjectContext } from './action.ts'
import type { Outcome } from './follow.ts'
import { conditionsOf, readAgain, stalledOutcome, waitingOutcome } from './look.ts'
import { setAnnotationIfUnchanged } from './writes.ts'

/** What one volume waits for. */
interface Demand {
  /** The value that the annotation needs. */
  readonly value: string
  /** Name of the node whose volume it is. */
  readonly node: string
  /** What the consent means. */
  readonly says: string
}

/** @param given the value that the user names; it has to be the one that is waited for */
export async function prepareAcceptVolume(
  context: ObjectContext,
  given: string | undefined,
  isUnattended: boolean,
): Promise<Action> {
  const { target, cluster } = context
  const demands = await demandsOf(context, target)
  const values = demands.map(({ value }) => value)
  if (demands.length === 0)
    throw new PluginError(`no volume of ${nameOf(target)} waits for consent, so nothing is to be accepted`)
  const chosen = given === undefined ? demands : demands.filter(({ value }) => value === given)
  if (chosen.length === 0)
    throw new PluginError(`${nameOf(target)} does not wait for consent to ${given}, but to ${values.join(' and to ')}`)
  if (isUnattended && given === undefined)
    throw new PluginError(
      `with --yes, name what you accept, so that it cannot be another volume meanwhile: ${values.join(' or ')}`,
      EXIT_CODES.usage,
    )
  if (chosen.length > 1)
    throw new PluginError(
      `${demands.length} volumes of ${nameOf(target)} wait for consent: name the one that you accept: ${demands.map(({ node, value }) => `${node}: ${value}`).join(', ')}`,
      EXIT_CODES.usage,
    )
  const accepted = chosen.map(({ value }) => value)
  return {
    says: [
      ...chosen.map(({ says }) => says),
      `The annotation ${ACCEPT_ANNOTATION} of ${nameOf(target)} gets: ${accepted.join(', ')}. This cannot be taken back once the volume is in use.`,
    ],
    steps: [
      {
        act: async () => {
          const again = await readAgain(context)
          const consents = new Set([...consentsOf(again), ...accepted])
          await setAnnotationIfUnchanged(cluster.client, again, ACCEPT_ANNOTATION, [...consents].join(','))
        },
        look: () => lookAtVolumes(context, accepted),
        what: 'the use of the volume',
      },
    ],
  }
}

function consentsOf({ object }: Target): readonly string[] {
  const values = object.metadata.annotations?.[ACCEPT_ANNOTATION]?.split(',') ?? []
  return values.map(each => each.trim()).filter(each => each !== '')
}

async function demandsOf(context: ObjectContext, target: Target): Promise<readonly Demand[]> {
  return target.kind === 'node' ? demandsOfNode(context, target.object) : demandsOfPool(target.object)
}

async function demandsOfNode(context: ObjectContext, node: SeiNode): Promise<readonly Demand[]> {
  const claim = await claimOf(context, node)
  const demand = volumeDemand(node, claim) ?? signingDemand(node, claim)
  return demand ? [demand] : []
}

function claimOf(
  { cluster, namespace, signal }: ObjectContext,
  node: SeiNode,
): Promise<PersistentVolumeClaim | undefined> {
  return cluster.client.get(persistentVolumeClaims, { namespace, name: childNames(node).dataVolume }, { signal })
}

function volumeDemand(node: SeiNode, claim: PersistentVolumeClaim | undefined): Demand | undefined {
  const { name } = node.metadata
  const block = volumeBlock(node, claim)
  if (!block) return undefined
  const mode = effectiveMode(node.spec) === 'validator' ? 'validator' : 'other'
  const initialized = findCondition(node.status?.conditions, 'Initialized')
  const advice = blockAdvice(block, mode, `the label ${NODE_LABEL}: ${name}`)
  const says = initialized?.reason === 'VolumeReplaced' ? initialized.message : advice
  return { value: block.accept, node: name, says }
}

function signingDemand({ metadata, status }: SeiNode, claim: PersistentVolumeClaim | undefined): Demand | undefined {
  const stalled = findCondition(status?.conditions, 'Stalled')
  const uid = claim?.metadata?.uid
  if (stalled?.status !== 'True' || stalled.reason !== 'SigningStateMissing' || uid === undefined) return undefined
  return { value: unsignedOn(uid), node: metadata.name, says: stalled.message }
}

/** In `status.nodes[].replacedBy`: no claim stands where the one on record was. */
const NONE = 'none'

function demandsOfPool({ status }: SeiNodePool): readonly Demand[] {
  const prepared = findCondition(status?.conditions, 'NodesPrepared')
  return (status?.nodes ?? []).flatMap(({ name, dataVolumeUID = '', replacedBy }) => {
    if (replacedBy === undefined) return []
    const value = replacedBy === NONE ? lossOf(dataVolumeUID) : replacedBy
    return [
      { value, node: name, says: `Validator ${name}, ${value}: ${prepared?.message ?? 'its volume was replaced'}` },
    ]
  })
}

/** Whether the status still asks for what was accepted. It may ask for another consent after it, for which a person is needed. */
async function isUnseen(context: ObjectContext, again: Target, accepted: readonly string[]): Promise<boolean> {
  if (again.kind === 'pool') return demandsOfPool(again.object).some(({ value }) => accepted.includes(value))
  const node = again.object
  const stalled = findCondition(conditionsOf(again), 'Stalled')
  if (stalled?.status !== 'True') return false
  if (stalled.reason !== 'VolumeReplaced' && stalled.reason !== 'SigningStateMissing') return false
  const claim = await claimOf(context, node)
  const demand =
    stalled.reason === 'VolumeReplaced'
      ? volumeDemand(withoutConsents(node, accepted), claim)
      : signingDemand(node, claim)
  // None: the condition is of the time before.
  return demand === undefined || accepted.includes(demand.value)
}

/** As the status sees the node until the operator has acted on the annotation. */
function withoutConsents(node: SeiNode, accepted: readonly string[]): SeiNode {
  const kept = consentsOf({ kind: 'node', object: node }).filter(each => !accepted.includes(each))
  const annotations = { ...node.metadata.annotations, [ACCEPT_ANNOTATION]: kept.join(',') }
  return { ...node, metadata: { ...node.metadata, annotations } }
}

async function lookAtVolumes(context: ObjectContext, accepted: readonly string[]): Promise<Outcome> {
  const again = await readAgain(context)
  const conditions = conditionsOf(again)
  const { name } = again.object.metadata
  if (await isUnseen(context, again, accepted))
    return { kind: 'waiting', message: `${name}: the operator has not acted on the consent yet` }
  if (findCondition(conditions, 'Ready')?.status === 'True')
    return {
      kind: 'done',
      message: `${name}: the volume is in use, and ${again.kind === 'node' ? 'the node' : 'the pool'} is Ready`,
    }
  return stalledOutcome(again) ?? waitingOutcome(again)
}
