/** `kubectl sei accept-volume`: a person's consent to another volume; `prepareAcceptVolume`. */
import { ACCEPT_ANNOTATION, NODE_LABEL } from '../../api/names.ts'
import type { SeiNode } from '../../api/seinode.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { effectiveMode } from '../../api/mode.ts'
import { childNames } from '../../build/names.ts'
import { persistentVolumeClaims } from '../../kube/resources.ts'
import { findCondition } from '../../lib/conditions.ts'
import { blockAdvice, lossOf, unsignedOn, volumeBlock } from '../../plan/volume-consent.ts'
import { EXIT_CODES, PluginError } from '../exit-code.ts'
import { type Action, type ActionContext, nameOf } from './action.ts'
import type { Outcome } from './follow.ts'
import { conditionsOf, readAgain, stalledOutcome, waitingOutcome } from './look.ts'
import { setAnnotation } from './writes.ts'

/** What one volume waits for. */
interface Demand {
  /** The value that the annotation needs. */
  readonly value: string
  /** What the consent means. */
  readonly says: string
}

/** @param given the value that the user names; it has to be the one that is waited for */
export async function prepareAcceptVolume(
  context: ActionContext,
  given: string | undefined,
  isUnattended: boolean,
): Promise<Action> {
  const { target, cluster } = context
  const demands = target.kind === 'node' ? await demandsOfNode(context, target.object) : demandsOfPool(target.object)
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
  const accepted = chosen.map(({ value }) => value)
  return {
    says: [
      ...chosen.map(({ says }) => says),
      `The annotation ${ACCEPT_ANNOTATION} of ${nameOf(target)} gets: ${accepted.join(', ')}. This cannot be taken back once the volume is in use.`,
    ],
    steps: [
      {
        act: () => setAnnotation(cluster.client, target, ACCEPT_ANNOTATION, withValues(context, accepted)),
        look: () => lookAtVolumes(context, accepted),
        what: 'the use of the volume',
      },
    ],
  }
}

/** Earlier consents stay. */
function withValues({ target }: ActionContext, accepted: readonly string[]): string {
  const before = target.object.metadata.annotations?.[ACCEPT_ANNOTATION]?.split(',').map(each => each.trim()) ?? []
  return [...new Set([...before.filter(each => each !== ''), ...accepted])].join(',')
}

async function demandsOfNode({ cluster, namespace, signal }: ActionContext, node: SeiNode): Promise<readonly Demand[]> {
  const { dataVolume } = childNames(node)
  const claim = await cluster.client.get(persistentVolumeClaims, { namespace, name: dataVolume }, { signal })
  const block = volumeBlock(node, claim)
  if (block) {
    const mode = effectiveMode(node.spec) === 'validator' ? 'validator' : 'other'
    const initialized = findCondition(node.status?.conditions, 'Initialized')
    const advice = blockAdvice(block, mode, `the label ${NODE_LABEL}: ${node.metadata.name}`)
    return [{ value: block.accept, says: initialized?.reason === 'VolumeReplaced' ? initialized.message : advice }]
  }
  const stalled = findCondition(node.status?.conditions, 'Stalled')
  const uid = claim?.metadata?.uid
  if (stalled?.status !== 'True' || stalled.reason !== 'SigningStateMissing' || uid === undefined) return []
  return [{ value: unsignedOn(uid), says: stalled.message }]
}

/** In `status.nodes[].replacedBy`: no claim stands where the one on record was. */
const NONE = 'none'

function demandsOfPool({ status }: SeiNodePool): readonly Demand[] {
  const prepared = findCondition(status?.conditions, 'NodesPrepared')
  return (status?.nodes ?? []).flatMap(({ name, dataVolumeUID = '', replacedBy }) => {
    if (replacedBy === undefined) return []
    const value = replacedBy === NONE ? lossOf(dataVolumeUID) : replacedBy
    return [{ value, says: `Validator ${name}: ${prepared?.message ?? 'its volume was replaced'}` }]
  })
}

async function lookAtVolumes(context: ActionContext, accepted: readonly string[]): Promise<Outcome> {
  const again = await readAgain(context)
  const conditions = conditionsOf(again)
  const { name } = again.object.metadata
  const isWaiting =
    again.kind === 'node'
      ? findCondition(conditions, 'Stalled')?.reason === 'VolumeReplaced' ||
        findCondition(conditions, 'Stalled')?.reason === 'SigningStateMissing'
      : demandsOfPool(again.object).some(({ value }) => accepted.includes(value))
  if (isWaiting) return { kind: 'waiting', message: `${name}: the operator has not acted on the consent yet` }
  if (findCondition(conditions, 'Ready')?.status === 'True')
    return {
      kind: 'done',
      message: `${name}: the volume is in use, and ${again.kind === 'node' ? 'the node' : 'the pool'} is Ready`,
    }
  return stalledOutcome(again) ?? waitingOutcome(again)
}
