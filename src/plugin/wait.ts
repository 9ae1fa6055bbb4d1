/** `kubectl sei wait`: until a node or pool is ready, is stalled, or has a height; `runWait`. */
import { parseGoDuration } from '../lib/go-duration.ts'
import { findCondition } from '../lib/conditions.ts'
import { readNode, readPool } from './cluster/details.ts'
import { findTarget, type Target } from './cluster/find.ts'
import type { Cluster } from './cluster/connect.ts'
import { EXIT_CODES, type ExitCode, PluginError } from './exit-code.ts'
import { progressBar } from './output/progress-bar.ts'
import type { Session } from './session.ts'
import type { ActionContext } from './act/action.ts'
import { follow, type Outcome } from './act/follow.ts'
import { conditionsOf, readAgain, stalledOutcome, waitingOutcome } from './act/look.ts'

export interface WaitOptions {
  readonly for: string
  readonly timeout: string
}

type Goal = { readonly kind: 'ready' | 'stalled' } | { readonly kind: 'height'; readonly height: number }

export async function runWait(session: Session, reference: string, options: WaitOptions): Promise<ExitCode> {
  const goal = parseGoal(options.for)
  const timeoutMs = parseGoDuration(options.timeout)
  if (timeoutMs === undefined || timeoutMs < 0)
    throw new PluginError(
      `--timeout: expected a duration such as 90s, 30m or 2h, found ${options.timeout}`,
      EXIT_CODES.usage,
    )
  const { io } = session
  const cluster = await session.connect()
  const namespace = await session.namespace()
  const target = await findTarget(cluster.client, namespace, reference)
  const context: ActionContext = { cluster, namespace, target, signal: io.signal, now: io.now }
  const look = async (): Promise<Outcome> => {
    const again = await readAgain(context)
    if (goal.kind === 'height') return heightOutcome(cluster, again, goal.height, io.signal)
    return goal.kind === 'ready' ? readyOutcome(again) : stalledGoal(again)
  }
  return follow(io, look, { timeoutMs: timeoutMs === 0 ? undefined : timeoutMs, what: options.for })
}

function parseGoal(text: string): Goal {
  if (text === 'ready' || text === 'stalled') return { kind: text }
  const height = Number(/^height=(\d+)$/.exec(text)?.[1] ?? Number.NaN)
  if (!Number.isSafeInteger(height))
    throw new PluginError(`--for: expected ready, stalled or height=HEIGHT, found ${text}`, EXIT_CODES.usage)
  return { kind: 'height', height }
}

/** Only for the spec as it is now. */
function readyOutcome(target: Target): Outcome {
  const { generation = 0, name } = target.object.metadata
  const isCurrent = (target.object.status?.observedGeneration ?? -1) >= generation
  if (!isCurrent) return { kind: 'waiting', message: `${name}: the operator has not observed the spec yet` }
  if (findCondition(conditionsOf(target), 'Ready')?.status === 'True')
    return { kind: 'done', message: `${name}: Ready` }
  return stalledOutcome(target) ?? waitingOutcome(target)
}

function stalledGoal(target: Target): Outcome {
  const stalled = stalledOutcome(target)
  return stalled?.kind === 'stalled' ? { kind: 'done', message: stalled.message } : waitingOutcome(target)
}

/** Of a pool: every node that answers has it, and one at least does. */
async function heightOutcome(cluster: Cluster, target: Target, height: number, signal: AbortSignal): Promise<Outcome> {
  const { name } = target.object.metadata
  const nodes =
    target.kind === 'node'
      ? [await readNode(cluster, target.object, signal)]
      : (await readPool(cluster, target.object, signal)).members
  const heights = nodes.flatMap(({ live }) => (live.kind === 'known' ? [live.answer.height] : []))
  const least = Math.min(...heights)
  if (heights.length > 0 && least >= height) return { kind: 'done', message: `${name}: height ${least}` }
  const stalled = stalledOutcome(target)
  if (stalled) return stalled
  const [silent] = nodes.flatMap(({ live }) => (live.kind === 'unknown' ? [live.why] : []))
  if (heights.length === 0)
    return { kind: 'waiting', message: `${name}: height unknown: ${silent ?? 'it has no nodes'}` }
  return { kind: 'waiting', message: `${name}: height ${least} of ${height}`, bar: progressBar(least, height) }
}
