/** An action on a node or pool: says what will happen, asks, acts, and follows until it is over; `runAction`. */
import type { Cluster } from '../cluster/connect.ts'
import { findTarget, type Target } from '../cluster/find.ts'
import { operatorWarning, readOperator } from '../cluster/operator.ts'
import { EXIT_CODES, type ExitCode, PluginError } from '../exit-code.ts'
import type { Session } from '../session.ts'
import { follow, type Outcome } from './follow.ts'

export interface ActionOptions {
  readonly yes?: boolean
  /** False: return when the request is made. */
  readonly wait?: boolean
}

/** One thing that is done and then waited for. */
export interface Step {
  readonly act: () => Promise<void>
  /** How far it is, from what the cluster says now. */
  readonly look: () => Promise<Outcome>
  /** What is waited for, such as `the bootstrap of rpc-0`. */
  readonly what: string
}

export interface Action {
  /** What will happen, in plain words; one sentence or more for each line. */
  readonly says: readonly string[]
  /** One after the other; each begins when the one before is done. */
  readonly steps: readonly Step[]
  /** True: it does nothing until an operator runs, and does harm meanwhile. */
  readonly needsOperator?: boolean
}

export interface ActionContext<Connection = Cluster> {
  readonly cluster: Connection
  readonly namespace: string
  readonly target: Target
  readonly signal: AbortSignal
  readonly now: () => number
}

/** Of an action that only reads and patches objects. */
export type ObjectContext = ActionContext<Pick<Cluster, 'client'>>

/** `prepare` throws a PluginError where there is nothing to do, or where acting would do harm. */
export async function runAction(
  session: Session,
  reference: string,
  { yes = false, wait = true }: ActionOptions,
  prepare: (context: ActionContext) => Promise<Action> | Action,
): Promise<ExitCode> {
  const { io } = session
  const cluster = await session.connect()
  const namespace = await session.namespace()
  const [target, operators] = await Promise.all([
    findTarget(cluster.client, namespace, reference),
    readOperator(cluster.client, await session.operatorNamespaces()),
  ])
  const action = await prepare({ cluster, namespace, target, signal: io.signal, now: io.now })
  const warning = operatorWarning(operators, io.now())
  if (warning !== undefined && action.needsOperator === true)
    throw new PluginError(`${warning} Start the operator first`)
  if (warning !== undefined) io.note(io.style.warn(warning))
  io.print(action.says.join('\n'))
  if (!wait && action.steps.length > 1)
    throw new PluginError('the steps of this action wait for each other: leave out --no-wait', EXIT_CODES.usage)
  await confirm(session, yes)
  for (const { act, look, what } of action.steps) {
    await act()
    if (!wait) continue
    const code = await follow(io, look, { what })
    if (code !== EXIT_CODES.ok) return code
  }
  return EXIT_CODES.ok
}

async function confirm({ io }: Session, isAgreed: boolean): Promise<void> {
  if (isAgreed) return
  const answer = await io.ask('Continue? [y/N] ')
  if (answer === undefined)
    throw new PluginError(
      'nothing was changed: there is no terminal to confirm this on, so repeat the command with --yes',
      EXIT_CODES.usage,
    )
  if (!/^y(es)?$/i.test(answer.trim())) throw new PluginError('nothing was changed', EXIT_CODES.usage)
}

/** As messages name it: `SeiNode sei/rpc-0`. */
export function nameOf({ kind, object }: Target): string {
  return `${kind === 'node' ? 'SeiNode' : 'SeiNodePool'} ${object.metadata.namespace}/${object.metadata.name}`
}
