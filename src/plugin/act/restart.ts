/** `kubectl sei restart`: evicts the pod of a node, or those of a pool one after the other; `prepareRestart`. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { ORDINAL_LABEL, POOL_LABEL } from '../../api/names.ts'
import { seiNodes } from '../../api/resources.ts'
import type { SeiNode } from '../../api/seinode.ts'
import { effectiveMode } from '../../api/mode.ts'
import { childNames } from '../../build/names.ts'
import { tolerableLosses } from '../../build/pool/quorum.ts'
import { seidStart, seidState } from '../../controllers/shared/pods/pod-state.ts'
import { ApiError } from '../../kube/errors.ts'
import { pods } from '../../kube/resources.ts'
import { resourcePath } from '../../kube/resource-path.ts'
import { findCondition } from '../../lib/conditions.ts'
import type { Transport } from '../../kube/transport.ts'
import type { Cluster } from '../cluster/connect.ts'
import type { Target } from '../cluster/find.ts'
import { PluginError } from '../exit-code.ts'
import { type Action, type ActionContext, nameOf, type Step } from './action.ts'
import type { Outcome } from './follow.ts'
import { inRestartOrder, type PoolValidator, restartObstacle } from './restart-check.ts'
import { stalledOutcome, waitingOutcome } from './look.ts'

/** A new pod that is stalled for this long is not waited for. */
const STALLED_MS = 30_000

export type RestartContext = ActionContext<Pick<Cluster, 'client'> & { readonly transport: Pick<Transport, 'json'> }>

export async function prepareRestart(context: RestartContext): Promise<Action> {
  const { target } = context
  if (target.kind === 'node') return restartNode(context, target.object)
  const validators = inRestartOrder(await validatorsOf(context, target.object.metadata.name))
  if (validators.length === 0)
    throw new PluginError(`${nameOf(target)} has no nodes yet, so nothing is to be restarted`)
  for (const { node } of validators) refusePaused(node)
  const names = validators.map(({ node }) => node.metadata.name)
  return {
    says: [
      `The pods of ${names.join(', ')} are evicted, one after the other. The volumes stay.`,
      'The next one is evicted when the one before follows the chain again, and all others do.',
      ...haltWarning(validators.length),
    ],
    steps: validators.flatMap(({ node }) => [turnStep(context, node), restartStep(context, node)]),
    needsOperator: true,
  }
}

async function restartNode(context: RestartContext, node: SeiNode): Promise<Action> {
  refusePaused(node)
  const pod = await podOf(context, node)
  if (!pod) throw new PluginError(`${nameOf(context.target)} has no pod, so nothing is to be restarted`)
  const validators = await validatorsBeside(context, node)
  refuseHarm(context, node, validators)
  const isValidator = effectiveMode(node.spec) === 'validator'
  return {
    says: [
      `Pod ${pod.metadata?.name} is evicted, and seid gets ${pod.spec?.terminationGracePeriodSeconds ?? 30} s to stop. The volume stays.`,
      'A new pod of the same node starts. The node serves nothing until its seid follows the chain again.',
      ...(isValidator ? ['The validator signs nothing meanwhile.'] : []),
      ...(validators ? haltWarning(validators.length) : []),
    ],
    steps: [restartStep(context, node)],
    needsOperator: true,
  }
}

function haltWarning(validators: number): readonly string[] {
  if (tolerableLosses(validators) > 0) return []
  return [`The chain has ${validators} validators and makes no blocks while one of them restarts.`]
}

/** The operator would not let seid start in the new pod. */
function refusePaused({ metadata, spec }: SeiNode): void {
  if (spec.paused === true)
    throw new PluginError(
      `${metadata.name} is paused, so seid would not start in a new pod: run kubectl sei resume ${metadata.name} first`,
    )
}

/** @param validators of its pool; undefined for a node without one */
function refuseHarm(
  { now }: RestartContext,
  { metadata }: SeiNode,
  validators: readonly PoolValidator[] | undefined,
): void {
  const obstacle = validators && restartObstacle(metadata.name, validators, now())
  if (obstacle !== undefined)
    throw new PluginError(
      `${metadata.name} must not be restarted now: ${obstacle}. Repeat the command when they follow the chain`,
    )
}

/** Waits until the validator may be restarted. */
function turnStep(context: RestartContext, { metadata }: SeiNode): Step {
  const pool = context.target.object.metadata.name
  return {
    act: () => Promise.resolve(),
    look: async () => {
      const obstacle = restartObstacle(metadata.name, await validatorsOf(context, pool), context.now())
      return obstacle === undefined
        ? { kind: 'done', message: `${metadata.name}: its turn` }
        : { kind: 'waiting', message: `${metadata.name} waits: ${obstacle}` }
    },
    what: `the turn of ${metadata.name}`,
  }
}

function restartStep(context: RestartContext, node: SeiNode): Step {
  let evicted: string | undefined
  let stalledSince: number | undefined
  return {
    act: async () => {
      // What was checked before the question may have changed meanwhile.
      const again = await nodeAgain(context, node)
      refusePaused(again)
      const pod = await podOf(context, again)
      refuseHarm(context, again, await validatorsBeside(context, again))
      evicted = pod?.metadata?.uid
      if (pod) await evict(context, pod)
    },
    look: async () => {
      const outcome = await lookAtRestart(context, node, evicted)
      if (outcome.kind !== 'stalled') {
        stalledSince = undefined
        return outcome
      }
      stalledSince ??= context.now()
      // The condition may be of the time before.
      return context.now() - stalledSince < STALLED_MS ? { kind: 'waiting', message: outcome.message } : outcome
    },
    what: `the restart of ${node.metadata.name}`,
  }
}

/** By the Eviction API, which asks the PodDisruptionBudget of a pool. Never another pod of the same name. */
async function evict({ cluster, signal }: RestartContext, { metadata = {} }: Pod): Promise<void> {
  const { namespace, name, uid } = metadata
  const path = resourcePath(pods, { namespace, name, subresource: 'eviction' })
  const deleteOptions = { preconditions: { uid } }
  const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { namespace, name }, deleteOptions }
  try {
    await cluster.transport.json({ verb: 'create', resource: pods, namespace, name, path, body, signal })
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    if (error.status === 403)
      throw new PluginError(
        `you may not create pods/eviction in namespace ${namespace}. Ask an administrator for a role with that right`,
      )
    if (error.status !== 429) throw error
    throw new PluginError(`pod ${name} was not evicted: ${error.detail}`)
  }
}

async function lookAtRestart(context: RestartContext, before: SeiNode, evicted: string | undefined): Promise<Outcome> {
  const node = await nodeAgain(context, before)
  const { metadata } = node
  const pod = await podOf(context, node)
  if (pod?.metadata?.uid === evicted || !pod)
    return { kind: 'waiting', message: `${metadata.name}: ${pod ? 'seid stops' : 'the new pod is made'}` }
  const conditions = node.status?.conditions
  const isReady = findCondition(conditions, 'Ready')?.status === 'True' && seidState(pod).ready
  // Status speaks of the seid before until the operator has observed the new one.
  const isObserved = node.status?.chain === undefined || node.status.chain.containerID === seidStart(pod)
  if (isReady && isObserved) return { kind: 'done', message: `${metadata.name}: restarted and Ready` }
  const again: Target = { kind: 'node', object: node }
  return stalledOutcome(again) ?? waitingOutcome(again)
}

/** Throws a PluginError where the node is gone, or another one has its name. */
async function nodeAgain({ cluster, namespace, signal }: RestartContext, { metadata }: SeiNode): Promise<SeiNode> {
  const node = await cluster.client.get(seiNodes, { namespace, name: metadata.name }, { signal })
  if (!node || node.metadata.uid !== metadata.uid) throw new PluginError(`${metadata.name} was deleted meanwhile`)
  return node
}

function podOf({ cluster, namespace, signal }: RestartContext, node: SeiNode): Promise<Pod | undefined> {
  return cluster.client.get(pods, { namespace, name: childNames(node).pod }, { signal })
}

/** All validators of the node's pool; undefined where it is no validator of a pool. */
async function validatorsBeside(
  context: RestartContext,
  { metadata }: SeiNode,
): Promise<readonly PoolValidator[] | undefined> {
  const pool = metadata.labels?.[ORDINAL_LABEL] === undefined ? undefined : metadata.labels[POOL_LABEL]
  return pool === undefined ? undefined : validatorsOf(context, pool)
}

async function validatorsOf(
  { cluster, namespace, signal }: RestartContext,
  pool: string,
): Promise<readonly PoolValidator[]> {
  const options = { namespace, labelSelector: `${POOL_LABEL}=${pool},${ORDINAL_LABEL}`, signal }
  const [nodes, found] = await Promise.all([cluster.client.list(seiNodes, options), cluster.client.list(pods, options)])
  const byName = new Map(found.items.map(pod => [pod.metadata?.name, pod] as const))
  return nodes.items
    .map(node => ({ node, pod: byName.get(childNames(node).pod) }))
    .toSorted(
      (a, b) => Number(a.node.metadata.labels?.[ORDINAL_LABEL]) - Number(b.node.metadata.labels?.[ORDINAL_LABEL]),
    )
}
